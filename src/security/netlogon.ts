/**
 * The Netlogon secure channel as a security provider (MS-NRPC 2.2.1.3): its tokens are read, its keys are not known
 * here: they come from an exchange of NetrServerAuthenticate calls with the computer's password.
 */
import type { Cursor } from '../core/cursor.js';
import { type Field, field } from '../core/node.js';
import { isNote, type Learning, nothingKnown, readToken, withoutKey } from './mechanism.js';
import type { Direction, ProtectedPdu, SecurityContext, SecurityInfo, SecurityNote, Unprotected } from './types.js';

const f = (name: string, label: string, type: Field['type'] = 'none', more: Partial<Field> = {}) =>
  field(`netlogon.secchan.${name}`, label, type, more);

export const NETLOGON = {
  message: f('nl_auth_message', 'Secure Channel NL_AUTH_MESSAGE'),
  type: f('nl_auth_message.message_type', 'Message Type', 'uint32', {
    names: { 0: 'Negotiate Request', 1: 'Negotiate Response' },
  }),
  flags: f('nl_auth_message.message_flags', 'Message Flags', 'uint32', { hex: true }),
  nbDomain: f('nl_auth_message.nb_domain', 'NetBios Domain', 'string'),
  nbHost: f('nl_auth_message.nb_host', 'NetBios Host', 'string'),
  nbHostUtf8: f('nl_auth_message.nb_host_utf8', 'NetBios Host(UTF8)', 'bytes'),
  dnsDomain: f('nl_auth_message.dns_domain', 'DNS Domain', 'bytes'),
  dnsHost: f('nl_auth_message.dns_host', 'DNS Host', 'bytes'),
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
    c.group(NETLOGON.verifier, signature, null);
    return null;
  }
  return c.group(NETLOGON.message, message, null, (m) => (m.response ? 'response' : `${m.domain}\\${m.host}`));
}

/** NL_AUTH_MESSAGE: the names follow in the order of the flags' bits. */
function message(c: Cursor): NetlogonMessage {
  const type = c.u32(NETLOGON.type);
  const flags = c.u32(NETLOGON.flags);
  let [domain, host] = ['', ''];
  if (type === 0) {
    if (flags & 1) domain = c.cString(NETLOGON.nbDomain);
    if (flags & 2) host = c.cString(NETLOGON.nbHost);
    if (flags & 4) domain ||= labels(c, NETLOGON.dnsDomain);
    if (flags & 8) host ||= labels(c, NETLOGON.dnsHost);
    if (flags & 16) host ||= labels(c, NETLOGON.nbHostUtf8);
  }
  return { response: type === 1, domain, host };
}

/** A name as DNS writes it (RFC 1035 section 4.1.4): labels with their length, a zero at the end. */
function labels(c: Cursor, what: Field): string {
  let end = 0;
  while (c.peek(end) > 0 && c.peek(end) < 64) end += 1 + c.peek(end);
  const name = (bytes: Uint8Array) => {
    const parts: string[] = [];
    for (let at = 0; at < bytes.length && bytes[at] > 0; at += 1 + bytes[at])
      parts.push(Buffer.from(bytes.subarray(at + 1, at + 1 + bytes[at])).toString('utf8'));
    return parts.join('.');
  };
  return name(c.raw(what, Math.min(end + 1, Math.max(c.left, 1)), name));
}

/** NL_AUTH_SIGNATURE and NL_AUTH_SHA2_SIGNATURE. */
function signature(c: Cursor): void {
  c.u16(NETLOGON.signAlgorithm);
  const sealed = c.u16(NETLOGON.sealAlgorithm) !== 0xffff;
  c.u16(NETLOGON.pad);
  c.raw(NETLOGON.signatureFlags, 2);
  c.raw(NETLOGON.sequence, 8);
  const nonce = sealed && c.left >= 16 ? 8 : 0;
  c.raw(NETLOGON.digest, Math.max(8, c.left - nonce));
  if (nonce > 0) c.raw(NETLOGON.nonce, nonce);
}

/** Says who it is, and that nothing can be opened. */
export class NetlogonContext implements SecurityContext {
  private readonly learning: Learning = {
    ...nothingKnown('Netlogon', false),
    type: 'Netlogon',
    noKey: 'the keys of a Netlogon secure channel are not supported',
  };

  get info(): SecurityInfo {
    return this.learning;
  }

  token(_direction: Direction, bytes: Uint8Array): readonly SecurityNote[] {
    const read = readToken(bytes, (c) => ({ message: readNetlogon(c) }));
    if (isNote(read)) return [read];
    const { message: m } = read;
    if (m === null || m.response) return [];
    const { learning } = this;
    learning.workstation = m.host || null;
    learning.target = m.domain || null;
    // The account of a secure channel is the computer's own.
    if (m.host !== '') learning.user = m.domain === '' ? `${m.host}$` : `${m.domain}\\${m.host}$`;
    return [];
  }

  unprotect(p: ProtectedPdu): Unprotected {
    return withoutKey(p);
  }

  lost(): void {}
}
