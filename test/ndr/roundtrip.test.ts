/** NDR and NDR64 (C706 14, MS-RPCE 2.2.5): what the tables write they read again, in both byte orders. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WIRE_VARIANT } from '../../dissectors/dcom/variant.js';
import { INTERFACES } from '../../dissectors/index.js';
import type { RpcOperation } from '../../dissectors/ndr/interface.js';
import {
  conformant,
  counted,
  enum16,
  type Member,
  membersOf,
  type NdrType,
  pointer,
  size,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
  varying,
  wideString,
} from '../../dissectors/ndr/types.js';
import { hex } from '../dcerpc/support.js';
import { dependsOnStub, paramsOf } from './arbitrary.js';
import { decode, encode, type Syntax } from './support.js';

const SYNTAXES: readonly (Syntax & { name: string })[] = [
  { name: 'NDR, little endian', ndr64: false, littleEndian: true },
  { name: 'NDR, big endian', ndr64: false, littleEndian: false },
  { name: 'NDR64, little endian', ndr64: true, littleEndian: true },
  { name: 'NDR64, big endian', ndr64: true, littleEndian: false },
];

/** Random values say twice what they are, and each time something else. */
const DISAGREE: ReadonlySet<string> = new Set(['union-tag', 'safearray-types', 'safearray-bounds', 'array-count']);

function check(members: readonly Member[], syntax: Syntax, numRuns: number): void {
  fc.assert(
    fc.property(paramsOf(members), (values) => {
      const bytes = encode(members, values, syntax);
      const again = decode(members, bytes, syntax);
      expect(again.values).toEqual(values);
      expect([again.left, again.notes.filter(({ code }) => !DISAGREE.has(code))]).toEqual([0, []]);
      expect(encode(members, again.values, syntax, again.referents)).toEqual(bytes);
    }),
    { numRuns },
  );
}

const operations: { name: string; op: RpcOperation }[] = INTERFACES.flatMap((i) =>
  Object.values(i.ops)
    .filter((op) => op.decoded)
    .map((op) => ({ name: `${i.name}.${op.name}`, op })),
);

describe.each(SYNTAXES)('$name: write, then read', (syntax) => {
  it.each(operations)('$name', ({ op }) => {
    for (const members of [op.request, op.response])
      if (members.length > 0 && !dependsOnStub(members)) check(members, syntax, 12);
  });
});

describe('layouts, by hand', () => {
  const PAIR = struct('PAIR', 'test', { a: u8, b: u64 });
  const TAGGED = struct('TAGGED', 'test', { n: u16, value: union(u32, { 1: u8, 2: u64 }) });
  const CONFORMANT = struct('CONFORMANT', 'test', { count: u16, data: conformant(u16) });
  const GAPPED = struct('GAPPED', 'test', { a: u64, b: u32, data: conformant(u16) });
  const members = (type: Parameters<typeof membersOf>[1][string]): Member[] => membersOf('test', { v: type });

  it.each([
    [
      'C706 14.3.2: a structure begins where its widest member may',
      PAIR,
      { a: 1, b: 2n },
      '01 00000000000000 0200000000000000',
    ],
    [
      'C706 14.3.8: the tag in front of the arm',
      TAGGED,
      { n: 7, value: { tag: 1, value: 9 } },
      '0700 0000 01000000 09',
    ],
    [
      'C706 14.3.7.1: the count in front of the structure',
      CONFORMANT,
      { count: 2, data: [3, 4] },
      '02000000 0200 0300 0400',
    ],
    ['C706 14.3.3.3: a varying array has three counts', varying(u16), [5], '01000000 00000000 01000000 0500'],
    ['C706 14.3.4.2: a conformant varying string', wideString, 'a', '02000000 00000000 02000000 6100 0000'],
    ['MS-RPCE 2.2.4.2: an enum takes 16 bits', enum16, 3, '0300'],
    ['C706 14.3.10: a null pointer', pointer(u32), null, '00000000'],
  ])('NDR: %s', (_, type, value, bytes) => {
    expect(encode(members(type), { v: value as never })).toEqual(hex(bytes));
    expect(decode(members(type), hex(bytes)).values).toEqual({ v: value });
  });

  it.each([
    [
      '2.2.5.3.4.1: a structure ends where the next could begin',
      PAIR,
      { a: 1, b: 2n },
      '01 00000000000000 0200000000000000',
    ],
    [
      '2.2.5.3.4.4: a union begins where its widest arm may',
      TAGGED,
      { n: 7, value: { tag: 1, value: 9 } },
      '0700 000000000000 01000000 00000000 09 00000000000000',
    ],
    [
      '2.2.5.3.4.1: the gap of a structure stands in front of its conformant array, none behind (go-msrpc, scapy)',
      GAPPED,
      { a: 1n, b: 2, data: [3, 4, 5] },
      '0300000000000000 0100000000000000 02000000 00000000 0300 0400 0500',
    ],
    [
      '2.2.5.3.4.1: as wide as the structure around asks for',
      struct('AROUND', 'test', { a: u64, b: CONFORMANT }),
      { a: 1n, b: { count: 2, data: [3, 4] } },
      '0200000000000000 0100000000000000 0200 000000000000 0300 0400',
    ],
    ['2.2.5.3.2.1: counts take 64 bits', CONFORMANT, { count: 2, data: [3, 4] }, '0200000000000000 0200 0300 0400'],
    ['2.2.5.2.3: an enum takes 32 bits', enum16, 3, '03000000'],
    ['2.2.5.2.5: an __int3264 takes 64 bits', size, 3, '0300000000000000'],
    ['2.2.5.3.5: a null pointer', pointer(u32), null, '0000000000000000'],
  ])('NDR64: MS-RPCE %s', (_, type, value, bytes) => {
    expect(encode(members(type), { v: value as never }, { ndr64: true })).toEqual(hex(bytes));
    expect(decode(members(type), hex(bytes), { ndr64: true })).toMatchObject({ values: { v: value }, left: 0 });
  });
});

