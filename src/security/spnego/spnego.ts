/**
 * A context negotiated by SPNEGO (RFC 4178, MS-SPNG): finds the mechanism, hands its tokens on, and checks who
 * signed the list of mechanisms.
 */
import { equals, fromHex, latin1Bytes, same } from '../../core/bytes.js';
import { KerberosContext } from '../kerberos/kerberos.js';
import {
  isNote,
  type MechanismContext,
  nothingKnown,
  readToken,
  toldContext,
  unreadable,
  withoutKey,
} from '../mechanism.js';
import { NtlmContext } from '../ntlm/ntlm.js';
import type { Secrets } from '../secrets.js';
import type {
  Direction,
  OpenedPart,
  ProtectedPdu,
  SecurityContext,
  SecurityInfo,
  SecurityNote,
  Unprotected,
} from '../types.js';
import { KERBEROS_OID, MS_KERBEROS_OID, NTLM_OID, readSpnego, type SpnegoToken } from './messages.js';

export class SpnegoContext implements SecurityContext {
  private inner: MechanismContext | null = null;
  private innerOid: string | null = null;
  private mechList: Uint8Array | null = null;
  private readonly nothing: SecurityInfo;

  constructor(private readonly secrets: Secrets | null) {
    this.nothing = nothingKnown('SPNEGO', secrets !== null);
  }

  get info(): SecurityInfo {
    return this.inner?.info ?? this.nothing;
  }

  token(direction: Direction, bytes: Uint8Array): readonly SecurityNote[] {
    if (bytes.length === 0) return [];
    // A client that knows what the server speaks may leave SPNEGO out.
    const bare = bareMechanism(bytes);
    if (bare !== null) return this.use(bare).token(direction, bytes);
    const message = readToken(bytes, (c) => readSpnego(c));
    if (isNote(message)) return [message];
    const notes: SecurityNote[] = [];
    if (message.kind === 'init') {
      this.mechList = message.mechList === null ? null : Uint8Array.from(message.mechList);
      this.innerOid = null;
    }
    const oid = message.supportedMech ?? (message.kind === 'init' ? message.mechTypes[0] : null) ?? null;
    if (oid !== null) this.innerOid = oid;
    const { token } = message;
    if (token !== null && token.length > 0) {
      const mechanism = bareMechanism(token) ?? this.innerOid;
      if (mechanism !== null) notes.push(...this.use(mechanism).token(direction, token));
    }
    this.checkList(direction, message, notes);
    return notes;
  }

  /** The context of a mechanism; another one than before when the server chose another. */
  private use(oid: string): MechanismContext {
    const type = oid === NTLM_OID ? 'NTLM' : oid === KERBEROS_OID || oid === MS_KERBEROS_OID ? 'Kerberos' : null;
    if (this.inner === null || (type !== null && this.inner.info.type !== type)) {
      if (type === 'NTLM') this.inner = new NtlmContext(this.secrets, 'SPNEGO');
      else if (type === 'Kerberos') this.inner = new KerberosContext(this.secrets, 'SPNEGO');
      else return UNKNOWN;
    }
    return this.inner;
  }

  private checkList(direction: Direction, message: SpnegoToken, notes: SecurityNote[]): void {
    const { mic } = message;
    if (mic === null || mic.length === 0 || this.inner === null) return;
    // An old Windows sends its token a second time where the MIC belongs.
    if (message.token !== null && same(mic, message.token)) return;
    const good = this.mechList === null ? null : this.inner.checkMic(direction, this.mechList, mic);
    if (good === false) {
      const text = `the mechListMIC of the ${direction} does not check: the list of mechanisms was changed`;
      notes.push({ code: 'bad-mechlist-mic', message: text });
    }
    this.inner.afterMechListMic(good);
  }

  unprotect(p: ProtectedPdu): Unprotected {
    return this.inner === null ? withoutKey(p) : this.inner.unprotect(p);
  }

  unwrap(direction: Direction, message: Uint8Array): Unprotected {
    return this.inner === null ? unreadable() : this.inner.unwrap(direction, message);
  }

  lost(direction: Direction, sealed?: number, fragments?: number): void {
    this.inner?.lost(direction, sealed, fragments);
  }

  get sessionKey(): Uint8Array | null {
    return this.inner?.sessionKey ?? null;
  }

  get opened(): readonly OpenedPart[] {
    return this.inner?.opened ?? [];
  }
}

const NTLM_START = latin1Bytes('NTLMSSP\0');
const KERBEROS_START = fromHex('06092a864886f712010202');
const USER_TO_USER_START = fromHex('060a2a864886f71201020203');

/** Which mechanism's own token this is: NTLMSSP says so in letters, Kerberos by its tags or its OID. */
export function bareMechanism(b: Uint8Array): string | null {
  if (equals(NTLM_START, b)) return NTLM_OID;
  if (b[0] === 0x6e || b[0] === 0x6f || b[0] === 0x7e) return KERBEROS_OID;
  if (b[0] !== 0x60) return null;
  const oid = 2 + (b[1] < 0x80 ? 0 : b[1] & 0x7f);
  return equals(KERBEROS_START, b, oid) || equals(USER_TO_USER_START, b, oid) ? KERBEROS_OID : null;
}

const UNKNOWN: MechanismContext = {
  ...toldContext({ info: nothingKnown('unknown', false) }),
  checkMic: () => null,
  afterMechListMic: () => {},
};
