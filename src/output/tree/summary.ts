/** One line a PDU. */
import { AUTH_LEVELS } from '../../../dissectors/dcerpc/auth.js';
import { Pfc, PTYPES } from '../../../dissectors/dcerpc/pdu.js';
import type { Side } from '../../../dissectors/ndr/interface.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { describeCallText } from '../calls/text.js';

/** PDUs behind an answer, which say how the call ended: reject and ack. */
const ENDS: ReadonlySet<number> = new Set([6, 7]);

/** What a PDU says, for people: its type, its call, and what came of it. */
export function pduSummary(pdu: Pdu): string {
  const { header, call, says } = pdu;
  if (says !== null) return call === null ? says : `${says}  ${describeCallText(call, upTo(pdu))}`;
  if (header === null) return 'not a whole header';
  const type = capitalize((PTYPES[header.type] ?? `type ${header.type}`).replaceAll('_', ' '));
  const parts = [type];
  if (pdu.bind !== null) {
    const { interfaces, results } = pdu.bind;
    parts.push(
      interfaces.map((name, i) => (results[i] === undefined ? name : `${name} ${results[i]}`)).join(', ') ||
        results.join(', '),
    );
  } else if (call !== null) {
    parts.push(`call ${header.callId}`);
    const fragment = fragmentOf(header.flags);
    if (fragment !== '') parts.push(fragment);
    parts.push(describeCallText(call, upTo(pdu)));
  } else parts.push(`call ${header.callId}`);
  if (call !== null && call.auth.level > 1 && call.auth.decrypted === false)
    parts.push(`sealed, ${AUTH_LEVELS[call.auth.level]}`);
  return parts.filter((t) => t !== '').join('  ');
}

/** How much of its call a PDU tells. */
function upTo({ call, completes, header }: Pdu): Side {
  const ends = completes === 'response' || completes === 'fault' || (header !== null && ENDS.has(header.type));
  return ends && call?.response != null ? 'response' : 'request';
}

function fragmentOf(flags: number): string {
  const first = (flags & Pfc.first) !== 0;
  const last = (flags & Pfc.last) !== 0;
  if (first && last) return '';
  return first ? 'first fragment' : last ? 'last fragment' : 'fragment';
}

function capitalize(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
