/** Messages of NetBIOS' session service that carry no SMB (RFC 1002 4.3), and what stands in front of those that do. */
import { latin1Text } from '#platform';
import type { Cursor } from '../../src/core/cursor.js';
import { smbField } from './fields.js';
import { Nbss } from './stream.js';

const TYPES: Readonly<Record<number, string>> = {
  [Nbss.message]: 'Session message',
  [Nbss.request]: 'Session request',
  [Nbss.positive]: 'Positive session response',
  [Nbss.negative]: 'Negative session response',
  [Nbss.retarget]: 'Retarget session response',
  [Nbss.keepalive]: 'Session keep-alive',
};
const ERRORS: Readonly<Record<number, string>> = {
  128: 'not listening on called name',
  129: 'not listening for calling name',
  130: 'called name not present',
  131: 'called name present, but insufficient resources',
  143: 'unspecified error',
};

const NBSS = smbField('nbss', 'NetBIOS Session Service');
const TYPE = smbField('nbss.type', 'Message type', 'uint8', { hex: true, names: TYPES });
const LENGTH = smbField('nbss.length', 'Length', 'uint32');
const CALLED = smbField('nbss.called_name', 'Called name', 'string');
const CALLING = smbField('nbss.calling_name', 'Calling name', 'string');
const ERROR = smbField('nbss.error_code', 'Error code', 'uint8', { hex: true, names: ERRORS });

/** Reads type and length, and what follows where that is no SMB. Returns the type, and what it is for people. */
export function readNbss(c: Cursor): { readonly type: number; readonly says: string } {
  return c.group(NBSS, () => {
    const type = c.u8(TYPE, (t) => TYPES[t] ?? 'unknown');
    c.bits(LENGTH, 3, (n) => n);
    const body = type === Nbss.message ? null : c.frame(null, c.claimedLeft, () => readBody(c, type));
    const says = `${TYPES[type] ?? `Type ${type}`}${body ?? ''}`;
    c.tell(says);
    return { type, says };
  });
}

/** Returns what people read of it. */
function readBody(c: Cursor, type: number): string {
  if (type === Nbss.request) return `, to ${readName(c, CALLED)} from ${readName(c, CALLING)}`;
  return type === Nbss.negative ? `, ${ERRORS[c.u8(ERROR, (e) => ERRORS[e] ?? 'unknown')] ?? 'unknown'}` : '';
}

/** A name in half-ASCII (RFC 1001 14.1): 15 characters filled up with blanks, and a suffix that says what of. */
function readName(c: Cursor, f: typeof CALLED): string {
  const zero = c.bytes.indexOf(0, c.pos);
  return c.made(f, (zero < c.pos ? c.end : Math.min(zero + 1, c.end)) - c.pos, nameText);
}

function nameText(encoded: Uint8Array): string {
  if (encoded[0] !== 32 || encoded.length < 33) return '';
  const name = new Uint8Array(16).map((_, i) => ((encoded[1 + 2 * i] - 65) << 4) | (encoded[2 + 2 * i] - 65));
  const suffix = name[15].toString(16).padStart(2, '0');
  return `${latin1Text(name, 0, 15).trimEnd()}<${suffix}>`;
}
