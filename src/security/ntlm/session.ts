/**
 * Signing and sealing with the keys of an NTLM session (MS-NLMP 3.4.3, 3.4.4), connection oriented, as DCE/RPC uses
 * it (MS-RPCE 3.3.1.5.2): each direction has an RC4 stream and a sequence number, and every fragment moves both.
 */
import { type Mac, md5Mac } from '#platform';
import { equals } from '../../core/bytes.js';
import { readU32le } from '../bytes.js';
import { crc32 } from '../crypto/crc32.js';
import { Rc4 } from '../crypto/rc4.js';
import type { Direction, ProtectedPdu, SecurityNote, Unprotected } from '../types.js';
import { sealKey, signKey } from './keys.js';
import { EXTENDED_SECURITY, KEY_EXCHANGE } from './messages.js';

const PRIVACY = 6;
export const SIGNATURE_LENGTH = 16;

/**
 * How far a lost stream is searched ahead: positions (each 4 bytes, to which stubs are padded; messages that stand alone have any length) and the bytes that
 * are decrypted and hashed on the way. About half a second, once for each loss.
 */
const SEARCH_POSITIONS = 1 << 16;
const SEARCH_BYTES = 96 << 20;
/** A sequence number further ahead is not taken for a loss. */
const MAX_LOSS = 1 << 16;
/** Searches of one session that may find nothing before it gives up, and those of a whole capture. */
const SEARCHES = 3;
const ALL_SEARCHES = 8;

/** What the sessions of a capture have left for searches. */
export interface SearchBudget {
  left: number;
}

export const searchBudget = (): SearchBudget => ({ left: ALL_SEARCHES });

/** What one direction remembers. */
interface Side {
  readonly mac: Mac | null;
  rc4: Rc4;
  sequence: number;
  /** Fragments before the next one are missing: how many and how many sealed bytes, as far as somebody knows. */
  missing: { sealed: number; fragments: number; said: boolean } | null;
  /** Where the stream may stand at the next fragment, counted from here, when that is open but nothing was lost. */
  open: readonly number[] | null;
}

/** A fragment under one assumption of where the stream stands. */
interface Opened {
  readonly stub: Uint8Array;
  readonly coverage: Coverage | null;
}

/** What the signature is made over: without PFC_SUPPORT_HEADER_SIGN implementations do not agree. */
type Coverage = 'header, stub and trailer' | 'stub only';
const WHOLE: Coverage = 'header, stub and trailer';
const STUB: Coverage = 'stub only';

const NONE: readonly SecurityNote[] = [];

export class NtlmSession {
  private readonly extended: boolean;
  /** Bytes of the stream that a signature takes. */
  private readonly signatureTakes: number;
  private readonly sides: Record<Direction, Side>;
  /**
   * Without extended session security both directions have one key. SSPI and Samba then have one stream for both
   * (`joint`), the specification two. `undecided` until what is seen decides.
   */
  private readonly joint: Side | null;
  private undecided: boolean;
  private coverage: Coverage | null = null;
  private saidCoverage = false;
  private searches = SEARCHES;
  /** Without extended session security: how far ahead a sequence number may be, while a place is looked for. */
  private slack = 0;

  constructor(
    private readonly flags: number,
    readonly sessionKey: Uint8Array,
    private readonly budget: SearchBudget = searchBudget(),
  ) {
    this.extended = (flags & EXTENDED_SECURITY) !== 0;
    this.signatureTakes = this.extended ? (flags & KEY_EXCHANGE ? 8 : 0) : 12;
    this.sides = { client: this.side('client'), server: this.side('server') };
    this.undecided = !this.extended;
    this.joint = this.extended ? null : this.side('client');
  }

  private side(direction: Direction): Side {
    const key = signKey(this.flags, this.sessionKey, direction);
    return {
      mac: key === null ? null : md5Mac(key),
      rc4: new Rc4(sealKey(this.flags, this.sessionKey, direction)),
      sequence: 0,
      missing: null,
      open: null,
    };
  }

