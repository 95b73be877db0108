/** IServicedComponentInfo: which process, application domain and URI a serviced component has (MS-IOI 3.1.4.3). */

import { operation, type RpcInterface } from '../dcerpc/interface.js';
import { SAFEARRAY, type SafeArray } from '../dcom/safearray.js';
import { valueText } from '../dcom/value-text.js';
import { as, i32 } from '../ndr/types.js';
import { MS_IOI } from './ioi.js';

/** Bits of infoMask (MS-IOI 3.1.4.3.1), in the order of the array's elements. */
export const INFO_MASK: readonly (readonly [bit: number, name: string])[] = [
  [1, 'process id'],
  [2, 'application domain'],
  [4, 'URI'],
];

function namesOf(mask = 0): string[] {
  return INFO_MASK.filter(([bit]) => mask & bit).map(([, name]) => name);
}

const MASK = as(i32, { label: 'infoMask', hex: true });

export const IServicedComponentInfo: RpcInterface = {
  name: 'IServicedComponentInfo',
  uuid: '8165b19e-8d3a-4d0b-80c8-97de310db583',
  version: '0.0',
  spec: 'MS-IOI 3.1.4.3',
  orpc: true,
  protocol: MS_IOI,
  ops: {
    3: operation('ioi', 'GetComponentInfo', {
      section: 'MS-IOI 3.1.4.3.1',
      in: { infoMask: MASK },
      out: { infoMask: MASK, infoArray: SAFEARRAY },
      plausible: (p, side) =>
        side === 'request'
          ? (p.infoMask as number) >= 1 && (p.infoMask as number) <= 7
          : (p.infoArray as SafeArray | null)?.vt === 'VT_BSTR',
      summarize: ({ in: request, out }) => {
        const asked = namesOf(request?.infoMask as number | undefined);
        const told = (out?.infoArray as SafeArray | null | undefined)?.elements;
        if (told === undefined) return { arguments: asked.join(', '), result: '' };
        const names = namesOf(out?.infoMask as number | undefined);
        return {
          arguments: asked.join(', '),
          result: told.map((e, i) => `${names[i] ?? `element ${i}`} ${valueText(e)}`).join(', '),
        };
      },
    }),
  },
};
