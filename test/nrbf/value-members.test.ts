/** What VALUEs once lost: members of one name (a public field that hides that of a base class), names that JavaScript has, headers, kinds of time. */
import { describe, expect, it } from 'vitest';
import { encodeValues, type JsonValue, nrbfToJson, type ValueObject } from '../../dissectors/nrbf/index.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { read } from './support.js';

const name = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
const int32 = (...values: number[]): Buffer => Buffer.concat(values.map((n) => Buffer.from(Int32Array.of(n).buffer)));

/** An object of a system class whose members are all Int32: 1, 2, 3 … (MS-NRBF 2.3.2.3). */
function stream(members: readonly string[]): Uint8Array {
  return Buffer.concat([
    ...[Buffer.of(0), int32(1, -1, 1, 0), Buffer.of(4), int32(1), name('App'), int32(members.length)],
    ...members.map(name),
    ...[Buffer.alloc(members.length, 0), Buffer.alloc(members.length, 8), int32(...members.map((_, i) => i + 1))],
    Buffer.of(11),
  ]);
}

function document(bytes: Uint8Array): { root: JsonValue; headers?: JsonValue } {
  return JSON.parse(JSON.stringify(nrbfToJson(read(bytes), { full: true })));
}

const numbers = (root: JsonValue): [string, unknown][] =>
  Object.entries(root?.members ?? {}).map(([key, value]) => [key, value?.value]);

describe('members of one name', () => {
  it('are all there, the first under its name', () => {
    const { root } = document(stream(['a', 'b', 'a', 'a']));
    expect(numbers(root)).toEqual([
      ['a', 1],
      ['b', 2],
      ['a (2)', 3],
      ['a (3)', 4],
    ]);
    expect(root?.memberNames).toEqual({ 'a (2)': 'a', 'a (3)': 'a' });
  });

  it.each([
    [['a', 'a (2)', 'a', 'a (2)']],
    [['__proto__', '__proto__', 'constructor', 'constructor']],
    [['1', 'x', '1', '0']],
    [['', '', '']],
  ])('%j are written again', (members) => {
    const bytes = stream(members);
    const { root } = document(bytes);
    expect(
      numbers(root)
        .map(([, value]) => value)
        .sort(),
    ).toEqual(members.map((_, i) => i + 1));
    const again = document(encodeValues({ root })).root;
    // JavaScript has names that look like indexes first: .NET finds members by their names
    expect(again).toEqual(root);
    if (!members.includes('1')) expect(Buffer.from(encodeValues({ root })).equals(bytes)).toBe(true);
  });

  it('take no longer the more there are', () => {
    const twice = ['a', ...Array.from({ length: 20000 }, (_, i) => `a (${i + 2})`)];
    const begun = performance.now();
    const { root } = document(stream([...twice, ...new Array<string>(20000).fill('a')].map((x) => x)));
    expect(Object.keys(root?.members ?? {}).length).toBe(40001);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('names that no member has are refused', () => {
    const root = { type: 'App', members: {}, memberNames: { b: 'a' } };
    expect(() => encodeDocument({ kind: 'nrbf', root }, new Map())).toThrow('root.memberNames.b: members has no b');
  });
});

describe('members called as what JavaScript has', () => {
  it.each(['constructor', 'prototype', '__proto__', 'toString'])('%s is looked at', (key) => {
    const json = `{"kind":"nrbf","root":{"type":"App","members":{"${key}":{"type":"System.Int32","value":2147483648}}}}`;
    expect(() => encodeDocument(JSON.parse(json), new Map())).toThrow(`root.members.${key}.value: a whole number`);
  });
});

describe('kinds of DateTime', () => {
  const TICKS = 630822816000000000n;
  it.each([0n, 1n, 2n, 3n])('%s is written again', (kind) => {
    const raw = Buffer.alloc(8);
    raw.writeBigUInt64LE((kind << 62n) | TICKS);
    const bytes = Buffer.concat([
      ...[Buffer.of(0), int32(1, -1, 1, 0), Buffer.of(4), int32(1), name('App'), int32(1), name('When')],
      ...[Buffer.of(0, 13), raw, Buffer.of(11)],
    ]);
    const { root } = document(bytes);
    const when = { type: 'System.DateTime', ticks: String(TICKS), kind: Math.min(Number(kind), 2) };
    expect(root?.members?.When).toEqual(kind === 3n ? { ...when, daylight: true } : when);
    expect(Buffer.from(encodeDocument({ kind: 'nrbf', root }, new Map())).equals(bytes)).toBe(true);
  });

  it('daylight is said of local times alone', () => {
    const When = { type: 'System.DateTime', ticks: '1', kind: 1, daylight: true };
    const root = { type: 'App', members: { When } };
    expect(() => encodeDocument({ kind: 'nrbf', root }, new Map())).toThrow('root.members.When.daylight: ');
  });
});

describe('headers', () => {
  const header: ValueObject = { type: 'App', assembly: null, members: { Name: { type: 'System.String', value: 'h' } } };
  const array: ValueObject = { type: 'App[]', assembly: null, rank: 1, lengths: [1], elements: [header] };

  it.each<[string, ValueObject]>([
    ['an object', { type: 'App', assembly: null, members: { X: { type: 'System.Int32', value: 7 } } }],
    ['text', { type: 'System.String', value: 'root' }],
  ])('beside %s are written', (_, root) => {
    const bytes = encodeDocument({ kind: 'nrbf', root, headers: array }, new Map());
    const back = document(bytes);
    expect([back.root, back.headers]).toEqual([root, array]);
  });

  it('are an array, beside a graph, of VALUEs', () => {
    const root = { type: 'System.String', value: 'root' };
    const refusal = (json: object) => () => encodeDocument({ kind: 'nrbf', ...json }, new Map());
    expect(refusal({ root, headers: header })).toThrow('headers: an array is wanted');
    expect(refusal({ call: { kind: 'return', args: [] }, headers: array })).toThrow('headers: a message has none');
    expect(refusal({ root, headers: { ...array, lengths: [2] } })).toThrow('headers.elements: 2 are wanted');
  });
});
