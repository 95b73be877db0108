/** IServicedComponentInfo: which process, application domain and URI a serviced component has (MS-IOI 3.1.4.3). */

import type { FactOf } from '../dcom/facts.js';
import { SAFEARRAY } from '../dcom/safearray.js';
import { numberOf, tagged, textOf } from '../dcom/value.js';
import { valueText } from '../dcom/value-text.js';
import { operation, type RpcInterface, type Told } from '../ndr/interface.js';
import { as, i32 } from '../ndr/types.js';
import { MS_IOI } from './ioi.js';

/** Bits of infoMask (MS-IOI 3.1.4.3.1), in the order of the array's elements. */
const INFO_MASK = [
  [1, 'process id', 'processId'],
  [2, 'application domain', 'appDomain'],
  [4, 'URI', 'uri'],
] as const;

function askedBits(mask: unknown): readonly (typeof INFO_MASK)[number][] {
  return INFO_MASK.filter(([bit]) => (numberOf(mask) ?? 0) & bit);
}

/** What each element is. Where there are more or fewer than the mask says, nothing tells which is which. */
function toldBits(mask: unknown, { length }: readonly unknown[]): readonly (typeof INFO_MASK)[number][] {
  const bits = askedBits(mask);
  return bits.length === length ? bits : [];
}

/** What is told, by what was asked for. */
function tells({ in: request, answer }: Told): FactOf<'component'>[] {
  const elements = tagged(answer?.infoArray, 'safearray')?.elements;
  if (elements === undefined) return [];
  const bits = toldBits(answer?.infoMask ?? request?.infoMask, elements);
  const told = bits.map(([, , member], i) => [member, textOf(elements[i])]);
  return [{ kind: 'component', processId: null, appDomain: null, uri: null, ...Object.fromEntries(told) }];
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
          : tagged(p.infoArray, 'safearray')?.vt === 'VT_BSTR',
      tells,
      summarize: ({ in: request, out }) => {
        const asked = askedBits(request?.infoMask).map(([, name]) => name);
        const told = tagged(out?.infoArray, 'safearray')?.elements;
        if (told === undefined) return { arguments: asked.join(', '), result: '' };
        const bits = toldBits(out?.infoMask, told);
        return {
          arguments: asked.join(', '),
          result: told.map((e, i) => `${bits[i]?.[1] ?? `element ${i}`} ${valueText(e)}`).join(', '),
        };
      },
    }),
  },
};
