/** ITypeLib, ITypeLib2: a type library (MS-OAUT 3.11, 3.13). */

import { field } from '../../src/core/node.js';
import { BSTR } from '../dcom/bstr.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { CUSTDATA, MEMBERID, TLIBATTR, TYPE_KINDS } from '../dcom/type-desc.js';
import { VARIANT } from '../dcom/variant.js';
import { named, operation, type RpcInterface, type RpcOperation } from '../ndr/interface.js';
import { as, counted, guid, i32, type NdrType, pointer, u16, u32, varying, wideString } from '../ndr/types.js';
import { DOCUMENTATION } from './ITypeInfo.js';

const PROTOCOL = field('typelib', 'ITypeLib');

const op = (section: string, name: string, inputs: Record<string, NdrType>, outputs: Record<string, NdrType>) =>
  operation('typelib', name, { section: `MS-OAUT ${section}`, in: inputs, out: outputs });

const FLAGS = as(u32, { name: 'typeinfo.docflags', label: 'refPtrFlags', hex: true });
const NAME = { szNameBuf: wideString, lHashVal: as(u32, { hex: true }) };

const ops: Record<number, RpcOperation> = {
  3: op('3.11.4.1', 'GetTypeInfoCount', {}, { pcTInfo: u32 }),
  4: op('3.11.4.2', 'GetTypeInfo', { index: u32 }, { ppTInfo: INTERFACE_POINTER }),
  5: op('3.11.4.3', 'GetTypeInfoType', { index: u32 }, { pTKind: as(u32, { names: TYPE_KINDS }) }),
  6: op('3.11.4.4', 'GetTypeInfoOfGuid', { guid }, { ppTInfo: INTERFACE_POINTER }),
  7: op('3.11.4.5', 'GetLibAttr', {}, { ppTLibAttr: pointer(TLIBATTR), pReserved: u32 }),
  8: op('3.11.4.6', 'GetTypeComp', {}, { ppTComp: INTERFACE_POINTER }),
  9: op('3.11.4.7', 'GetDocumentation', { index: i32, refPtrFlags: FLAGS }, DOCUMENTATION),
  10: op('3.11.4.8', 'IsName', NAME, { pfName: i32, pBstrNameInLibrary: BSTR }),
  11: op(
    '3.11.4.9',
    'FindName',
    { ...NAME, pcFound: u16 },
    {
      ppTInfo: counted('pcFound', varying(INTERFACE_POINTER)),
      rgMemId: counted('pcFound', varying(MEMBERID)),
      pcFound: u16,
      pBstrNameInLibrary: BSTR,
    },
  ),
  12: named('Opnum12NotUsedOnWire'),
};

export const ITypeLib: RpcInterface = {
  name: 'ITypeLib',
  uuid: '00020402-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.11',
  orpc: true,
  protocol: PROTOCOL,
  ops,
};

export const ITypeLib2: RpcInterface = {
  name: 'ITypeLib2',
  uuid: '00020411-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-OAUT 3.13',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    ...ops,
    13: op('3.13.4.1', 'GetCustData', { guid }, { pVarVal: VARIANT }),
    14: op('3.13.4.2', 'GetLibStatistics', {}, { pcUniqueNames: u32, pcchUniqueNames: u32 }),
    15: op(
      '3.13.4.3',
      'GetDocumentation2',
      { index: i32, lcid: as(u32, { hex: true }), refPtrFlags: FLAGS },
      { pbstrHelpString: BSTR, pdwHelpStringContext: u32, pbstrHelpStringDll: BSTR },
    ),
    16: op('3.13.4.4', 'GetAllCustData', {}, { pCustData: CUSTDATA }),
  },
};
