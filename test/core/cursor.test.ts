import { describe, expect, it } from 'vitest';
import { Cursor } from '../../src/core/cursor.js';
import { field, type Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource, locate } from '../../src/core/source.js';

const A = field('t.a', 'A', 'uint16');
const G = field('t.g', 'Group');

const cursor = (hex: string, claimed?: number) => {
  const recording = new Recording(true);
  return { recording, c: new Cursor(fileSource('PDU', Buffer.from(hex, 'hex')), recording, claimed) };
};

describe('Cursor', () => {
  it('a long text up to a zero byte is whole', () => {
    const text = `${'a\u00e9'.repeat(5000)}z`;
    const { c, recording } = cursor(Buffer.from(`${text}\0.`, 'latin1').toString('hex'));
    expect(c.cString(A)).toBe(text);
    expect(c.pos).toBe(10_002);
    expect(recording.roots[0].value).toBe(text);
  });

  it('returns the same values whether or not it records', () => {
    const off = new Cursor(fileSource('PDU', Buffer.from('01020304', 'hex')), new Recording(false));
    const { c, recording } = cursor('01020304');
    expect([off.u16(A), off.u16(A)]).toEqual([c.u16(A), c.u16(A)]);
    expect(recording.roots.map((n) => [n.start, n.end, n.value])).toEqual([
      [0, 2, 0x0201],
      [2, 4, 0x0403],
    ]);
  });

  it('tells what was not captured from what cannot be there', () => {
    const lost = cursor('01', 8);
    lost.c.frame(G, 8, (c) => c.u16(A), null);
    const wrong = cursor('01');
    wrong.c.frame(G, 1, (c) => c.u16(A), null);
    expect(lost.recording.notes.map((n) => n.code)).toEqual(['truncated']);
    expect(wrong.recording.notes.map((n) => n.code)).toEqual(['malformed']);
  });

  it('what nobody read is told in each node that has a part of it', () => {
    const { c, recording } = cursor('0102030405060708');
    c.group(
      G,
      () => {
        c.u16(A);
        c.pos = 4;
      },
      null,
    );
    c.pos = 6;
    c.u16(A);
    recording.finish();
    const shape = (nodes: readonly Node[]): unknown[] =>
      nodes.map((n) => [n.field.name, n.start, n.end, ...shape(n.children)]);
    expect(shape(recording.roots)).toEqual([
      ['t.g', 0, 4, ['t.a', 0, 2], ['undissected', 2, 4]],
      ['undissected', 4, 6],
      ['t.a', 6, 8],
    ]);
  });

  it('goes on behind a frame in which reading failed, and fills what nobody read', () => {
    const { c, recording } = cursor('0102030405060708');
    c.frame(G, 5, (f) => [f.u16(A), f.fail('no')], null);
    expect(c.pos).toBe(5);
    c.u16(A);
    recording.finish();
    expect(recording.roots[0].children.map((n) => [n.field.name, n.start, n.end])).toEqual([
      ['t.a', 0, 2],
      ['undissected', 2, 5],
    ]);
    expect(recording.roots.map((n) => [n.field.name, n.start, n.end])).toEqual([
      ['t.g', 0, 5],
      ['t.a', 5, 7],
      ['undissected', 7, 8],
    ]);
  });

  it('refuses counts that the bytes left cannot hold', () => {
    const { c, recording } = cursor('01020304');
    c.frame(G, 4, (f) => f.items(0xffffffff, 1), null);
    expect(recording.notes[0].code).toBe('malformed');
  });

  it('places deferred data below its pointer, and derived data on the level it was made on', () => {
    const { c, recording } = cursor('aaaabbbbcccc');
    const pointer = c.group(G, (g) => [g.u16(A), g.here] as const, null)[1];
    c.u16(A);
    c.below(pointer, (d) => d.u16(A), null);
    const inner = c.over({
      kind: 'derived',
      name: 'Inside',
      bytes: Buffer.from('0102', 'hex'),
      from: { source: c.source, start: 0, end: 2 },
    });
    recording.finish();
    expect(recording.roots[0].children.map((n) => n.start)).toEqual([0, 4]);
    expect(recording.roots.at(-1)?.source).toBe(inner.source);
    expect(locate({ source: inner.source, start: 0, end: 1 })).toEqual([{ at: 0, length: 2, frame: 0, fileOffset: 0 }]);
  });

  it('stops data inside data at 64 levels', () => {
    const { c, recording } = cursor('0102');
    c.frame(
      G,
      2,
      (f) => {
        for (let inner = f; ; ) inner = inner.over(f.source);
      },
      null,
    );
    expect(recording.notes.map((n) => n.code)).toEqual(['limit']);
  });

  it('text that ends at a zero: the zero is no part of it, what lies behind is padding', () => {
    const T = field('t.t', 'T', 'string');
    for (const [bytes, wide, told] of [
      ['4b657949736f00', false, 'KeyIso'],
      ['4b657949736f', false, 'KeyIso'],
      ['4b657900ff0041', false, 'Key'],
      ['00', false, ''],
      ['', false, ''],
      // malformed UTF-8 is shown by a character of three bytes
      ['c3004100', false, '\ufffd'],
      ['4b006500790000004100', true, 'Key'],
      ['e9000000', true, '\u00e9'],
      ['0000', true, ''],
    ] as const) {
      const length = bytes.length / 2;
      const { c, recording } = cursor(`${bytes}7777`);
      expect(c.terminated(T, length, wide)).toBe(told);
      expect(c.pos).toBe(length);
      recording.finish();
      const [leaf, ...rest] = recording.roots;
      expect(leaf.value).toBe(told);
      expect(rest.map((n) => n.role).filter((role) => role !== 'undissected')).toEqual(
        leaf.end < length ? ['padding'] : [],
      );
      const off = new Cursor(fileSource('PDU', Buffer.from(bytes, 'hex')), new Recording(false));
      expect(off.terminated(T, length, wide)).toBe(told);
    }
    const big = cursor('004b00000041');
    big.c.littleEndian = false;
    expect(big.c.terminated(T, 6, true)).toBe('K');
  });

  it('a group of bytes is these bytes, with children or without', () => {
    const B = field('t.b', 'B', 'bytes');
    const { c, recording } = cursor('0102030405');
    c.group(B, (g) => g.u16(A), null);
    c.group(G, (g) => g.u16(A), null);
    expect(recording.roots.map((n) => n.value)).toEqual([Buffer.from('0102', 'hex'), null]);
  });
});
