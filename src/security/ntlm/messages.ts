/**
 * NTLMSSP messages (MS-NLMP 2.2.1) and the message signature (2.2.2.9): one reader for the tree and for the keys.
 */
import type { Cursor } from '../../core/cursor.js';
import type { Field } from '../../core/node.js';
import { fileTime, fileTimeText } from '../../core/wire-time.js';
import { type AvFields, CHALLENGE_AV, FLAG_FIELDS, NTLM, negotiateFlagNames, RESPONSE_AV } from './fields.js';

/** NegotiateFlags that change what we do (2.2.2.5). */
export const UNICODE = 0x1;
export const LM_KEY = 0x80;
export const EXTENDED_SECURITY = 0x80000;
export const NON_NT_SESSION_KEY = 0x400000;
const VERSION = 0x2000000;
export const STRONG_128 = 0x20000000;
export const KEY_EXCHANGE = 0x40000000;
export const STRONG_56 = 0x80000000;

/** MsvAvFlags: the client sent a MIC. */
const AV_FLAG_MIC = 2;

/** Values of an AV_PAIR list (2.2.2.1) that somebody asks for. */
export interface AvPairs {
  nbDomain: string | null;
  nbComputer: string | null;
  dnsDomain: string | null;
  dnsComputer: string | null;
  /** Service principal that the client wants. */
  targetName: string | null;
  hasMic: boolean;
}

export interface NegotiateMessage {
  readonly kind: 'negotiate';
  readonly flags: number;
}

export interface ChallengeMessage {
  readonly kind: 'challenge';
  readonly flags: number;
  readonly serverChallenge: Uint8Array;
  readonly targetName: string;
  readonly targetInfo: AvPairs | null;
}

export interface AuthenticateMessage {
  readonly kind: 'authenticate';
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly lmResponse: Uint8Array;
  readonly ntResponse: Uint8Array;
  /** EncryptedRandomSessionKey; empty without key exchange. */
  readonly sessionKey: Uint8Array;
  /** Where the MIC stands in the message; null where there is none. */
  readonly micAt: number | null;
  readonly av: AvPairs | null;
}

export type NtlmMessage = NegotiateMessage | ChallengeMessage | AuthenticateMessage;

const SIGNATURE = 'NTLMSSP\0';
const NOTHING = new Uint8Array(0);

/** Whether an NTLMSSP message begins `offset` bytes from here. */
export function isNtlmMessage(c: Cursor, offset = 0): boolean {
  for (let i = 0; i < SIGNATURE.length; i++) if (c.peek(offset + i) !== SIGNATURE.charCodeAt(i)) return false;
  return true;
}

/** Reads the message that fills the rest of the region. */
export function readNtlmMessage(c: Cursor): NtlmMessage {
  c.littleEndian = true;
  return c.group(NTLM.message, message, c.pos, describe);
}

/** Reads the 16 bytes of a signature; which of the two layouts it is, the negotiated flags know. */
export function readNtlmSignature(c: Cursor, extended: boolean): void {
  c.littleEndian = true;
  c.group(NTLM.verifier, signature, extended);
}

function signature(c: Cursor, extended: boolean): void {
  c.u32(NTLM.verifierVersion);
  if (extended) c.raw(NTLM.verifierHmac, 8);
  else {
    c.u32(NTLM.verifierRandomPad);
    c.u32(NTLM.verifierCrc);
  }
  c.u32(NTLM.verifierSequence);
}

/** @param base offset of the message in the source: payload offsets count from there. */
function message(c: Cursor, base: number): NtlmMessage {
  c.cString(NTLM.identifier);
  const type = c.u32(NTLM.messageType);
  if (type === 1) return negotiate(c, base);
  if (type === 2) return challenge(c, base);
  if (type === 3) return authenticate(c, base);
  return c.fail(`NTLMSSP message type ${type}: 1 to 3 are known`);
}

function describe(m: NtlmMessage): string {
  if (m.kind === 'negotiate') return 'NEGOTIATE_MESSAGE';
  if (m.kind === 'challenge') return `CHALLENGE_MESSAGE from ${m.targetName || 'an unnamed server'}`;
  const who = m.user === '' ? 'nobody (anonymous)' : m.domain === '' ? m.user : `${m.domain}\\${m.user}`;
  return `AUTHENTICATE_MESSAGE of ${who}${m.workstation === '' ? '' : ` from ${m.workstation}`}`;
}

/** A descriptor of the fixed part: where in the message its payload lies. */
interface Payload {
  readonly field: Field;
  readonly offset: number;
  readonly length: number;
}

