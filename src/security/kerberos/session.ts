/**
 * Signing and sealing with Kerberos keys as DCE/RPC uses it (MS-RPCE 2.2.2.11 and 3.3.1.5.2, MS-KILE 3.4.5.4): the
 * token stands in auth_value, the data stays in its place. AES: RFC 4121 section 4.2; RC4: RFC 4757 section 7.
 * Each token says its own sequence number, so fragments need no memory and losses do no harm.
 */
import { concat, dword, equals, latin1Bytes } from '../../core/bytes.js';
import { once } from '../../core/once.js';
import { Rc4 } from '../crypto/rc4.js';
import { hmacMd5, md5 } from '../ntlm/keys.js';
import type { Direction, ProtectedPdu, SecurityNote, Unprotected } from '../types.js';
import { AesKeys, isAes, rc4UsageKey } from './crypto.js';
import type { Key } from './messages.js';

/** What the session knows: which of them is used, the token's flags say, or trial. */
export interface SessionKeys {
  /** Of the ticket. */
  readonly session: Key | null;
  /** Of the authenticator. */
  readonly initiator: Key | null;
  /** Of the AP-REP. */
  readonly acceptor: Key | null;
}

/** Bits of a CFX token's flags. */
const BY_ACCEPTOR = 1;
export const SEALED = 2;
const ACCEPTOR_SUBKEY = 4;

const WHOLE = 'header, stub and trailer';
const STUB = 'stub only';

/** What was signed around the data: nothing, or the PDU's header and sec_trailer. */
interface Around {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly how: string;
}

const NOTHING = new Uint8Array(0);

export class KerberosSession {
  private readonly aesOf = once(({ etype, value }: Key) => new AesKeys(etype, value));
  private saidCoverage = false;
  /** The coverage that fitted last: tried first. */
  private coverage: string | null = null;

  constructor(private readonly keys: SessionKeys) {}

  /** The key that the side made which spoke last (RFC 4121 section 2). */
  get sessionKey(): Uint8Array | null {
    const { session, initiator, acceptor } = this.keys;
    return (acceptor ?? initiator ?? session)?.value ?? null;
  }

  /** A GSS_GetMIC token over `message`; null where it is no such token. */
  checkMic(_direction: Direction, message: Uint8Array, token: Uint8Array): boolean | null {
    if (token.length >= 16 && token[0] === 4 && token[1] === 4)
      return this.candidates((token[2] & ACCEPTOR_SUBKEY) !== 0, true).some((key) =>
        this.cfxMicFits(key, token, [message]),
      );
    const old = parseRc4Token(token);
    if (old === null || old.wrap) return null;
    return this.candidates(true, false).some((key) => this.rc4Fits(key, old, [message]));
  }

  unprotect(p: ProtectedPdu): Unprotected {
    const token = p.pdu.subarray(p.authStart, p.authEnd);
    const data = p.pdu.subarray(p.stubStart, p.stubEnd);
    const sealed = p.level >= 6;
    if (token.length >= 16 && (token[0] === 4 || token[0] === 5) && token[1] === 4) {
      const keys = this.candidates((token[2] & ACCEPTOR_SUBKEY) !== 0, true);
      if (token[0] === 4)
        return this.clear(p, data, keys, (key, a) => this.cfxMicFits(key, token, [a.before, data, a.after]));
      if ((token[2] & SEALED) === 0)
        return this.clear(p, data, keys, (key, a) => this.cfxWrapFits(key, token, [a.before, data, a.after]));
      return this.cfxUnseal(p, token, data, keys);
    }
    const old = parseRc4Token(token);
    if (old === null) {
      const message = 'the verifier is neither a token of RFC 4121 nor one of RFC 4757';
      const notes: SecurityNote[] = [{ code: 'bad-signature', message }];
      return { stub: sealed ? null : data, decrypted: sealed ? false : null, verified: false, notes, how: null };
    }
    const keys = this.candidates(true, false);
    if (!old.sealed)
      return this.clear(p, data, keys, (key, a) => this.rc4Fits(key, old, [old.confounder, a.before, data, a.after]));
    return this.rc4Unseal(p, old, data, keys);
  }

  /** Keys that can have made a token, the likeliest first. */
  private candidates(acceptorFirst: boolean, aes: boolean): Key[] {
    const { session, initiator, acceptor } = this.keys;
    const order = acceptorFirst ? [acceptor, initiator, session] : [initiator, session, acceptor];
    return order.filter((key) => key !== null && isAes(key.etype) === aes) as Key[];
  }

