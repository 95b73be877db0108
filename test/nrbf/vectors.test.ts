import { describe, expect, it } from 'vitest';
import { describeNrbf, encodeValues, nrbfToJson, writeNrbf } from '../../dissectors/nrbf/index.js';
import type { Node } from '../../src/core/node.js';
import { difference, HERE, hasShared, read, readRecorded, SHARED, vectors } from './support.js';

const folders = [HERE, ...(hasShared ? [`${SHARED}/valid`] : [])];

for (const folder of folders)
  describe(`golden vectors in ${folder}`, () => {
    const all = vectors(folder);

    it.each(all)('$name decodes whole, to the values of the truth', ({ bytes, truth }) => {
      const stream = read(bytes, { schema: truth.schema });
      expect(stream.warnings).toEqual([]);
      expect([stream.complete, stream.length]).toEqual([true, bytes.length]);
      const document = nrbfToJson(stream, { full: true });
      const values = { ...document, records: [] };
      if (truth.root != null) expect(difference(truth.root, truth, document.root, values)).toBeNull();
      if (truth.message !== undefined) {
        expect(document.call?.kind).toBe(truth.message === 'MethodCall' ? 'call' : 'return');
        if (truth.args !== undefined && truth.partial !== true)
          for (const [i, arg] of truth.args.entries())
            expect(difference(arg, truth, document.call?.args[i] ?? null, values)).toBeNull();
        if (truth.returnValue !== undefined)
          expect(difference(truth.returnValue, truth, document.call?.returnValue ?? null, values)).toBeNull();
      }
      for (const [type, count] of Object.entries(truth.record_counts ?? {}))
        if (typeof count === 'number') expect(document.records.filter((r) => r.type === type).length).toBe(count);
    });

    it.each(all)('$name is written again to the same bytes', ({ bytes, truth }) => {
      const document = nrbfToJson(read(bytes, { schema: truth.schema }), { full: true });
      const again = writeNrbf(JSON.parse(JSON.stringify(document)));
      expect(Buffer.compare(Buffer.from(again), bytes)).toBe(0);
    });

    it.each(all)('$name keeps its values when only they are written', ({ bytes, truth }) => {
      const document = nrbfToJson(read(bytes, { schema: truth.schema }), { full: true });
      const stream = read(encodeValues(JSON.parse(JSON.stringify({ ...document, records: [] }))));
      expect(stream.warnings).toEqual([]);
      const again = nrbfToJson(stream, { full: true });
      expect(difference(document.root, { ...document, records: [] }, again.root, { ...again, records: [] })).toBeNull();
      if (document.call === null) return;
      for (const part of ['method', 'type'] as const) expect(again.call?.[part]).toBe(document.call[part]);
      expect(describeNrbf(stream, 500)).toBe(describeNrbf(read(bytes, { schema: truth.schema }), 500));
    });

    it.each(all)('$name gives the same while recording, and its leaves partition the bytes', ({ bytes, truth }) => {
      const { stream, recording } = readRecorded(bytes, { schema: truth.schema });
      const plain = read(bytes, { schema: truth.schema });
      expect(nrbfToJson(stream)).toEqual(nrbfToJson(plain));
      expect(leaves(recording.roots)).toEqual([]);
    });
  });

if (!hasShared) it.skip('all golden vectors: ../shared/nrbf is not there', () => {});

/** What is wrong with the leaves: gaps, overlaps, and anything undissected. Parents must span their children. */
function leaves(roots: readonly Node[]): string[] {
  const wrong: string[] = [];
  const found: Node[] = [];
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    for (const child of node.children) {
      if (child.start < node.start || child.end > node.end)
        wrong.push(`${child.field.name} sticks out at ${child.start}`);
      todo.push(child);
    }
    if (node.children.length === 0 && node.end > node.start) found.push(node);
    if (node.role === 'undissected') wrong.push(`undissected at ${node.start}`);
  }
  found.sort((a, b) => a.start - b.start);
  for (let i = 1; i < found.length; i++)
    if (found[i].start !== found[i - 1].end) wrong.push(`${found[i - 1].end} to ${found[i].start}`);
  return wrong;
}
