/** ITypeInfo, ITypeInfo2: one type of a type library (MS-OAUT 3.7, 3.9). */

import { field } from '../../src/core/node.js';
import { BSTR } from '../dcom/bstr.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { CUSTDATA, FUNCDESC, MEMBERID, TYPE_KINDS, TYPEATTR, typeText, VARDESC } from '../dcom/type-desc.js';
import { VARIANT } from '../dcom/variant.js';
import {
  named,
  operation,
  type RpcInterface,
  type RpcOperation,
  type Summarized,
  type Summary,
} from '../ndr/interface.js';
import { as, counted, guid, i32, type NdrType, pointer, u16, u32, varying } from '../ndr/types.js';

const PROTOCOL = field('typeinfo', 'DCOM ITypeInfo');

const INDEX = as(u32, { name: 'typeinfo.funcindex', label: 'index' });
const RESERVED = as(u32, { name: 'typeinfo.resv', label: 'pReserved', hex: true });
const INVKIND = as(u32, { name: 'typeinfo.funcdesc.invkind', label: 'invKind', hex: true });
const FLAGS = as(u32, { name: 'typeinfo.docflags', label: 'refPtrFlags', hex: true });
const TYPE_INFO = as(INTERFACE_POINTER, { name: 'dispatch.itinfo' });
/** What GetDocumentation of types and of libraries gives. */
export const DOCUMENTATION: Record<string, NdrType> = {
  pBstrName: as(BSTR, { name: 'typeinfo.docname' }),
  pBstrDocString: as(BSTR, { name: 'typeinfo.docstring' }),
  pdwHelpContext: as(u32, { name: 'typeinfo.helpctx', hex: true }),
  pBstrHelpFile: as(BSTR, { name: 'typeinfo.helpfile' }),
};

function describeFunction({ out }: Summarized): Summary {
  const f = out?.ppFuncDesc as
    | { memid: number; lprgelemdescParam: Element[] | null; elemdescFunc: Element }
    | undefined;
  if (f?.elemdescFunc?.tdesc?.vt === undefined) return {};
  const params = (f.lprgelemdescParam ?? []).map((e) => typeText(e.tdesc)).join(', ');
  return { result: `${typeText(f.elemdescFunc.tdesc)} 0x${f.memid.toString(16)}(${params})` };
}

function describeType({ out }: Summarized): Summary {
  const t = out?.ppTypeAttr as { guid: string; typekind: number; cFuncs: number; cVars: number } | null | undefined;
  if (!t || t.cVars === undefined) return {};
  return { result: `${TYPE_KINDS[t.typekind] ?? 'type'} ${t.guid}, ${t.cFuncs} functions, ${t.cVars} variables` };
}

type Element = { readonly tdesc: Parameters<typeof typeText>[0] };

const op = (section: string, name: string, inputs: Record<string, NdrType>, outputs: Record<string, NdrType>) =>
  operation('typeinfo', name, { section: `MS-OAUT ${section}`, in: inputs, out: outputs });

