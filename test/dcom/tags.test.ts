/** Values say what they are by a tag that no member of an IDL structure can pass for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BSTR } from '../../dissectors/dcom/bstr.js';
import { managedOf } from '../../dissectors/dcom/managed.js';
import { INTERFACE_POINTER } from '../../dissectors/dcom/objref.js';
import { valueText } from '../../dissectors/dcom/value-text.js';
import { VARIANT } from '../../dissectors/dcom/variant.js';
import { KIND, kindOf } from '../../dissectors/ndr/kinds.js';
import {
  fixed,
  i32,
  membersOf,
  type NdrType,
  type NdrValue,
  narrowString,
  struct,
  u8,
  u32,
} from '../../dissectors/ndr/types.js';
import { valueFromDocument } from '../../src/encode/documents/from-document.js';
import { valueToDocument } from '../../src/encode/values.js';
import { valueToJson } from '../../src/output/value.js';
import { hex } from '../dcerpc/support.js';
import { decode, decodeOne, encode } from '../ndr/support.js';

/** Names of the members of all tagged values, and of what they were once told apart by. */
const NAMES = [
  ...['kind', 'bytes', 'cBytes', 'nrbf', 'type', 'iid', 'ipid', 'oxid', 'vt', 'value', 'elements', 'bounds'],
  ...['layout', 'alternatives', 'bindings', 'securityBindings', 'id', 'size', 'data', 'floors', 'number', 'tag'],
];
const TYPES: readonly NdrType[] = [u32, i32, fixed(u8, 4), narrowString];

describe('structures of any interface', () => {
  it('keep every member in JSON, text and documents, whatever its name', () => {
    const member = fc.tuple(fc.constantFrom(...NAMES), fc.nat({ max: TYPES.length - 1 }), fc.nat());
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: ([name]) => name, minLength: 1 }), (members) => {
        const S = struct('S', 'odd', Object.fromEntries(members.map(([name, type]) => [name, TYPES[type]])));
        const value = Object.fromEntries(
          members.map(([name, type, n]) => [name, [n >>> 0, n | 0, Uint8Array.of(n, 2, 3, 4), 'objref'][type]]),
        );
        const table = membersOf('odd', { s: S });
        const { values } = decode(table, encode(table, { s: value }));
        expect(values.s).toEqual(value);
        expect(kindOf(values.s)).toBeNull();
        expect(Object.keys(valueToJson(values.s, { full: true }) as object)).toEqual(Object.keys(value));
        const document = valueToDocument(S, values.s);
        expect(encode(table, { s: valueFromDocument(S, document, 's') })).toEqual(encode(table, { s: value }));
        const text = valueText(values.s);
        expect(text).toMatch(/^\{ .* \}$/);
        for (const [name] of members.slice(0, 2)) expect(text).toContain(members.length === 1 ? '' : name);
        expect(managedOf(S, values.s).managedType).toBe('S');
      }),
    );
  });

  it('what is tagged stays so behind a type with another name or format', () => {
    expect(kindOf(decodeOne(BSTR, hex('00000200 01000000 02000000 01000000 6100')).value)).toBe('bstr');
    expect(decodeOne(INTERFACE_POINTER, hex('00000000')).value).toBeNull();
  });
});

describe('arrays in a VARIANT (MS-OAUT 2.2.7, 2.2.8)', () => {
  /** Of an answer of IDispatch.Invoke as go-msrpc sends it: no VARTYPE in the array, doubles as 8-byte integers. */
  const DOUBLES =
    hex(`00000200 00000000 09000000 00000000 0520 0000 0000 0000 00200000 10000200 01000000 0100 0000 08000000
    00000000 14000000 02000000 14000200 02000000 00000000 02000000 00000000 0000f83f 00000000 000002c0`);
  /** The same with another VARENUM in the VARIANT. */
  const as = (vt: number): Uint8Array => {
    const bytes = Uint8Array.from(DOUBLES);
    bytes[16] = vt;
    return bytes;
  };

  it.each([
    [5, 'VT_R8', [1.5, -2.25], 'System.Double[]'],
    [7, 'VT_DATE', [1.5, -2.25], 'System.DateTime[]'],
    [20, 'VT_I8', [4609434218613702656n, -4611123068473966592n], 'System.Int64[]'],
    [21, 'VT_UI8', [4609434218613702656n, 13835621005235585024n], 'System.UInt64[]'],
    [6, 'VT_CY', [4609434218613702656n, -4611123068473966592n], 'System.Decimal[]'],
  ])('VARENUM %i: the elements are %s', (vt, name, elements, managed) => {
    const { value, notes, left } = decodeOne(VARIANT, as(vt));
    expect([left, notes]).toEqual([0, []]);
    expect(value).toMatchObject({ vt: `VT_ARRAY|${name}`, value: { vt: name, elements } });
    expect(managedOf(VARIANT, value).content?.managedType).toBe(managed);
    const table = membersOf('test', { value: VARIANT });
    expect(decode(table, encode(table, { value })).values).toEqual({ value });
  });

  it('a VARENUM of another size than the elements does not change what was read', () => {
    const { value } = decodeOne(VARIANT, as(2));
    expect(value).toMatchObject({ value: { elements: [4609434218613702656n, 13835621005235585024n] } });
  });

  it('arrays inside an array have types of their own', () => {
    const array = (vt: string, sfType: number, elements: NdrValue[]): NdrValue => ({
      ...{ [KIND]: 'safearray', vt, features: [], bounds: [{ lower: 0, count: elements.length }], elements },
      ...{ cbElements: 8, cLocks: 0, sfType, pointers: 2 },
    });
    const variant = (vt: string, value: NdrValue): NdrValue => ({ [KIND]: 'variant', vt, value, clSize: 4 });
    const value = variant(
      'VT_ARRAY|VT_VARIANT',
      array('VT_VARIANT', 12, [
        variant('VT_ARRAY|VT_R8', array('VT_R8', 20, [0.5])),
        variant('VT_ARRAY|VT_I8', array('VT_I8', 20, [-3n])),
        variant('VT_ARRAY|VT_BOOL', array('VT_BOOL', 2, [-1, 0])),
      ]),
    );
    const table = membersOf('test', { value: VARIANT });
    expect(decode(table, encode(table, { value })).values).toEqual({ value });
  });
});
