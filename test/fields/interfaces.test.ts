/** Every parameter of every decoded operation has the value in its field that was encoded. */
import { describe, expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import type { Node } from '../../src/core/node.js';
import { scanFrames } from '../../src/engine/frames.js';
import { withCapture } from '../columns.js';
import { nodes } from '../dcerpc/support.js';
import { LAYOUTS, MADE, madeCalls } from './made-interfaces.js';
import { plain, type Sight } from './sights.js';

/** The trees of a capture's requests and responses, in order. */
async function stubTrees(bytes: Uint8Array): Promise<Node[][]> {
  const found: Node[][] = [];
  await withCapture(bytes, (file) =>
    scanFrames(
      file,
      protocols(),
      dissectFrame,
      {},
      ({ roots }) => {
        const all = nodes(roots.flat());
        const type = all.find((n) => n.field.name === 'dcerpc.pkt_type')?.value;
        if (type === 0 || type === 2) found.push(all);
      },
      {},
    ),
  );
  return found;
}

/** Values of each name in their order. */
function byName(sights: Iterable<Sight>): Map<string, unknown[]> {
  const names = new Map<string, unknown[]>();
  for (const [name, value] of sights) {
    const known = names.get(name);
    if (known === undefined) names.set(name, [value]);
    else known.push(value);
  }
  return names;
}

describe.each(LAYOUTS.map((layout, i) => ({ ...layout, made: MADE[i] })))('$name', ({ made, ...layout }) => {
  it('every parameter shows what was encoded', async () => {
    const calls = madeCalls(layout).flatMap(({ request, response }) => [request, response]);
    const trees = await stubTrees(made.bytes());
    expect(trees.length).toBe(calls.length);
    const wrong: string[] = [];
    calls.forEach((stub, i) => {
      const shown = byName(trees[i].filter((n) => n.value !== null).map((n): Sight => [n.field.name, plain(n.value)]));
      for (const [name, wanted] of byName(stub.sights)) {
        const had = shown.get(name) ?? [];
        if (String(had) !== String(wanted)) wrong.push(`${stub.name}: ${name} is ${had}, not ${wanted}`);
      }
      for (const n of trees[i])
        if (n.role === 'undissected') wrong.push(`${stub.name}: ${n.end - n.start} bytes undissected`);
    });
    expect(wrong).toEqual([]);
  });
});