/** The fields of a descriptor: Wireshark names them by what it describes. */
const TEXT_PLACE = [NTLM.length, NTLM.maxLength, NTLM.offset] as const;
const BLOB_PLACE = [NTLM.blobLength, NTLM.blobMaxLength, NTLM.blobOffset] as const;
const TARGET_INFO_PLACE = [NTLM.targetInfoLength, NTLM.targetInfoMaxLength, NTLM.targetInfoOffset] as const;

function descriptor(c: Cursor, what: Field): Payload {
  const place = what === NTLM.targetInfo ? TARGET_INFO_PLACE : what.type === 'string' ? TEXT_PLACE : BLOB_PLACE;
  return c.group(
    NTLM.descriptor,
    () => {
      const length = c.u16(place[0]);
      c.u16(place[1]);
      return { field: what, length, offset: c.u32(place[2]) };
    },
    null,
    (p) => `${what.label}: ${p.length} bytes at ${p.offset}`,
  );
}

/** The bits as nodes of their own, so that a filter can ask for one: learnt from the number above them. */
function flags(c: Cursor): number {
  return c.group(
    NTLM.flagBits,
    () => {
      const value = c.u32(NTLM.negotiateFlags);
      if (c.isRecording)
        FLAG_FIELDS.forEach((flag, bit) => {
          c.computed(flag, ((value >>> bit) & 1) === 1);
        });
      return value;
    },
    null,
    (value) => negotiateFlagNames(value).join(', '),
  );
}

/** VERSION (2.2.2.10): eight bytes, where the payload leaves room for it; they say something where a flag says so. */
function version(c: Cursor, negotiated: number): void {
  if ((negotiated & VERSION) === 0) {
    c.pad(8);
    return;
  }
  c.group(
    NTLM.version,
    () => {
      const major = c.u8(NTLM.versionMajor);
      const minor = c.u8(NTLM.versionMinor);
      const build = c.u16(NTLM.versionBuild);
      c.raw(NTLM.versionReserved, 3);
      c.u8(NTLM.versionRevision);
      return `${major}.${minor} (build ${build})`;
    },
    null,
    (text) => text,
  );
}

/** Bytes between the fixed part read so far and the first payload: old implementations leave VERSION and MIC out. */
function room(c: Cursor, base: number, payloads: readonly Payload[]): number {
  let first = c.pos + c.left;
  for (const p of payloads) if (p.length > 0 && base + p.offset >= c.pos) first = Math.min(first, base + p.offset);
  return first - c.pos;
}

/**
 * Reads the payloads in the order in which they lie. A byte belongs to one leaf: a payload that lies in the fixed
 * part or over another one is left out with a note.
 */
function readPayloads(
  c: Cursor,
  base: number,
  payloads: readonly Payload[],
  read: (c: Cursor, p: Payload) => void,
): void {
  for (const p of payloads.toSorted((a, b) => a.offset - b.offset)) {
    const at = base + p.offset;
    if (p.length === 0) continue;
    if (at < c.pos) {
      c.note('overlap', `the payload of ${p.field.label} overlaps what stands before it; not shown`, at);
      continue;
    }
    if (at + p.length > c.pos + c.left) {
      c.note('truncated', `the payload of ${p.field.label} (${p.length} bytes at ${p.offset}) ends behind the message`);
      continue;
    }
    c.pos = at;
    read(c, p);
  }
}

/** Text in UTF-16, or in the OEM character set: which one nobody says, so ASCII is all that can be relied on. */
const text = (c: Cursor, what: Field, length: number, unicode: boolean) =>
  unicode ? c.utf16(what, length & ~1) : c.utf8(what, length);

function negotiate(c: Cursor, base: number): NegotiateMessage {
  const negotiated = flags(c);
  // MS-NLMP 2.2.1.1 has both descriptors; the shortest messages in the wild end before them.
  if (c.left >= 16) {
    const payloads = [descriptor(c, NTLM.negotiateDomain), descriptor(c, NTLM.negotiateWorkstation)];
    if (c.left >= 8 && room(c, base, payloads) >= 8) version(c, negotiated);
    readPayloads(c, base, payloads, (at, p) => text(at, p.field, p.length, false));
  }
  return { kind: 'negotiate', flags: negotiated };
}

function challenge(c: Cursor, base: number): ChallengeMessage {
  const name = descriptor(c, NTLM.targetName);
  const negotiated = flags(c);
  const serverChallenge = c.raw(NTLM.serverChallenge, 8);
  const payloads = [name];
  if (c.left >= 16 && room(c, base, payloads) >= 16) {
    c.raw(NTLM.reserved, 8);
    payloads.push(descriptor(c, NTLM.targetInfo));
    if (c.left >= 8 && room(c, base, payloads) >= 8) version(c, negotiated);
  }
  let targetName = '';
  let targetInfo: AvPairs | null = null;
  readPayloads(c, base, payloads, (at, p) => {
    if (p.field === NTLM.targetName) targetName = text(at, p.field, p.length, (negotiated & UNICODE) !== 0);
    else targetInfo = at.frame(p.field, p.length, avPairs, CHALLENGE_AV) ?? null;
  });
  return { kind: 'challenge', flags: negotiated, serverChallenge, targetName, targetInfo };
}