  /** Header signing where it was negotiated; else both ways, as implementations differ. */
  private around(p: ProtectedPdu): Around[] {
    const whole = {
      before: p.pdu.subarray(0, p.stubStart),
      after: p.pdu.subarray(p.stubEnd, p.authStart),
      how: WHOLE,
    };
    if (p.headerSign) return [whole];
    const stub = { before: NOTHING, after: NOTHING, how: STUB };
    return this.coverage === STUB ? [stub, whole] : [whole, stub];
  }

  private clear(
    p: ProtectedPdu,
    data: Uint8Array,
    keys: readonly Key[],
    fits: (key: Key, around: Around) => boolean,
  ): Unprotected {
    for (const around of this.around(p))
      for (const key of keys) if (fits(key, around)) return this.good(p, data, null, around.how);
    return wrong(data, null);
  }

  private good(_p: ProtectedPdu, stub: Uint8Array, decrypted: true | null, how: string): Unprotected {
    this.coverage = how;
    const notes: SecurityNote[] = [];
    if (how === STUB && !this.saidCoverage) {
      this.saidCoverage = true;
      const message = 'signatures cover the stub alone: header and auth trailer can be changed without notice';
      notes.push({ code: 'unsigned-header', message });
    }
    return { stub, decrypted, verified: true, notes, how };
  }

  /** RFC 4121 section 4.2.4, a MIC token: checksum over the message and the token's first 16 bytes. */
  private cfxMicFits(key: Key, token: Uint8Array, message: readonly Uint8Array[]): boolean {
    const usage = token[2] & BY_ACCEPTOR ? 23 : 25;
    const aes = this.aesOf(key);
    if (token.length !== 16 + aes.macBytes) return false;
    return tails(message).some((tail) =>
      equals(aes.checksum(usage, [...message, tail, token.subarray(0, 16)]), token, 16),
    );
  }

  /** A Wrap token that does not seal: the checksum takes EC and RRC as zero. */
  private cfxWrapFits(key: Key, token: Uint8Array, message: readonly Uint8Array[]): boolean {
    const header = Uint8Array.from(token.subarray(0, 16)).fill(0, 4, 8);
    const sum = this.aesOf(key).checksum(token[2] & BY_ACCEPTOR ? 22 : 24, [...message, header]);
    return equals(sum, token, 16);
  }

  /**
   * A Wrap token that seals: confounder | data | filler (EC) | copy of the token's header | checksum, rotated right
   * by RRC. In DCE style the rotation also counts EC (MS-KILE 3.4.5.4.1): the data then stands in its place, and the
   * rest in the token. Both ways are tried.
   */
  private cfxUnseal(p: ProtectedPdu, token: Uint8Array, data: Uint8Array, keys: readonly Key[]): Unprotected {
    const ec = (token[4] << 8) | token[5];
    const rrc = (token[6] << 8) | token[7];
    const rotated = concat(token.subarray(16), data);
    let first: Uint8Array | null = null;
    for (const key of keys) {
      const aes = this.aesOf(key);
      // Sealed bytes and nothing else: confounder, data, filler, header, checksum.
      const length = 16 + data.length + ec + 16 + aes.macBytes;
      if (rotated.length !== length) continue;
      for (const turn of new Set([(rrc + ec) % length, rrc % length])) {
        const body = concat(rotated.subarray(turn), rotated.subarray(0, turn));
        const opened = this.cfxOpen(p, token, body, data.length, aes);
        if (opened.how !== null) return this.good(p, opened.stub, true, opened.how);
        first ??= opened.stub;
      }
    }
    return first === null ? unfit(p) : wrong(first, true);
  }

  private cfxOpen(
    p: ProtectedPdu,
    token: Uint8Array,
    body: Uint8Array,
    length: number,
    aes: AesKeys,
  ): { stub: Uint8Array; how: string | null } {
    const usage = token[2] & BY_ACCEPTOR ? 22 : 24;
    const end = body.length - aes.macBytes;
    const cipher = body.subarray(0, end);
    const plain = aes.decrypt(usage, cipher);
    const stub = plain.subarray(16, 16 + length);
    const copy = plain.subarray(end - 16);
    // The copy carries RRC as zero, and EC as some write it: what else it says has to be the token's own.
    const same = equals(token.subarray(0, 4), copy) && equals(token.subarray(8, 16), copy, 8);
    const signed = aes.encryptThenMac ? cipher : plain;
    for (const { before, after, how } of same ? this.around(p) : []) {
      const parts = [
        signed.subarray(0, 16),
        before,
        signed.subarray(16, 16 + length),
        after,
        signed.subarray(16 + length),
      ];
      if (equals(aes.integrity(usage, parts), body, end)) return { stub, how };
    }
    return { stub, how: null };
  }

