/**
 * The Netlogon secure channel as a security provider (MS-NRPC 2.2.1.3): its tokens are read, its keys are not known
 * here: they come from an exchange of NetrServerAuthenticate calls with the computer's password.
 */
import { utf8Text } from '#platform';
import type { Cursor } from '../core/cursor.js';
import { type Field, field } from '../core/node.js';
import { isNote, KeyedContext, readToken } from './mechanism.js';
import type { Direction, SecurityNote } from './types.js';

const f = (name: string, label: string, type: Field['type'] = 'none', more: Partial<Field> = {}) =>
  field(`netlogon.secchan.${name}`, label, type, more);

const NETLOGON = {
  message: f('nl_auth_message', 'Secure Channel NL_AUTH_MESSAGE'),
  type: f('nl_auth_message.message_type', 'Message Type', 'uint32', {
    hex: true,
    names: { 0: 'Negotiate Request', 1: 'Negotiate Response' },
  }),
  flags: f('nl_auth_message.message_flags', 'Message Flags', 'uint32', { hex: true }),
  nbDomain: f('nl_auth_message.nb_domain', 'NetBios Domain', 'string'),
  nbHost: f('nl_auth_message.nb_host', 'NetBios Host', 'string'),
  nbHostUtf8: f('nl_auth_message.nb_host_utf8', 'NetBios Host(UTF8)', 'string'),
  dnsDomain: f('nl_auth_message.dns_domain', 'DNS Domain', 'string'),
  dnsHost: f('nl_auth_message.dns_host', 'DNS Host', 'string'),
  verifier: f('verifier', 'Secure Channel Verifier'),
  signAlgorithm: f('signalg', 'Sign algorithm', 'uint16', {
    hex: true,
    names: { 119: 'HMAC-MD5', 19: 'HMAC-SHA256' },
  }),
  sealAlgorithm: f('sealalg', 'Seal algorithm', 'uint16', {
    hex: true,
    names: { 122: 'RC4', 26: 'AES-128', 65535: 'Not Encrypted' },
  }),
  pad: f('pad', 'Pad', 'uint16', { hex: true }),
  signatureFlags: f('flags', 'Flags', 'bytes'),
  sequence: f('seq', 'Sequence No', 'bytes'),
  digest: f('digest', 'Packet Digest', 'bytes'),
  nonce: f('nonce', 'Nonce', 'bytes'),
} as const satisfies Record<string, Field>;

export const NETLOGON_FIELDS: readonly Field[] = Object.values(NETLOGON);

/** What a request says; a response says nothing. */
export interface NetlogonMessage {
  readonly response: boolean;
  readonly domain: string;
  readonly host: string;
}

/** Signature algorithms, the first two bytes of a verifier: an NL_AUTH_MESSAGE begins with 0 or 1. */
const isSignature = (c: Cursor) => c.peek() === 0x77 || c.peek() === 0x13;

export function readNetlogon(c: Cursor): NetlogonMessage | null {
  c.littleEndian = true;
  if (isSignature(c)) {
    c.group(NETLOGON.verifier, signature);
    return null;
  }
  return c.group(NETLOGON.message, message, null, (m) => (m.response ? 'response' : `${m.domain}\\${m.host}`));
}

/** NL_AUTH_MESSAGE (2.2.1.3.1): the names follow in the order of the flags' bits, each where its flag is set. */
function message(c: Cursor): NetlogonMessage {
  const start = c.pos;
  const type = c.u32(NETLOGON.type);
  const flags = c.u32(NETLOGON.flags);
  const nbDomain = flags & 1 ? c.cString(NETLOGON.nbDomain) : '';
  const nbHost = flags & 2 ? c.cString(NETLOGON.nbHost) : '';
  const dnsDomain = flags & 4 ? dnsName(c, NETLOGON.dnsDomain, start) : '';
  const dnsHost = flags & 8 ? dnsName(c, NETLOGON.dnsHost, start) : '';
  const nbHostUtf8 = flags & 16 ? dnsName(c, NETLOGON.nbHostUtf8, start) : '';
  return { response: type === 1, domain: nbDomain || dnsDomain, host: nbHost || dnsHost || nbHostUtf8 };
}

/** Labels of a name are at most this long, and a name 255 bytes (RFC 1035 section 2.3.4). */
const MOST_LABEL = 63;
const MOST_NAME = 255;

/**
 * A name as DNS writes it (RFC 1035 section 4.1.4): labels behind their length, then a zero, or where it goes on
 * like one before it the place of that one, counted from the start of the message.
 */
function dnsName(c: Cursor, what: Field, start: number): string {
  let length = 0;
  while (c.peek(length) > 0 && c.peek(length) <= MOST_LABEL) length += 1 + c.peek(length);
  length += c.peek(length) > MOST_LABEL ? 2 : 1;
  const at = c.pos;
  return c.made(what, length, () => labels(c, at, start).join('.'));
}

function labels(c: Cursor, from: number, start: number): string[] {
  const { bytes } = c;
  const parts: string[] = [];
  let size = 0;
  // a place always lies before the name that names it, so no name goes round in circles
  for (let at = from, first = from; at < c.end && bytes[at] !== 0; ) {
    if (bytes[at] > MOST_LABEL) {
      const place = start + (((bytes[at] & 0x3f) << 8) | (bytes[at + 1] ?? 0));
      if (bytes[at] < 0xc0 || place >= first) c.fail('a name that goes on where none can be');
      at = place;
      first = place;
      continue;
    }
    const end = at + 1 + bytes[at];
    size += 1 + bytes[at];
    if (end > c.end || size > MOST_NAME) c.fail('a name that does not end');
    parts.push(utf8Text(bytes, at + 1, end));
    at = end;
  }
  return parts;
}

/**
 * NL_AUTH_SIGNATURE (2.2.1.3.2) and NL_AUTH_SHA2_SIGNATURE (2.2.1.3.3). The second has room for a checksum of 32 bytes,
 * but Windows sends 8 of them, then the confounder, and leaves the rest of the room behind it (so Samba's schannel.c).
 */
function signature(c: Cursor): void {
  c.u16(NETLOGON.signAlgorithm);
  const sealed = c.u16(NETLOGON.sealAlgorithm) !== 0xffff;
  c.u16(NETLOGON.pad);
  c.raw(NETLOGON.signatureFlags, 2);
  c.raw(NETLOGON.sequence, 8);
  c.raw(NETLOGON.digest, 8);
  if (sealed && c.left >= 8) c.raw(NETLOGON.nonce, 8);
  if (c.left > 0) c.pad(c.left);
}

/** Says who it is, and that nothing can be opened. */
export class NetlogonContext extends KeyedContext<never> {
  constructor() {
    super('Netlogon', 'Netlogon', null);
    this.info.noKey = 'the keys of a Netlogon secure channel are not supported';
  }

  protected split(): null {
    return null;
  }

  token(_direction: Direction, bytes: Uint8Array): readonly SecurityNote[] {
    const read = readToken(bytes, (c) => ({ message: readNetlogon(c) }));
    if (isNote(read)) return [read];
    const { message: m } = read;
    if (m === null || m.response) return [];
    this.info.workstation = m.host || null;
    this.info.target = m.domain || null;
    // The account of a secure channel is the computer's own.
    if (m.host !== '') this.info.user = m.domain === '' ? `${m.host}$` : `${m.domain}\\${m.host}$`;
    return [];
  }
}
