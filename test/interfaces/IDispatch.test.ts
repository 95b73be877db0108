/** IDispatch (MS-OAUT 3.1.4): by-reference VARIANTs in both layouts that are seen, and the line that people read. */
import { describe, expect, it } from 'vitest';
import { VARIANT } from '../../dissectors/dcom/variant.js';
import { IDispatch } from '../../dissectors/interfaces/IDispatch.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { hex } from '../dcerpc/support.js';
import { decodeOne } from '../ndr/support.js';

describe('VARIANT by reference (MS-OAUT 2.2.29.2)', () => {
  it('dispatch.pcap, call 28: two referents, as go-msrpc writes numbers', () => {
    const bytes = hex(
      '05010000 00000000 05000000 00000000 1440 0000 0000 0000 14400000 25010000 29010000 00000000 bf931217a42cd0f7',
    );
    const { value, left } = decodeOne(VARIANT, bytes, { referencesTwice: true });
    expect(value).toMatchObject({ vt: 'VT_BYREF|VT_I8', value: -589922467912182849n, referents: 2 });
    expect(left).toBe(0);
  });

  it('one referent, as the IDL says', () => {
    const bytes = hex('05010000 00000000 04000000 00000000 0340 0000 0000 0000 03400000 25010000 2a000000');
    const { value, left } = decodeOne(VARIANT, bytes);
    expect(value).toEqual({ [KIND]: 'variant', vt: 'VT_BYREF|VT_I4', value: 42, clSize: 4 });
    expect(left).toBe(0);
  });

  it('a CY has one referent in both', () => {
    const bytes = hex('05010000 00000000 04000000 00000000 0640 0000 0000 0000 06400000 45010000 27115e82df000000');
    for (const referencesTwice of [false, true])
      expect(decodeOne(VARIANT, bytes, { referencesTwice }).value).toMatchObject({ value: 959964909863n });
  });
});

describe('IDispatch.Invoke, in words', () => {
  const variant = (value: unknown) => ({ [KIND]: 'variant', vt: 'VT_I4', value, clSize: 3 });
  const asked = {
    dispIdMember: 0x60020003,
    dwFlags: 1,
    pDispParams: { rgvarg: [variant(1), variant(2), variant(null)] },
    rgVarRefIdx: [2],
    rgVarRef: [variant(7)],
  };
  const noFailure = { wCode: 0, scode: '0x00000000', bstrDescription: null };

  it('arguments from left to right, those by reference in their place', () => {
    const told = { pVarResult: variant(3), pExcepInfo: noFailure, rgVarRef: [variant(8)] };
    expect(IDispatch.ops[6].summarize?.({ in: asked, out: told } as never)).toEqual({
      arguments: 'method 0x60020003, ref 7, 2, 1',
      result: '3, ref 8',
    });
  });

  it('2.2.33 arguments with names: the first values have them, and a property is set to the one that has none', () => {
    const text = (rgdispidNamedArgs: number[], dwFlags: number) =>
      IDispatch.ops[6].summarize?.({
        in: {
          ...asked,
          dwFlags,
          pDispParams: { ...asked.pDispParams, rgdispidNamedArgs },
          rgVarRefIdx: [],
          rgVarRef: [],
        },
        out: null,
      } as never)?.arguments;
    expect(text([5, 7], 1)).toBe('method 0x60020003, null, 0x7: 2, 0x5: 1');
    expect(text([-3], 4)).toBe('put 0x60020003, null, 2, 1');
  });

  it('what comes back by reference stands in the order of the arguments', () => {
    const told = { pVarResult: null, pExcepInfo: noFailure, rgVarRef: [variant(10), variant(30), variant(20)] };
    const request = { ...asked, rgVarRefIdx: [0, 2, 1], rgVarRef: [variant(1), variant(3), variant(2)] };
    expect(IDispatch.ops[6].summarize?.({ in: request, out: told } as never)).toEqual({
      arguments: 'method 0x60020003, ref 3, ref 2, ref 1',
      result: 'null, ref 30, ref 20, ref 10',
    });
  });

  it('2.2.24 CURRENCY counts ten-thousandths: people read the amount', () => {
    const amounts = { [KIND]: 'safearray', vt: 'VT_CY', elements: [5n, -10000n] };
    const rgvarg = [
      { ...variant(amounts), vt: 'VT_ARRAY|VT_CY' },
      { ...variant(125000n), vt: 'VT_CY' },
      { ...variant(125000n), vt: 'VT_I8' },
    ];
    const call = { in: { ...asked, pDispParams: { rgvarg }, rgVarRefIdx: [] }, out: null };
    expect(IDispatch.ops[6].summarize?.(call as never)?.arguments).toBe(
      'method 0x60020003, 125000, 12.5, [0.0005, -1]',
    );
  });

  it('an exception instead of a result', () => {
    const told = { pVarResult: null, pExcepInfo: { ...noFailure, scode: '0x80131509', bstrDescription: 'no' } };
    expect(IDispatch.ops[6].summarize?.({ in: asked, out: told } as never)?.result).toBe('exception no');
  });

  it('edge: a stub that ended early', () => {
    expect(IDispatch.ops[6].summarize?.({ in: { dispIdMember: 1 }, out: {} } as never)).toEqual({});
  });
});