  /** The signature of a message outside the stream of fragments: what SPNEGO's mechListMIC is. */
  checkMic(direction: Direction, message: Uint8Array, mic: Uint8Array): boolean {
    if (mic.length !== SIGNATURE_LENGTH) return false;
    const side = this.side(direction);
    if (side.mac === null) {
      const plain = side.rc4.crypt(mic.subarray(4));
      return readU32le(plain, 4) === crc32(message) && readU32le(plain, 8) === 0;
    }
    const sum = this.flags & KEY_EXCHANGE ? side.rc4.crypt(mic.subarray(4, 12)) : mic.subarray(4, 12);
    return equals(sum, side.mac(mic.subarray(12, 16), message));
  }

  /**
   * SPNEGO signed its mechanism list. MS-SPNG 3.3.5.1 has the RC4 stream start afresh behind it; whether it does,
   * and whether the sequence number does, is left open to what the first fragment shows.
   */
  afterMechListMic(): void {
    for (const side of Object.values(this.sides)) side.open = [0, this.signatureTakes];
  }

  lost(direction: Direction, sealed?: number, fragments?: number): void {
    for (const side of this.mayBe(direction)) {
      side.missing ??= { sealed: 0, fragments: 0, said: false };
      side.missing.sealed += sealed ?? 0;
      side.missing.fragments += fragments ?? 0;
    }
  }

  unprotect(p: ProtectedPdu): Unprotected {
    const sealed = p.level === PRIVACY;
    if (p.authEnd - p.authStart < SIGNATURE_LENGTH) {
      const message = `the signature has ${p.authEnd - p.authStart} bytes where NTLM's has 16`;
      return failed(p, sealed, [{ code: 'bad-signature', message }], null);
    }
    if (!this.extended) return this.unprotectOld(p);
    const side = this.sides[p.direction];
    const ahead = readU32le(p.pdu, p.authStart + 12) - side.sequence;
    if (side.missing !== null || side.open !== null || ahead !== 0) return this.resume(p, side, ahead);
    const opened = this.open(p, side);
    side.sequence = (side.sequence + 1) >>> 0;
    return this.result(p, opened);
  }

  private result(p: ProtectedPdu, opened: Opened, how?: string): Unprotected {
    const { coverage, stub } = opened;
    const decrypted = p.level === PRIVACY ? true : null;
    if (coverage === null) {
      const message = `the NTLM signature of this fragment does not check: it was changed, or is not this session's`;
      return { stub, decrypted, verified: false, notes: [{ code: 'bad-signature', message }], how: null };
    }
    let notes = NONE;
    if (coverage === STUB && !this.saidCoverage) {
      this.saidCoverage = true;
      const message = 'signatures cover the stub alone: header and auth trailer can be changed without notice';
      notes = [{ code: 'unsigned-header', message }];
    }
    return { stub, decrypted, verified: true, notes, how: how === undefined ? coverage : `${coverage}; ${how}` };
  }

