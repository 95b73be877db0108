/** IManagedObject: how the CLR knows its own objects again when they come back through COM (MS-IOI 3.1.4.1). */

import { BSTR, isBstr } from '../dcom/bstr.js';
import { CCW_PTR } from '../dcom/ccw-ptr.js';
import { numberOf, tagged, textOf } from '../dcom/value.js';
import { valueText } from '../dcom/value-text.js';
import { operation, type RpcInterface } from '../ndr/interface.js';
import { as, i32 } from '../ndr/types.js';
import { MS_IOI } from './ioi.js';

/** A GUID's text, with or without braces (MS-DTYP 2.3.4.3). */
const GUID = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

export const IManagedObject: RpcInterface = {
  name: 'IManagedObject',
  uuid: 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4',
  version: '0.0',
  spec: 'MS-IOI 3.1.4.1',
  orpc: true,
  protocol: MS_IOI,
  ops: {
    3: operation('ioi', 'GetSerializedBuffer', {
      section: 'MS-IOI 3.1.4.1.1',
      out: { pBSTR: BSTR },
      tells: ({ answer }) => [{ kind: 'serialized', buffer: tagged(answer?.pBSTR, 'bstr') }],
      plausible: (p, side) => side === 'response' && isBstr(p.pBSTR) && p.pBSTR.nrbf !== null,
    }),
    4: operation('ioi', 'GetObjectIdentity', {
      section: 'MS-IOI 3.1.4.1.2',
      out: {
        pBSTRGUID: BSTR,
        AppDomainID: as(i32, { label: 'AppDomainID' }),
        pCCW: CCW_PTR,
      },
      plausible: (p, side) => side === 'response' && GUID.test(textOf(p.pBSTRGUID) ?? ''),
      tells: ({ answer }) => [
        {
          kind: 'identity',
          clr: tagged(answer?.pBSTRGUID, 'bstr'),
          appDomainId: numberOf(answer?.AppDomainID),
          ccw: tagged(answer?.pCCW, 'ccw'),
        },
      ],
      summarize: ({ out }) => {
        const pointer = tagged(out?.pCCW, 'ccw');
        if (out === null || pointer === null) return {};
        const guid = textOf(out.pBSTRGUID);
        const { value, alternatives } = pointer;
        const ccw = alternatives.length === 0 ? value : `${value} (or ${alternatives.map((a) => a.value).join(', ')})`;
        return { result: `CLR ${guid ?? valueText(out.pBSTRGUID)}, domain ${out.AppDomainID}, CCW ${ccw}` };
      },
    }),
  },
};