describe('2.2.29.2: numbers by reference, as impacket marshals them', () => {
  it.each([
    ['VT_BYREF|VT_I4', 7, '0340 000000000000 03400000', '0cf7000000000000 07000000'],
    ['VT_BYREF|VT_I2', 5, '0240 000000000000 02400000', '84cc000000000000 0500'],
    ['VT_BYREF|VT_R8', 1.5, '0540 000000000000 05400000', 'f91b000000000000 000000000000f83f'],
  ])('%s, in NDR64', (vt, value, front, behind) => {
    const bytes = hex(`b556000000000000 05000000 00000000 ${front} bdbdbdbd ${behind}`);
    const read = decodeOne(VARIANT, bytes, { ndr64: true });
    expect(read).toMatchObject({ value: { vt, value, clSize: 5 }, left: 0, notes: [] });
  });
});

describe('what a VARIANT says twice', () => {
  const codes = (bytes: string): string[] => decodeOne(VARIANT, hex(bytes)).notes.map(({ code }) => code);

  it('2.2.29.2: its type and the tag of its union', () => {
    const number = (vt: string, tag: string) =>
      codes(`01000000 00000000 03000000 00000000 ${vt} 000000000000 ${tag} 07000000`);
    expect(number('0300', '03000000')).toEqual([]);
    expect(number('0a00', '0a000000')).toEqual([]);
    expect(number('0800', '03000000')).toEqual(['union-tag']);
  });

  it('2.2.26: a DECIMAL has 28 digits behind the point at most, and two signs', () => {
    const decimal = (scale: string, sign: string) =>
      codes(
        `01000000 00000000 03000000 00000000 0e00 000000000000 0e000000 00000000 0000 ${scale} ${sign} 00000000 0700000000000000`,
      );
    expect(decimal('1c', '80')).toEqual([]);
    expect(decimal('1d', '00')).toEqual(['decimal-malformed']);
    expect(decimal('00', '01')).toEqual(['decimal-malformed']);
  });

  it('2.2.30.10: the type and the number of an array’s elements', () => {
    // an array in a VARIANT: its vt, the features and locks, SF_TYPE with its elements, the count of the bounds
    const array = (vt: string, own: string, elements: string, count = '01000000') =>
      codes(`01000000 00000000 03000000 00000000 ${vt} 000000000000 00200000 02000000
        01000000 0100 ${own} ${elements.slice(0, 8)} 01000000 04000000 ${count} 00000000 01000000 ${elements.slice(9)}`);
    const [i4, ui4, r8] = ['0300', '1300', '0500'].map((vt) => `8000 04000000 0000${vt}`);
    const bare = '0000 04000000 00000000';
    const dwords = '03000000 07000000';
    expect(array('0320', i4, dwords)).toEqual([]);
    expect(array('0320', bare, dwords)).toEqual([]);
    expect(array('1320', ui4, dwords)).toEqual([]);
    expect(array('1320', i4, dwords)).toEqual(['safearray-types']);
    expect(array('0520', r8, dwords)).toEqual(['safearray-types']);
    expect(array('0820', bare, dwords)).toEqual(['safearray-types']);
    expect(array('0320', i4, dwords, '02000000')).toEqual(['safearray-bounds']);
  });
});