  /**
   * The sequence number is not the next one, or fragments are known to be missing: looks for the place of the
   * stream at which the signature checks.
   */
  private resume(p: ProtectedPdu, side: Side, ahead: number): Unprotected {
    const sealed = p.level === PRIVACY;
    const { missing, open } = side;
    const base = side.rc4;
    // a number that no loss explains must not move the stream: it may claim four billion fragments
    const skipped = ahead > 0 && ahead < MAX_LOSS ? ahead : 0;
    const known: number[] = [...(open ?? [])];
    if (missing !== null) known.push(missing.sealed + skipped * this.signatureTakes);
    known.push(0, skipped * this.signatureTakes);
    for (const at of new Set(known)) {
      const opened = this.tryAt(p, side, base, at);
      if (opened !== null) return this.resumed(p, side, opened, open === null ? skipped : 0);
    }
    if (sealed && (missing !== null || (ahead > 0 && ahead < MAX_LOSS)) && this.searches > 0 && this.budget.left > 0) {
      const opened = this.search(p, side, base, skipped * this.signatureTakes);
      if (opened !== null) return this.resumed(p, side, opened, skipped);
      this.searches--;
      this.budget.left--;
    }
    side.rc4 = base;
    // Nothing fits. Where nothing speaks for a loss the fragment itself is wrong, and the stream goes on behind it.
    if (missing === null && (ahead <= 0 || ahead >= MAX_LOSS)) {
      const opened = this.open(p, side);
      side.open = null;
      side.sequence = (side.sequence + 1) >>> 0;
      return this.result(p, opened);
    }
    side.missing ??= { sealed: 0, fragments: 0, said: false };
    return this.lostHere(p, side);
  }

  /** The stream is lost: said once for each loss. */
  private lostHere(p: ProtectedPdu, side: Side): Unprotected {
    const message = `fragments of the ${p.direction} are missing before this one, and the RC4 stream could not be picked up again`;
    const notes: SecurityNote[] = side.missing?.said ? [] : [{ code: 'stream-lost', message }];
    if (side.missing !== null) side.missing.said = true;
    return failed(p, p.level === PRIVACY, notes, 'the RC4 stream is lost', null);
  }

  private resumed(p: ProtectedPdu, side: Side, opened: Opened, skipped: number): Unprotected {
    side.sequence = (readU32le(p.pdu, p.authStart + 12) + 1) >>> 0;
    side.missing = null;
    side.open = null;
    return this.result(p, opened, skipped > 0 ? `resumed after ${skipped} lost fragments` : undefined);
  }

  /** Opens the fragment with the stream `at` bytes behind `base`; leaves `side` there if that was right. */
  private tryAt(p: ProtectedPdu, side: Side, base: Rc4, at: number): Opened | null {
    const rc4 = base.clone();
    rc4.skip(at);
    return this.tryWith(p, side, rc4);
  }

  private tryWith(p: ProtectedPdu, side: Side, rc4: Rc4): Opened | null {
    const before = side.rc4;
    side.rc4 = rc4;
    const opened = this.open(p, side);
    if (opened.coverage !== null) return opened;
    side.rc4 = before;
    return null;
  }

  private search(p: ProtectedPdu, side: Side, base: Rc4, from: number): Opened | null {
    const place = base.clone();
    place.skip(from);
    const cost = p.authEnd + 1024;
    const positions = Math.min(SEARCH_POSITIONS, Math.ceil(SEARCH_BYTES / cost));
    for (let n = 0; n < positions; n++) {
      const opened = this.tryWith(p, side, place.clone());
      if (opened !== null) return opened;
      place.skip(p.unit ?? 4);
    }
    return null;
  }

  /** Decrypts and checks a fragment where `side` stands, and moves its stream behind it. */
  private open(p: ProtectedPdu, side: Side): Opened {
    // One buffer: the sequence number, then what is signed, then the clear text in its place.
    const work = new Uint8Array(4 + p.authStart);
    work.set(p.pdu.subarray(0, p.authStart), 4);
    const from = 4 + p.stubStart;
    const to = 4 + p.stubEnd;
    if (p.level === PRIVACY) side.rc4.apply(p.pdu, p.stubStart, p.stubEnd, work, from);
    const stub = p.level === PRIVACY ? work.subarray(from, to) : p.pdu.subarray(p.stubStart, p.stubEnd);
    const auth = p.pdu.subarray(p.authStart, p.authStart + SIGNATURE_LENGTH);
    const fits = side.mac === null ? this.crcCheck(side, auth) : this.macCheck(side, side.mac, auth, work);
    if (this.coverage !== STUB && fits(work, 4, work.length)) this.coverage = WHOLE;
    else if (this.coverage !== WHOLE && !p.headerSign && fits(work, from, to)) this.coverage = STUB;
    else return { stub, coverage: null };
    return { stub, coverage: this.coverage };
  }

