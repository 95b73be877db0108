/** ITypeInfo and its neighbours (MS-OAUT): stubs that Windows wrote, captures/real/clr-client-probes.pcap. */
import { describe, expect, it } from 'vitest';
import { IEnumVARIANT } from '../../dissectors/interfaces/IEnumVARIANT.js';
import { ITypeInfo } from '../../dissectors/interfaces/ITypeInfo.js';
import { hex } from '../dcerpc/support.js';
import { decode, encode } from '../ndr/support.js';

/** Frame 141: IUnknown.QueryInterface, as the type library of MMC has it. */
const QUERY_INTERFACE = hex(`00000200 00000060 00000000 04000200 04000000 01000000 04000000 0200 0000 0000 0000
  1800 1800 00000000 0000 0100 02000000
  1a000000 08000200 1a000000 00000000 01000000 1a000000 0c000200 1a000000 00000000 02000000
  1d000000 00000001 1d000000 1a000000 10000200 1a000000 18001800 00000000`);

describe('ITypeInfo', () => {
  it('3.7.4.3 GetFuncDesc: types that point to types', () => {
    const { values, left } = decode(ITypeInfo.ops[5].response, QUERY_INTERFACE);
    expect(values.ppFuncDesc).toMatchObject({ memid: 0x60000000, funckind: 4, invkind: 1, callconv: 4, cParams: 2 });
    expect(left).toBe(0);
    expect(ITypeInfo.ops[5].summarize?.({ in: null, out: values } as never)).toEqual({
      result: 'VT_VOID 0x60000000(VT_PTR to VT_USERDEFINED 0x1000000, VT_PTR to VT_PTR to VT_VOID)',
    });
  });

  it('attack: a function that is cut anywhere is told as far as it was read', () => {
    for (let length = 0; length < QUERY_INTERFACE.length; length++) {
      const { values } = decode(ITypeInfo.ops[5].response, QUERY_INTERFACE.subarray(0, length));
      ITypeInfo.ops[5].summarize?.({ in: null, out: values } as never);
    }
    const cut = decode(ITypeInfo.ops[5].response, QUERY_INTERFACE.subarray(0, 92));
    expect(ITypeInfo.ops[5].summarize?.({ in: null, out: cut.values } as never)).toEqual({
      result: 'VT_VOID 0x60000000(VT_PTR to ?, VT_PTR)',
    });
  });

  it('3.7.4.3 GetFuncDesc is written as it was read', () => {
    const { values, referents } = decode(ITypeInfo.ops[5].response, QUERY_INTERFACE);
    expect(encode(ITypeInfo.ops[5].response, values, {}, referents)).toEqual(QUERY_INTERFACE);
  });

  it('2.2.37, 2.2.42: lower bounds of an array, and the count of optional parameters, may be negative', () => {
    const { values, left } = decode(
      ITypeInfo.ops[5].response,
      hex(`00000200 01000060 00000000 00000000 04000000 01000000 01000000 0000 ffff 0000 0000
        1c000000 04000200 1c000000 00000000 0000 0000 02000000 0300 0300 0200 0000 03000000 ffffffff 02000000 05000000
        00000000`),
    );
    expect(left).toBe(0);
    expect(values.ppFuncDesc).toMatchObject({
      cParamsOpt: -1,
      elemdescFunc: {
        tdesc: {
          _tdUnion: {
            value: {
              cDims: 2,
              rgbounds: [
                { cElements: 3, lLbound: -1 },
                { cElements: 2, lLbound: 5 },
              ],
            },
          },
        },
      },
    });
  });

  it('2.2.37 in NDR64: the bounds of an array begin where the next structure could (go-msrpc b2704330)', () => {
    const { values, left } = decode(
      ITypeInfo.ops[3].response,
      hex(`1100000000000000 43b40876 cb40019c 01020304 050607fc 6cf60000 00000000 00000000 00000000 00000000 00000000
        cf9d0000 bb410000 878d37fb e43d0a40 a2d723a5 00cd85fb 1c000000 00000000 6100000000000000 1c000000 00000000
        00000000 00000000 0200000000000000 1d000000 00000000 e7398261 1d000000 02000000 00000000
        fe000000 ffffffff 56000000 04000000 00000000`),
      { ndr64: true },
    );
    expect(left).toBe(0);
    const bounds = [
      { cElements: 254, lLbound: -1 },
      { cElements: 86, lLbound: 4 },
    ];
    expect(values.ppTypeAttr).toMatchObject({
      tdescAlias: { vt: 28, _tdUnion: { value: { tdescElem: { vt: 29 }, cDims: 2, rgbounds: bounds } } },
    });
  });

  it('3.7.4.1 GetTypeAttr: a class', () => {
    const { values, left } = decode(
      ITypeInfo.ops[3].response,
      hex(`00000200 1a79b249aeb1904c9b8ee860ba07f889 00000000 00000000 ffffffff ffffffff 00000000 08000000 05000000
        0000 0000 0200 0000 0800 0200 0000 0000 0000 0000 00000000 0000 0000 00000000`),
    );
    expect(values.ppTypeAttr).toMatchObject({
      guid: '49b2791a-b1ae-4c90-9b8e-e860ba07f889',
      typekind: 5,
      cImplTypes: 2,
      wTypeFlags: 2,
    });
    expect(left).toBe(0);
  });

  it('3.7.4.5 GetNames: BSTRs that user code marshaled, in a varying array', () => {
    const { values, left } = decode(
      ITypeInfo.ops[7].response,
      hex('01000000 00000000 01000000 55736572 04000000 08000000 04000000 480065006c007000 01000000'),
    );
    expect(values).toMatchObject({ rgBstrNames: [{ cBytes: 8 }], pcNames: 1 });
    expect(left).toBe(0);
  });

  it('3.7.4.8 GetDocumentation: a null BSTR that is not a null pointer', () => {
    const { values, left } = decode(
      ITypeInfo.ops[12].response,
      hex(`55736572 03000000 06000000 03000000 410042004300 0000 00000000 00000000
        55736572 00000000 ffffffff 00000000`),
    );
    expect(values).toMatchObject({ pBstrDocString: null, pBstrHelpFile: { cBytes: 0xffffffff } });
    expect(left).toBe(0);
  });
});

describe('IEnumVARIANT', () => {
  it('3.3.4.1 Next: as many VARIANTs as there were', () => {
    const { values, left } = decode(
      IEnumVARIANT.ops[3].response,
      hex(`0a000000 00000000 01000000 55736572 03000000 00000000 0300 0000 0000 0000 03000000 2a000000 01000000`),
    );
    expect(values).toMatchObject({ rgVar: [{ vt: 'VT_I4', value: 42 }], pCeltFetched: 1 });
    expect(left).toBe(0);
  });
});