const ops: Record<number, RpcOperation> = {
  3: operation('typeinfo', 'GetTypeAttr', {
    section: 'MS-OAUT 3.7.4.1',
    out: { ppTypeAttr: pointer(TYPEATTR, { name: 'typeinfo.typeattr' }), pReserved: RESERVED },
    summarize: describeType,
  }),
  4: op('3.7.4.2', 'GetTypeComp', {}, { ppTComp: INTERFACE_POINTER }),
  5: operation('typeinfo', 'GetFuncDesc', {
    section: 'MS-OAUT 3.7.4.3',
    in: { index: INDEX },
    out: { ppFuncDesc: pointer(FUNCDESC, { name: 'typeinfo.funcdesc' }), pReserved: RESERVED },
    summarize: describeFunction,
  }),
  6: op('3.7.4.4', 'GetVarDesc', { index: INDEX }, { ppVarDesc: pointer(VARDESC), pReserved: RESERVED }),
  7: op(
    '3.7.4.5',
    'GetNames',
    { memid: MEMBERID, cMaxNames: as(u32, { name: 'typeinfo.maxnames' }) },
    {
      rgBstrNames: counted(
        'pcNames',
        varying(as(BSTR, { name: 'typeinfo.names.value', label: 'Name' }), { name: 'typeinfo.names' }),
      ),
      pcNames: as(u32, { name: 'typeinfo.maxnames' }),
    },
  ),
  8: op('3.7.4.6', 'GetRefTypeOfImplType', { index: INDEX }, { pRefType: as(u32, { hex: true }) }),
  9: op('3.7.4.7', 'GetImplTypeFlags', { index: INDEX }, { pImplTypeFlags: as(u32, { hex: true }) }),
  10: named('Opnum10NotUsedOnWire'),
  11: named('Opnum11NotUsedOnWire'),
  12: op('3.7.4.8', 'GetDocumentation', { memid: MEMBERID, refPtrFlags: FLAGS }, DOCUMENTATION),
  13: op(
    '3.7.4.9',
    'GetDllEntry',
    { memid: MEMBERID, invKind: INVKIND, refPtrFlags: FLAGS },
    { pBstrDllName: BSTR, pBstrName: BSTR, pwOrdinal: u16 },
  ),
  14: op('3.7.4.10', 'GetRefTypeInfo', { hRefType: as(u32, { hex: true }) }, { ppTInfo: TYPE_INFO }),
  15: named('Opnum15NotUsedOnWire'),
  16: op('3.7.4.11', 'CreateInstance', { riid: guid }, { ppvObj: INTERFACE_POINTER }),
  17: op('3.7.4.12', 'GetMops', { memid: MEMBERID }, { pBstrMops: BSTR }),
  18: op('3.7.4.13', 'GetContainingTypeLib', {}, { ppTLib: INTERFACE_POINTER, pIndex: u32 }),
  19: named('Opnum19NotUsedOnWire'),
  20: named('Opnum20NotUsedOnWire'),
  21: named('Opnum21NotUsedOnWire'),
};

const CUSTOM = { guid, pVarVal: VARIANT };
const custom = (section: string, name: string, inputs: Record<string, NdrType>): RpcOperation =>
  op(section, name, { ...inputs, guid: CUSTOM.guid }, { pVarVal: CUSTOM.pVarVal });
const all = (section: string, name: string, inputs: Record<string, NdrType>): RpcOperation =>
  op(section, name, inputs, { pCustData: CUSTDATA });

export const ITypeInfo: RpcInterface = {
  name: 'ITypeInfo',
  uuid: '00020401-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.7',
  orpc: true,
  protocol: PROTOCOL,
  ops,
};

export const ITypeInfo2: RpcInterface = {
  name: 'ITypeInfo2',
  uuid: '00020412-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.9',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    ...ops,
    22: op(
      '3.9.4.1',
      'GetTypeKind',
      {},
      { pTypeKind: as(u32, { name: 'typeinfo.typekind', hex: true, names: TYPE_KINDS }) },
    ),
    23: op('3.9.4.2', 'GetTypeFlags', {}, { pTypeFlags: as(u32, { name: 'typeinfo.typeflags', hex: true }) }),
    24: op('3.9.4.3', 'GetFuncIndexOfMemId', { memid: MEMBERID, invKind: INVKIND }, { pFuncIndex: u32 }),
    25: op('3.9.4.4', 'GetVarIndexOfMemId', { memid: MEMBERID }, { pVarIndex: u32 }),
    26: custom('3.9.4.5', 'GetCustData', {}),
    27: custom('3.9.4.7', 'GetFuncCustData', { index: INDEX }),
    28: custom('3.9.4.9', 'GetParamCustData', { indexFunc: u32, indexParam: u32 }),
    29: custom('3.9.4.11', 'GetVarCustData', { index: INDEX }),
    30: custom('3.9.4.13', 'GetImplTypeCustData', { index: INDEX }),
    31: op(
      '3.9.4.15',
      'GetDocumentation2',
      { memid: MEMBERID, lcid: as(i32, { name: 'typeinfo.lcid', hex: true }), refPtrFlags: FLAGS },
      { pbstrHelpString: BSTR, pdwHelpStringContext: u32, pbstrHelpStringDll: BSTR },
    ),
    32: all('3.9.4.6', 'GetAllCustData', {}),
    33: all('3.9.4.8', 'GetAllFuncCustData', { index: INDEX }),
    34: all('3.9.4.10', 'GetAllParamCustData', { indexFunc: u32, indexParam: u32 }),
    35: all('3.9.4.12', 'GetAllVarCustData', { index: INDEX }),
    36: all('3.9.4.14', 'GetAllImplTypeCustData', { index: INDEX }),
  },
};