  /** 3.4.4.2, with extended session security: HMAC-MD5 over sequence number and message. */
  private macCheck(side: Side, mac: Mac, auth: Uint8Array, work: Uint8Array) {
    const sum = new Uint8Array(8);
    if (this.flags & KEY_EXCHANGE) side.rc4.apply(auth, 4, 12, sum, 0);
    else sum.set(auth.subarray(4, 12));
    const number = auth.subarray(12, 16);
    work.set(number);
    return (b: Uint8Array, from: number, to: number): boolean =>
      equals(sum, from === 4 ? mac(b.subarray(0, to)) : mac(number, b.subarray(from, to)));
  }

  /** 3.4.4.1, without: CRC32, and the sequence number is encrypted too. */
  private crcCheck(side: Side, auth: Uint8Array) {
    const plain = side.rc4.crypt(auth.subarray(4, 16));
    const sum = readU32le(plain, 4);
    const number = readU32le(plain, 8);
    const inOrder = (number - side.sequence) >>> 0 <= this.slack;
    return (b: Uint8Array, from: number, to: number): boolean => {
      const fits = inOrder && crc32(b.subarray(from, to)) === sum;
      if (fits) side.sequence = number;
      return fits;
    };
  }

  /** The streams that a fragment of this direction may be of. */
  private mayBe(direction: Direction): readonly Side[] {
    const own = this.sides[direction];
    return this.undecided && this.joint !== null ? [this.joint, own] : [own];
  }

  /** Without extended session security: under one stream for each direction, and under one for both. */
  private unprotectOld(p: ProtectedPdu): Unprotected {
    const sides = this.mayBe(p.direction);
    let fitting = sides.flatMap((side) => {
      const { missing } = side;
      const fragments = missing?.fragments ?? 0;
      const hint = (missing?.sealed ?? 0) + fragments * this.signatureTakes;
      this.slack = fragments;
      const opened = this.tryAt(p, side, side.rc4, hint) ?? (hint > 0 ? this.tryAt(p, side, side.rc4, 0) : null);
      return opened === null ? [] : [{ side, opened }];
    });
    if (fitting.length === 0 && p.level === PRIVACY && this.searches > 0 && this.budget.left > 0) {
      this.slack = MAX_LOSS;
      fitting = sides.flatMap((side) => {
        const opened = this.search(p, side, side.rc4, 0);
        return opened === null ? [] : [{ side, opened }];
      });
      if (fitting.length === 0) {
        this.searches--;
        this.budget.left--;
      }
    }
    this.slack = 0;
    for (const { side } of fitting) {
      side.sequence = (side.sequence + 1) >>> 0;
      side.missing = null;
    }
    if (fitting.length > 0) {
      if (fitting.length < sides.length) this.decide(fitting[0].side);
      return this.result(p, fitting[0].opened);
    }
    if (sides[0].missing !== null) return this.lostHere(p, sides[0]);
    const opened = sides.map((side) => {
      const one = this.open(p, side);
      side.sequence = (side.sequence + 1) >>> 0;
      return one;
    });
    return this.result(p, opened[opened.length - 1]);
  }

  /** The other direction has spoken, and one assumption is left. */
  private decide(side: Side): void {
    this.undecided = false;
    if (side === this.joint) this.sides.client = this.sides.server = side;
  }
}

/** What is said of a fragment that could not be opened: clear bytes only where nothing was sealed. */
function failed(
  p: ProtectedPdu,
  sealed: boolean,
  notes: readonly SecurityNote[],
  how: string | null,
  verified: false | null = false,
): Unprotected {
  const stub = sealed ? null : p.pdu.subarray(p.stubStart, p.stubEnd);
  return { stub, decrypted: sealed ? false : null, verified, notes, how };
}
