/** What the tab "Object" asks of the engine. */
import { callToJson, type ParamJson } from '../../index.js';
import type { Details } from '../worker/details.js';

/** The decoded parameters of the half of a call that a PDU completes; null where it completes none. */
export async function parameters(details: Details, pdu: number): Promise<ParamJson> {
  const described = await details.described(pdu);
  if (described === null || described.call === null || described.completes === null) return null;
  const json = callToJson(described.call, 0, '', { full: true });
  return (described.completes === 'request' ? json.in : json.out) as ParamJson;
}