  /** RFC 4757 section 7.2 and 7.3: HMAC over MD5 of usage, the token's first 8 bytes and what is signed. */
  private rc4Fits(key: Key, token: Rc4Token, message: readonly Uint8Array[]): boolean {
    const signKey = hmacMd5(key.value, latin1Bytes('signaturekey\0'));
    const usage = dword(token.wrap ? 13 : 15, true);
    return tails(message).some((tail) =>
      equals(token.checksum, hmacMd5(signKey, md5(usage, token.head, ...message, tail))),
    );
  }

  private rc4Unseal(p: ProtectedPdu, token: Rc4Token, data: Uint8Array, keys: readonly Key[]): Unprotected {
    let first: Uint8Array | null = null;
    const zero = dword(0, true);
    for (const key of keys) {
      const sequenceKey = hmacMd5(rc4UsageKey(key.etype, key.value, zero).cipher, token.checksum);
      const sequence = new Rc4(sequenceKey).crypt(token.sequence).subarray(0, 4);
      const local = key.value.map((byte) => byte ^ 0xf0);
      const stream = new Rc4(hmacMd5(rc4UsageKey(key.etype, local, zero).cipher, sequence));
      const confounder = stream.crypt(token.confounder);
      const stub = stream.crypt(data);
      for (const { before, after, how } of this.around(p))
        if (this.rc4Fits(key, token, [confounder, before, stub, after])) return this.good(p, stub, true, how);
      first ??= stub;
    }
    return first === null ? unfit(p) : wrong(first, true);
  }
}

/**
 * What implementations sign behind the message: nothing, as Windows; impacket and scapy pad to 8 or 4 bytes, each
 * byte saying how many there are (RFC 1964 section 1.2.2.3), though nothing of it is sent.
 */
function tails(message: readonly Uint8Array[]): Uint8Array[] {
  const length = message.reduce((n, part) => n + part.length, 0);
  const sizes = new Set([0, -length & 7, -length & 3]);
  return Array.from(sizes, (n) => new Uint8Array(n).fill(n));
}

function wrong(stub: Uint8Array, decrypted: true | null): Unprotected {
  const message = "the Kerberos signature of this fragment does not check: it was changed, or is not this session's";
  return { stub, decrypted, verified: false, notes: [{ code: 'bad-signature', message }], how: null };
}

function unfit(p: ProtectedPdu): Unprotected {
  const message = `the Kerberos token of ${p.authEnd - p.authStart} bytes fits no key of this session`;
  return { stub: null, decrypted: false, verified: false, notes: [{ code: 'bad-signature', message }], how: null };
}

/** A token of RFC 4757 section 7.2 (MIC) or 7.3 (Wrap), its GSS-API frame taken off. */
interface Rc4Token {
  readonly wrap: boolean;
  readonly sealed: boolean;
  readonly head: Uint8Array;
  readonly sequence: Uint8Array;
  readonly checksum: Uint8Array;
  /** Wrap alone; empty in a MIC. */
  readonly confounder: Uint8Array;
  /** Of the token, behind which wrapped data may stand. */
  readonly length: number;
}

const KERBEROS_OID_DER = Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2);

export function parseRc4Token(token: Uint8Array): Rc4Token | null {
  if (token[0] !== 0x60) return null;
  // The length counts the data too in some implementations: only how long it is written matters.
  const oid = 2 + (token[1] < 0x80 ? 0 : token[1] & 0x7f);
  const at = oid + KERBEROS_OID_DER.length;
  if (!equals(KERBEROS_OID_DER, token, oid) || token.length < at + 24) return null;
  const wrap = token[at] === 2;
  if ((!wrap && token[at] !== 1) || token[at + 1] !== 1) return null;
  if (wrap && token.length < at + 32) return null;
  return {
    wrap,
    sealed: wrap && token[at + 4] === 0x10,
    head: token.subarray(at, at + 8),
    sequence: token.subarray(at + 8, at + 16),
    checksum: token.subarray(at + 16, at + 24),
    confounder: wrap ? token.subarray(at + 24, at + 32) : NOTHING,
    length: at + (wrap ? 32 : 24),
  };
}
