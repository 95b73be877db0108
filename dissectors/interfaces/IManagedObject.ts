/** IManagedObject: how the CLR knows its own objects again when they come back through COM (MS-IOI 3.1.4.1). */

import { operation, type RpcInterface } from '../dcerpc/interface.js';
import { BSTR } from '../dcom/bstr.js';
import { CCW_PTR } from '../dcom/ccw-ptr.js';
import { as, i32 } from '../ndr/types.js';

export const IManagedObject: RpcInterface = {
  name: 'IManagedObject',
  uuid: 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4',
  version: '0.0',
  spec: 'MS-IOI 3.1.4.1',
  orpc: true,
  ops: {
    3: operation('ioi', 'GetSerializedBuffer', { section: 'MS-IOI 3.1.4.1.1', out: { pBSTR: BSTR } }),
    4: operation('ioi', 'GetObjectIdentity', {
      section: 'MS-IOI 3.1.4.1.2',
      out: {
        pBSTRGUID: BSTR,
        AppDomainID: as(i32, { label: 'AppDomainID' }),
        pCCW: CCW_PTR,
      },
    }),
  },
};
