/**
 * Ids of objects, libraries and classes: whatever numbers a writer gives, in whatever order, each reference leads to
 * its object. The streams come from a small writer by MS-NRBF that shares nothing with the project's.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonValue, nrbfToJson, type ValueObject } from '../../dissectors/nrbf/index.js';
import { IdMap } from '../../src/core/id-map.js';
import { collidingIds } from '../worst/collisions.js';
import { difference, read } from './support.js';

/** Bytes of MS-NRBF 2.1 to 2.6, as they are asked for. */
class Bytes {
  private readonly parts: number[] = [];

  u8(...bytes: number[]): this {
    this.parts.push(...bytes);
    return this;
  }
  i32(n: number): this {
    return this.u8(n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, (n >> 24) & 0xff);
  }
  text(s: string): this {
    const bytes = Buffer.from(s, 'utf8');
    if (bytes.length > 127) throw new Error('short texts only');
    return this.u8(bytes.length, ...bytes);
  }
  get length(): number {
    return this.parts.length;
  }
  take(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

/** Classes of the made streams: library 0 is the system's. Members: `#` Int32 raw, `$` String, `*` Object. */
const CLASSES = [
  { name: 'App.Person', library: 1, members: { name: '$', age: '#', friend: '*', city: '*' } },
  { name: 'Other.Pair', library: 2, members: { left: '*', right: '*' } },
  { name: 'System.Box', library: 0, members: { content: '*', number: '#' } },
  { name: 'App.Nothing', library: 1, members: {} },
] as const;
const LIBRARIES = ['', 'App, Version=1.0.0.0', 'Other, Version=2.0.0.0'];

type Draw = (most: number) => number;

/** What a stream is to hold: objects by class, arrays, strings. Members and elements name other nodes; -1 is null. */
interface GraphNode {
  readonly kind: 'object' | 'array' | 'string';
  readonly cls: number;
  readonly slots: readonly number[];
  readonly text: string;
}

function graphOf(draw: Draw): GraphNode[] {
  const size = 1 + draw(60);
  const strings = 1 + draw(20);
  const nodes: GraphNode[] = [];
  const any = (): number => (draw(4) === 0 ? -1 : draw(size + strings - 1));
  for (let i = 0; i < size; i++) {
    const cls = draw(CLASSES.length - 1);
    if (draw(4) === 0) nodes.push({ kind: 'array', cls: 0, slots: Array.from({ length: draw(12) }, any), text: '' });
    else {
      const slots = Object.values(CLASSES[cls].members).map((type) =>
        type === '#' ? draw(1000) : type === '$' ? (draw(3) === 0 ? -1 : size + draw(strings - 1)) : any(),
      );
      nodes.push({ kind: 'object', cls, slots, text: '' });
    }
  }
  for (let i = 0; i < strings; i++) nodes.push({ kind: 'string', cls: 0, slots: [], text: `text ${i}` });
  return nodes;
}

/** Different ids for `count` things, in one of the ways in which writers and attackers number. */
function idsFor(count: number, draw: Draw): number[] {
  const style = draw(5);
  const shuffled = Array.from({ length: count }, (_, i) => i + 1);
  if (draw(1) === 1)
    for (let i = count - 1; i > 0; i--) {
      const j = draw(i);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
  const one = (n: number): number => {
    switch (style === 5 ? draw(4) : style) {
      case 0:
        return n;
      case 1:
        return -n;
      case 2:
        return n * 17 + 1000;
      case 3:
        return 2 ** 31 - n * 1009;
      default:
        return -(2 ** 31) + n * 7919;
    }
  };
  const seen = new Set<number>();
  return shuffled.map((n) => {
    let id = one(n);
    while (seen.has(id) || id === 0) id = id >= 2 ** 31 - 1 ? 1 : id + 1;
    seen.add(id);
    return id;
  });
}

/** Writes a graph: some nodes inline where they are met first, the others at the top, in random order. */
class StreamMaker {
  readonly out = new Bytes();
  readonly ids: number[];
  private readonly libraryIds: number[];
  private readonly libraryDone = new Set<number>();
  private readonly done = new Set<number>();
  /** The id of the record that defined each class. */
  private readonly defined = new Map<number, number>();

  constructor(
    readonly nodes: readonly GraphNode[],
    private readonly draw: Draw,
  ) {
    this.ids = idsFor(nodes.length, draw);
    this.libraryIds = idsFor(LIBRARIES.length, draw);
    this.out.u8(0).i32(this.ids[0]).i32(-1).i32(1).i32(0);
    const order = nodes.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = draw(i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (const i of order) if (!this.done.has(i)) this.node(i);
  }

  end(): Uint8Array {
    return this.out.u8(11).take();
  }

  private library(n: number): void {
    if (n === 0 || this.libraryDone.has(n)) return;
    this.libraryDone.add(n);
    this.out.u8(12).i32(this.libraryIds[n]).text(LIBRARIES[n]);
  }

  node(i: number, id = this.ids[i]): void {
    const { kind, cls, slots, text } = this.nodes[i];
    this.done.add(i);
    if (kind === 'string') {
      this.out.u8(6).i32(id).text(text);
      return;
    }
    if (kind === 'array') {
      this.out.u8(16).i32(id).i32(slots.length);
      for (let s = 0; s < slots.length; ) {
        let nulls = 0;
        while (slots[s + nulls] === -1) nulls++;
        if (nulls > 1 && this.draw(1) === 0) {
          if (this.draw(1) === 0) this.out.u8(13, nulls);
          else this.out.u8(14).i32(nulls);
          s += nulls;
        } else this.slot(slots[s++]);
      }
      return;
    }
    const { name, library, members } = CLASSES[cls];
    const metadata = this.defined.get(cls);
    if (metadata !== undefined) this.out.u8(1).i32(id).i32(metadata);
    else {
      this.defined.set(cls, id);
      // A BinaryLibrary stands in front of the record that names it, or (to our leniency) anywhere.
      this.library(library);
      const types = Object.values(members);
      this.out
        .u8(library === 0 ? 4 : 5)
        .i32(id)
        .text(name)
        .i32(types.length);
      for (const member of Object.keys(members)) this.out.text(member);
      for (const type of types) this.out.u8(type === '#' ? 0 : type === '$' ? 1 : 2);
      for (const type of types) if (type === '#') this.out.u8(8);
      if (library !== 0) this.out.i32(this.libraryIds[library]);
    }
    Object.values(members).forEach((type, s) => void (type === '#' ? this.out.i32(slots[s]) : this.slot(slots[s])));
  }

  private slot(i: number): void {
    if (i < 0) this.out.u8(10);
    // an array stands in no other record (MS-NRBF 2.7)
    else if (!this.done.has(i) && this.nodes[i].kind !== 'array' && this.draw(2) === 0) this.node(i);
    else this.out.u8(9).i32(this.ids[i]);
  }
}

/** The graph as VALUEs, with references for everything but text. */
function expected(nodes: readonly GraphNode[]): { root: JsonValue; objects: JsonValue[] } {
  const at = (i: number): JsonValue =>
    i < 0 ? null : nodes[i].kind === 'string' ? { type: 'System.String', value: nodes[i].text } : { ref: i + 1 };
  const objects = nodes.map(({ kind, cls, slots }, i): ValueObject | null => {
    if (kind === 'string') return null;
    if (kind === 'array')
      return { id: i + 1, type: 'System.Object[]', rank: 1, lengths: [slots.length], elements: slots.map(at) };
    const { name, library, members } = CLASSES[cls];
    const entries = Object.entries(members).map(([member, type], s): [string, JsonValue] => [
      member,
      type === '#' ? { type: 'System.Int32', value: slots[s] } : at(slots[s]),
    ]);
    const assembly = library === 0 ? null : LIBRARIES[library];
    return { id: i + 1, type: name, assembly, members: Object.fromEntries(entries) };
  });
  return { root: at(0), objects };
}

const drawn = fc.gen().map((g) => (most: number) => g(fc.integer, { min: 0, max: most }));

describe('ids', () => {
  it('lead to their objects, whatever numbers they are and whichever comes first', () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const nodes = graphOf(draw);
        const made = new StreamMaker(nodes, draw);
        const bytes = made.end();
        const stream = read(bytes);
        expect([stream.complete, stream.length, stream.warnings]).toEqual([true, bytes.length, []]);
        const want = expected(nodes);
        const got = nrbfToJson(stream, { full: true });
        expect(difference(want.root, want, got.root, { ...got, records: [] })).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('that stand for several objects are said once each, and references go to the first', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 5 }), (draw, several) => {
        const nodes = graphOf(draw);
        const made = new StreamMaker(nodes, draw);
        const again = new Map<number, number>();
        const other = nodes.findIndex((node) => node.kind === 'string');
        for (let i = 0; i < several; i++) {
          const id = made.ids[draw(nodes.length - 1)];
          // the id of every string in the XsdString style
          if (id === -1) continue;
          if (!again.has(id)) again.set(id, made.out.length + 1);
          made.node(other, id);
        }
        const stream = read(made.end());
        expect(stream.warnings.map(({ code, offset }) => [code, offset])).toEqual(
          [...again.values()].map((offset) => ['duplicate-id', offset]),
        );
        for (const [i, id] of [...again.keys()].entries()) expect(stream.warnings[i].message).toContain(` ${id} `);
        const want = expected(nodes);
        const got = nrbfToJson(stream, { full: true });
        expect(difference(want.root, want, got.root, { ...got, records: [] })).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('that lead nowhere are said, and shown as missing', () => {
    const out = new Bytes().u8(0).i32(1).i32(-1).i32(1).i32(0);
    out
      .u8(16)
      .i32(1)
      .i32(3)
      .u8(9)
      .i32(-77)
      .u8(10)
      .u8(9)
      .i32(2 ** 31 - 1)
      .u8(11);
    const stream = read(out.take());
    expect(stream.warnings.map((w) => w.code)).toEqual(['dangling-reference', 'dangling-reference']);
    expect(nrbfToJson(stream).root?.elements).toEqual([
      { omitted: true, readable: 'object -77 is not in the stream' },
      null,
      { omitted: true, readable: 'object 2147483647 is not in the stream' },
    ]);
  });
});

describe('a table of ids', () => {
  it('keeps every id that it was given, the first of each', () => {
    const id = fc.oneof(fc.integer({ min: -20, max: 300 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    fc.assert(
      fc.property(fc.array(id, { maxLength: 400 }), (ids) => {
        const table = new IdMap<{ at: number }>();
        const model = new Map<number, number>();
        ids.forEach((key, at) => {
          expect(table.add(key, { at })).toBe(!model.has(key));
          if (!model.has(key)) model.set(key, at);
        });
        for (const key of [...ids, 0, -1, 7, 2 ** 31 - 1]) expect(table.get(key)?.at).toBe(model.get(key));
      }),
    );
  });

  it('stays fast for ids that are chosen to fall together', () => {
    const time = (ids: readonly number[]): number => {
      const before = process.cpuUsage();
      const table = new IdMap<{ at: number }>();
      ids.forEach((key, at) => void table.add(key, { at }));
      for (const key of ids) table.get(key);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    };
    expect(time(collidingIds(100_000))).toBeLessThan(2);
  });
});