function authenticate(c: Cursor, base: number): AuthenticateMessage {
  const payloads = [NTLM.lmResponse, NTLM.ntResponse, NTLM.domain, NTLM.user, NTLM.host].map((what) =>
    descriptor(c, what),
  );
  let negotiated = 0;
  let micAt: number | null = null;
  let micHere: number | null = null;
  if (room(c, base, payloads) >= 12) {
    payloads.push(descriptor(c, NTLM.sessionKey));
    negotiated = flags(c);
    const free = room(c, base, payloads);
    if (free === 8 || free >= 24) version(c, negotiated);
    if (free >= 16) {
      micHere = c.pos - base;
      c.raw(NTLM.mic, 16);
    }
  }
  const unicode = (negotiated & UNICODE) !== 0;
  const texts = new Map<Field, string>();
  const blobs = new Map<Field, Uint8Array>();
  let av: AvPairs | null = null;
  readPayloads(c, base, payloads, (at, p) => {
    if (p.field === NTLM.domain || p.field === NTLM.user || p.field === NTLM.host)
      texts.set(p.field, text(at, p.field, p.length, unicode));
    else if (p.field === NTLM.ntResponse && p.length > 24) {
      blobs.set(p.field, at.bytes.subarray(at.pos, at.pos + p.length));
      av = at.group(p.field, () => at.frame(NTLM.v2Response, p.length, v2Response)) ?? null;
    } else blobs.set(p.field, at.raw(p.field, p.length));
  });
  // The 16 bytes are there in every message of a modern client; MsvAvFlags says whether they mean something.
  if ((av as AvPairs | null)?.hasMic) micAt = micHere;
  return {
    kind: 'authenticate',
    flags: negotiated,
    domain: texts.get(NTLM.domain) ?? '',
    user: texts.get(NTLM.user) ?? '',
    workstation: texts.get(NTLM.host) ?? '',
    lmResponse: blobs.get(NTLM.lmResponse) ?? NOTHING,
    ntResponse: blobs.get(NTLM.ntResponse) ?? NOTHING,
    sessionKey: blobs.get(NTLM.sessionKey) ?? NOTHING,
    micAt,
    av,
  };
}

/** NTLMv2_RESPONSE (2.2.2.8) with its NTLMv2_CLIENT_CHALLENGE (2.2.2.7). */
function v2Response(c: Cursor): AvPairs {
  c.raw(NTLM.v2Proof, 16);
  c.u8(NTLM.v2Version);
  c.u8(NTLM.v2HighVersion);
  c.raw(NTLM.v2Zero, 6);
  c.made(NTLM.v2Time, 8, fileTime, fileTimeText);
  c.raw(NTLM.v2Challenge, 8);
  c.raw(NTLM.v2Zero, 4);
  const pairs = avPairs(c, RESPONSE_AV);
  if (c.left > 0) c.raw(NTLM.v2Pad, c.left);
  return pairs;
}

/** AV_PAIRs up to MsvAvEOL. */
function avPairs(c: Cursor, fields: AvFields): AvPairs {
  const found: AvPairs = {
    nbDomain: null,
    nbComputer: null,
    dnsDomain: null,
    dnsComputer: null,
    targetName: null,
    hasMic: false,
  };
  while (c.left >= 4 && c.group(fields.pair, avPair, { fields, found }, AV_TEXT) !== 0);
  return found;
}

const AV_TEXT = (id: number) => RESPONSE_AV.value[id]?.label ?? `AvId ${id}`;

function avPair(c: Cursor, { fields, found }: { fields: AvFields; found: AvPairs }): number {
  const id = c.u16(fields.type);
  const length = c.u16(fields.length);
  const what = fields.value[id] ?? fields.unknown;
  if (what.type === 'string') {
    const value = c.utf16(what, length & ~1);
    if (length & 1) c.pad(1);
    if (id === 1) found.nbComputer = value;
    else if (id === 2) found.nbDomain = value;
    else if (id === 3) found.dnsComputer = value;
    else if (id === 4) found.dnsDomain = value;
    else if (id === 9) found.targetName = value;
  } else if (id === 6 && length === 4) found.hasMic = (c.u32(what) & AV_FLAG_MIC) !== 0;
  else if (id === 7 && length === 8) c.made(what, 8, fileTime, fileTimeText);
  else if (length > 0) c.raw(what.type === 'bytes' ? what : fields.unknown, length);
  return id;
}
