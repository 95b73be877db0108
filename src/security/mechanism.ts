/** What the mechanisms are to each other: SPNEGO wraps one, and asks it to check its list. */
import { concat, same } from '../core/bytes.js';
import { Cursor } from '../core/cursor.js';
import { field } from '../core/node.js';
import { Recording } from '../core/recording.js';
import { fileSource } from '../core/source.js';
import type { Secrets } from './secrets.js';
import type {
  Direction,
  Opened,
  OpenedPart,
  ProtectedPdu,
  SecurityContext,
  SecurityInfo,
  SecurityNote,
  Unprotected,
  Wrapped,
} from './types.js';

/** A mechanism that SPNEGO can carry. */
export interface MechanismContext extends SecurityContext {
  /** SPNEGO's mechListMIC (RFC 4178 section 5): whether `mic` of `direction` signs `message`; null without keys. */
  checkMic(direction: Direction, message: Uint8Array, mic: Uint8Array): boolean | null;
  /** The list was signed by somebody: what comes next may start afresh. */
  afterMechListMic(verified: boolean | null): void;
}

/** What keys do. */
interface Session {
  readonly sessionKey: Uint8Array | null;
  checkMic(...signed: Parameters<MechanismContext['checkMic']>): boolean | null;
  afterMechListMic?(): void;
  unprotect(p: ProtectedPdu): Unprotected;
  lost?(...gap: Parameters<SecurityContext['lost']>): void;
}

/** A context whose tokens lead to a session, once its keys are known. */
export abstract class KeyedContext<S extends Session> implements MechanismContext {
  readonly info: Learning;
  protected session: S | null = null;

  /** @param mechanism what negotiates: itself, or SPNEGO around it */
  constructor(
    type: NonNullable<SecurityInfo['type']>,
    mechanism: SecurityInfo['mechanism'],
    protected readonly secrets: Secrets | null,
  ) {
    this.info = { ...nothingKnown(mechanism, secrets !== null), type };
  }

  get sessionKey(): Uint8Array | null {
    return this.session?.sessionKey ?? null;
  }

  abstract token(direction: Direction, bytes: Uint8Array): readonly SecurityNote[];

  checkMic(...signed: Parameters<MechanismContext['checkMic']>): boolean | null {
    return this.session?.checkMic(...signed) ?? null;
  }

  afterMechListMic(verified: boolean | null): void {
    this.info.mechListVerified = both(this.info.mechListVerified, verified);
    this.session?.afterMechListMic?.();
  }

  unprotect(p: ProtectedPdu): Unprotected {
    return this.session === null || p.level < 4 ? withoutKey(p) : this.session.unprotect(p);
  }

  /** A wrapped message's parts; null where it is none. */
  protected abstract split(message: Uint8Array): Wrapped | null;

  unwrap(direction: Direction, message: Uint8Array): Unprotected {
    const parts = this.split(message);
    if (parts !== null) return this.unprotect(fragmentOf(direction, parts));
    const text = `${message.length} bytes that are no message which ${this.info.type} protects`;
    return { ...unreadable(), verified: false, notes: [{ code: 'bad-signature', message: text }] };
  }

  lost(...gap: Parameters<SecurityContext['lost']>): void {
    this.session?.lost?.(...gap);
  }
}

/** `SecurityInfo` while it is being learnt. */
type Learning = { -readonly [K in keyof SecurityInfo]: SecurityInfo[K] };

export function nothingKnown(mechanism: SecurityInfo['mechanism'], hasSecrets: boolean): Learning {
  return {
    mechanism,
    type: null,
    user: null,
    anonymous: false,
    workstation: null,
    target: null,
    version: null,
    keyBits: null,
    flags: [],
    mic: null,
    micVerified: null,
    mechListVerified: null,
    keyed: false,
    noKey: hasSecrets ? 'the authentication was not seen' : 'no secrets were given',
  };
}

/** The part that was opened of so sealed bytes. */
export const openedPart = (parts: readonly OpenedPart[], cipher: Uint8Array) =>
  parts.find((part) => same(part.cipher, cipher));

/** What several checks say together: false once one of them failed. */
const both = (a: boolean | null, b: boolean | null) => (a === false || b === false ? false : (a ?? b));

/** What can be said of a fragment without keys. Below level 4 there is nothing to check. */
export function withoutKey(p: ProtectedPdu): Unprotected {
  const sealed = p.level >= 6;
  return {
    stub: sealed ? null : p.pdu.subarray(p.stubStart, p.stubEnd),
    decrypted: sealed ? false : null,
    verified: null,
    notes: [],
    how: null,
  };
}

/** What can be said of a message of which nothing is known. */
export const unreadable = (): Unprotected => ({ stub: null, decrypted: false, verified: null, notes: [], how: null });

/** A context that tells what another one found out, and opens nothing itself. */
export const toldContext = (told: Opened): SecurityContext => ({
  ...told,
  token: () => [],
  unprotect: withoutKey,
  unwrap: unreadable,
  lost: () => {},
  sessionKey: null,
});

/** A wrapped message in the shape of a fragment: the data, then a token that signs all that there is. */
export function fragmentOf(direction: Direction, { token, data, sealed }: Wrapped): ProtectedPdu {
  const end = data.length;
  return {
    direction,
    pdu: concat(data, token),
    stubStart: 0,
    stubEnd: end,
    trailerStart: end,
    authStart: end,
    authEnd: end + token.length,
    headerSign: true,
    level: sealed ? 6 : 5,
    unit: 1,
  };
}

const TOKEN = field('token', 'Token');

/** Reads a token outside of any tree: what `read` returns, or why it can't be read. */
export function readToken<T>(bytes: Uint8Array, read: (c: Cursor) => T): T | SecurityNote {
  const recording = new Recording(false);
  const c = new Cursor(fileSource('token', bytes), recording);
  const value = c.frame(TOKEN, bytes.length, read);
  if (value !== undefined) return value;
  return { code: 'security-malformed', message: `a token cannot be read: ${recording.notes.at(-1)?.message}` };
}

/** Whether `readToken` failed. */
export function isNote<T extends object>(result: T | SecurityNote): result is SecurityNote {
  return 'code' in result && result.code === 'security-malformed';
}
