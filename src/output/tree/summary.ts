/** One line a PDU. */
import { AUTH_LEVELS } from '../../../dissectors/dcerpc/auth.js';
import { Pfc, PTYPES } from '../../../dissectors/dcerpc/pdu.js';
import type { Side } from '../../../dissectors/ndr/interface.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { safe } from '../../core/safe-text.js';
import { type CallText, callText, lineOf } from '../calls/text.js';

/** Types by their numbers, as people read them: `Bind ack`. */
const TYPES = Object.fromEntries(Object.entries(PTYPES).map(([type, name]) => [type, capitalized(name)]));

function capitalized(name: string): string {
  return name[0].toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

/** PDUs behind an answer, which say how the call ended: reject and ack. */
const ENDS: ReadonlySet<number> = new Set([6, 7]);

/** The parts of a PDU's line: colours and columns are the caller's affair. */
export interface PduLine {
  /** What it is, as `Request`; what a message of another protocol than DCE/RPC says of itself. */
  readonly type: string;
  /** What it says of itself beside its call: interfaces that are bound, its call id, which fragment it is. */
  readonly told: readonly string[];
  /** What of its call is known with it; null where it belongs to none. */
  readonly call: CallText | null;
  /** Why its call cannot be read: `sealed, privacy`; null where it can. */
  readonly sealed: string | null;
}

/** Takes a PDU apart for its line. */
export function pduLine(pdu: Pdu): PduLine {
  const { header, call, says, bind } = pdu;
  const { type, told } = ownLine(pdu);
  if (says === null && header === null) return { type, told, call: null, sealed: null };
  const isSealed = says === null && call !== null && call.auth.level > 1 && call.auth.decrypted === false;
  return {
    type,
    told,
    call: call === null || (says === null && bind !== null) ? null : callText(call, upTo(pdu)),
    sealed: isSealed ? `sealed, ${AUTH_LEVELS[call.auth.level]}` : null,
  };
}

/** What a PDU says by itself, whatever is known of its call. */
function ownLine({ header, call, says, bind }: Pdu): Pick<PduLine, 'type' | 'told'> {
  if (says !== null) return { type: says, told: [] };
  if (header === null) return { type: 'not a whole header', told: [] };
  const type = TYPES[header.type] ?? `Type ${header.type}`;
  if (bind === null) {
    const number = `call ${header.callId}`;
    const fragment = call === null ? '' : fragmentOf(header.flags);
    return { type, told: fragment === '' ? [number] : [number, fragment] };
  }
  const { interfaces, results } = bind;
  const asked = interfaces.map((name, i) => (results[i] === undefined ? name : `${name} ${results[i]}`)).join(', ');
  return { type, told: [asked || results.join(', ')].filter((t) => t !== '') };
}

/** Lines of PDUs that say nothing but which call they belong to: of those most are said again and again. */
const LINES = new Map<number, string>();
const MOST_LINES = 1 << 12;

/** The same in a line, in which nothing steers a terminal. */
export function ownLineText(pdu: Pdu): string {
  const { header, call, says, bind } = pdu;
  if (says !== null || header === null || bind !== null) return textOf(pdu);
  const { callId, type, flags } = header;
  const key = (callId * 2 ** 8 + type) * 2 ** 9 + (call === null ? 2 ** 8 : flags);
  let line = LINES.get(key);
  if (line === undefined) {
    line = textOf(pdu);
    if (LINES.size >= MOST_LINES) LINES.clear();
    LINES.set(key, line);
  }
  return line;
}

function textOf(pdu: Pdu): string {
  const { type, told } = ownLine(pdu);
  return safe([type, ...told].join('  '));
}

/** What a PDU says, for people: its type, its call, and what came of it. */
export function pduSummary(pdu: Pdu): string {
  const line = pduLine(pdu);
  return summaryText(line, line.call === null ? '' : lineOf(line.call));
}

/** The same of one that was taken apart; `call` is its call's line. */
export function summaryText({ type, told, sealed }: PduLine, call: string): string {
  return [type, ...told, call, sealed ?? ''].filter((t) => t !== '').join('  ');
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