describe('hostile counts', () => {
  const LIST = membersOf('test', { v: conformant(struct('S', 'test', { a: u32, b: u32 })) });

  it('attack: a count beyond the stub makes a note, not an array', () => {
    const { values, notes } = decode(LIST, hex('ffffff7f 01000000 02000000'));
    expect(notes.map((n) => n.code)).toEqual(['malformed']);
    expect((values.v as unknown[] | undefined)?.length ?? 0).toBe(0);
  });

  it('attack: a list that never ends, by pointers', () => {
    const NODE: ReturnType<typeof struct> = struct('NODE', 'test', { next: pointer(() => NODE) });
    const { notes } = decode(membersOf('test', { v: pointer(NODE) }), new Uint8Array(4096).fill(1));
    expect(notes.map((n) => n.code)).toEqual(['limit']);
  });

  it('edge: a varying array that claims more than its room', () => {
    const { notes } = decode(membersOf('test', { v: varying(u16) }), hex('01000000 00000000 02000000 0500 0600'));
    expect(notes.map((n) => n.code)).toEqual(['malformed']);
  });
});

describe('what the wire says twice', () => {
  const said = (types: Record<string, NdrType>, bytes: string, ndr64 = false) =>
    decode(membersOf('test', types), hex(bytes), { ndr64 }).notes.map(({ code, message }) => `${code}: ${message}`);

  it('C706 14.3.3.3: a varying array or a string that does not begin with its first element', () => {
    expect(said({ v: varying(u16) }, '03000000 01000000 02000000 0500 0600')).toEqual([
      'array-offset: elements from 1 on: the first that is shown is that one',
    ]);
    expect(said({ v: wideString }, '04000000 02000000 02000000 6100 0000')).toEqual([
      'array-offset: characters from 2 on: the first that is shown is that one',
    ]);
    expect(said({ v: wideString }, '02000000 02000000 02000000 6100 0000').map((s) => s.split(':')[0])).toEqual([
      'malformed',
      'array-offset',
    ]);
    expect(said({ v: varying(u16) }, '03000000 00000000 02000000 0500 0600')).toEqual([]);
  });

  it('C706 4.2.18: size_is, in parameters and in structures, whatever stands first', () => {
    const inside = struct('S', 'test', { n: u32, of: counted('n', pointer(conformant(u16))), x: pointer(u32) });
    const behind = { of: counted('n', conformant(u16)), n: u32 };
    expect(said({ s: inside }, '02000000 00000200 00000000 02000000 0500 0600')).toEqual([]);
    expect(said({ s: inside }, '07000000 00000200 00000000 02000000 0500 0600')).toEqual([
      'array-count: of has 2 elements where n says 7',
    ]);
    expect(said({ s: inside }, '07000000 00000000 00000000')).toEqual([]);
    expect(said(behind, '01000000 0500 0000 02000000')).toEqual(['array-count: of has 1 element where n says 2']);
    expect(said(behind, '0100000000000000 0500 0000 02000000', true)).toEqual([
      'array-count: of has 1 element where n says 2',
    ]);
  });

  it('edge: what is cut off is not told twice', () => {
    const inside = struct('S', 'test', { n: u32, of: counted('n', pointer(conformant(pointer(u16)))) });
    expect(
      said({ s: inside }, '02000000 00000200 02000000 04000200 08000200 0100').map((s) => s.split(':')[0]),
    ).toEqual(['malformed']);
  });
});

describe('what was read of values that are made of others', () => {
  // a VARIANT of VT_I4 7: clSize, rpcReserved, vt, three reserved words, the union's tag, the number
  const SEVEN = '03000000 00000000 0300 0000 0000 0000 03000000 07000000';

  it('stays where what follows is cut', () => {
    const members = membersOf('test', { v: struct('S', 'test', { a: WIRE_VARIANT, b: WIRE_VARIANT, n: u32 }) });
    const { values, notes } = decode(members, hex(`${SEVEN} ${SEVEN} 0100`));
    expect(notes.map((n) => n.code)).toEqual(['malformed']);
    expect(values.v).toMatchObject({ a: { vt: 'VT_I4', value: 7 }, b: { vt: 'VT_I4', value: 7 } });
  });

  it('stays where a referent in front of it is cut', () => {
    const members = membersOf('test', { v: struct('S', 'test', { p: pointer(u32), a: WIRE_VARIANT }) });
    const { values, notes } = decode(members, hex(`00000200 00000000 ${SEVEN} 0100`));
    expect(notes.map((n) => n.code)).toEqual(['malformed']);
    expect(values.v).toMatchObject({ p: null, a: { vt: 'VT_I4', value: 7 } });
  });
});
