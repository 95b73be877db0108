/** A field that is listed has its value in some capture, or it would not be listed. */
import { describe, expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import type { Frame } from '../../src/core/frame.js';
import type { Node, Scalar } from '../../src/core/node.js';
import { safe } from '../../src/core/safe-text.js';
import { scanFrames } from '../../src/engine/frames.js';
import { fieldKind } from '../../src/filter/field-table.js';
import { formatNode, formatValue } from '../../src/filter/format.js';
import { compileFilter } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { allCaptures } from './captures.js';

const known = knownFields();

/** What all captures show, gathered in one pass over each. */
interface Seen {
  /** Names with a value, or with a node where they are no values. */
  readonly here: Set<string>;
  /** Names that are not known, or of another kind. */
  readonly wrong: Set<string>;
  /** Texts with a NUL or half a character. */
  readonly unprintable: Set<string>;
  /** Of each field the first node with a value, and its frame. */
  readonly first: Map<string, Sight>;
}

interface Sight {
  readonly node: Node;
  readonly frame: Frame;
}

/** Half of a character that takes two units of UTF-16. */
const LONE = /[\ud800-\udfff]/u;

/** Whether a BSTR lies in a node or right below it: its length is told, so that zeros in it are characters. */
const holdsBstr = ({ children }: Node): boolean =>
  children.some(
    (c) => c.field.name.endsWith('.bstr.cbytes') || c.children.some((g) => g.field.name.endsWith('.bstr.cbytes')),
  );

let gathered: Promise<Seen> | null = null;
const captures = allCaptures();

async function gather(): Promise<Seen> {
  const seen: Seen = {
    here: new Set(),
    wrong: new Set(),
    unprintable: new Set(),
    first: new Map(),
  };
  for (const { name: capture, file, isShared, secrets } of captures) {
    const look = (node: Node, frame: Frame, inBstr: boolean): void => {
      const { field, value } = node;
      if (value !== null || field.type === 'none') {
        // what only shared captures show is not shown on a fresh clone
        if (!isShared) seen.here.add(field.name);
        if (!seen.first.has(field.name)) seen.first.set(field.name, { node, frame });
      }
      const entry = known.get(field.name);
      if (entry === undefined) seen.wrong.add(`${field.name} is not known`);
      else if (entry.kind !== fieldKind(field.type))
        seen.wrong.add(`${field.name} is ${field.type}, not ${entry.type}`);
      for (const text of [typeof value === 'string' ? value : '', node.display ?? ''])
        if ((text.includes('\0') && !inBstr) || LONE.test(text))
          seen.unprintable.add(`${capture}: ${field.name} ${JSON.stringify(text)}`);
      if (safe(formatNode(node)).includes('\0')) seen.unprintable.add(`${capture}: the column ${field.name}`);
    };
    await scanFrames(
      file,
      protocols({ secrets: await secrets() }),
      dissectFrame,
      {},
      (frame) => {
        const todo = frame.roots.flat().map((node) => ({ node, inBstr: false }));
        for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
          const inBstr = next.inBstr || holdsBstr(next.node);
          look(next.node, frame, inBstr);
          for (const node of next.node.children) todo.push({ node, inBstr });
        }
      },
      {},
    );
  }
  return seen;
}

const seen = (): Promise<Seen> => {
  gathered ??= gather();
  return gathered;
};

/** Known names that none of these captures show. */
const unmet = (met: ReadonlySet<string>): string[] =>
  known
    .list()
    .filter((entry) => !entry.of.some((name) => met.has(name)))
    .map((entry) => entry.name);

describe('every field that is listed', () => {
  it('has its value in a sample or a made capture', async () => {
    expect(unmet((await seen()).here)).toEqual([]);
  });
});

describe('every node of every tree', () => {
  it('has a name that is listed, of the same kind', async () => {
    expect([...(await seen()).wrong]).toEqual([]);
  });

  it('has text without NUL and without half characters', async () => {
    expect([...(await seen()).unprintable]).toEqual([]);
  });
});

/** A value as a filter has it behind `==`. */
function literal({ field, value }: Node): string {
  const text = formatValue(field, value as Exclude<Scalar, null>);
  const kind = fieldKind(field.type);
  if (kind === 'string' || kind === 'time') return `"${text.replace(/["\\]/g, '\\$&')}"`;
  return kind === 'bytes' ? text.replace(/[^0-9a-f]/g, '').replace(/..(?=.)/g, '$&:') : text;
}

describe('a filter', () => {
  const finds = (filter: string, { frame }: Sight): boolean => compileFilter(filter, known).matches(frame);

  it('finds every field by its name, fields with children too', async () => {
    const { first } = await seen();
    expect([...first].filter(([name, sight]) => !finds(name, sight)).map(([name]) => name)).toEqual([]);
  });

  it('finds every field by its value, and not where it is another', async () => {
    const { first } = await seen();
    const wrong: string[] = [];
    for (const [name, sight] of first) {
      const { node } = sight;
      // groups have no value, and bytes of none cannot be written
      if (node.field.type === 'none' || formatNode(node) === '') continue;
      const filter = `${name} == ${literal(node)}`;
      if (!finds(filter, sight)) wrong.push(filter);
      if (finds(`not ${name}`, sight)) wrong.push(`not ${name}`);
    }
    expect(wrong).toEqual([]);
  });
});
