/** The security room: secrets, security contexts of DCE/RPC, and the dissection of their tokens. */
import { KerberosContext } from './kerberos/kerberos.js';
import { nothingKnown, toldContext } from './mechanism.js';
import { NetlogonContext } from './netlogon.js';
import { NtlmContext } from './ntlm/ntlm.js';
import type { Secrets } from './secrets.js';
import { SpnegoContext } from './spnego/spnego.js';
import type { Mechanism, SecurityContext } from './types.js';

export { toldContext, withoutKey } from './mechanism.js';
export { loadSecrets, type NamedBytes, readSecrets, type Secrets, UnreadableSecrets } from './secrets.js';
export {
  nextPreauthHash,
  PREAUTH_START,
  SMB30_CIPHER,
  type Smb3Keys,
  smb3Decrypt,
  smb3Keys,
  TRANSFORM_LENGTH,
} from './smb3.js';
export { dissectAuthToken, SECURITY_FIELDS, wrapTokenLength } from './tokens.js';
export type * from './types.js';

/** Mechanism of an auth_type (MS-RPCE 2.2.1.1.7). */
function mechanismOf(authType: number): Mechanism {
  return ({ 9: 'SPNEGO', 10: 'NTLM', 16: 'Kerberos', 68: 'Netlogon' } as const)[authType] ?? 'unknown';
}

/**
 * A context, at the first token seen for an auth_context_id. Without secrets it still says who and how. The level of
 * the bind decides nothing here: each fragment says its own.
 */
export function createSecurityContext(authType: number, _level: number, secrets: Secrets | null): SecurityContext {
  const mechanism = mechanismOf(authType);
  if (mechanism === 'NTLM') return new NtlmContext(secrets);
  if (mechanism === 'SPNEGO') return new SpnegoContext(secrets);
  if (mechanism === 'Kerberos') return new KerberosContext(secrets);
  if (mechanism === 'Netlogon') return new NetlogonContext();
  const info = { ...nothingKnown(mechanism, secrets !== null), noKey: `auth_type ${authType} is not supported` };
  return toldContext({ info });
}
