/** Keys of encrypted sessions of SMB 3, and what they open (MS-SMB2 3.1.4.3, 3.1.4.4.1, 3.2.5.3.1). */
import { viewOf } from '../../../src/core/bytes.js';
import type { TransportPdu } from '../../../src/core/context.js';
import {
  nextPreauthHash,
  PREAUTH_START,
  SMB30_CIPHER,
  smb3Decrypt,
  smb3Keys,
  TRANSFORM_LENGTH,
} from '../../../src/security/index.js';
import { Status } from '../fields.js';
import type { SmbSession, SmbState } from '../state.js';
import { Magic, NBSS_HEADER, smbMagic } from '../stream.js';
import { Smb2Command, type Smb2Message } from './header.js';

/** Where the session id stands in a TRANSFORM_HEADER. */
const SESSION_ID_AT = 44;

/** The clear message of an encrypted one; null where no key is known, where it is cut, and of others. */
export function openSealed({ bytes, length, direction, connection }: TransportPdu, state: SmbState): Uint8Array | null {
  const start = NBSS_HEADER + TRANSFORM_LENGTH;
  if (bytes.length < length || length < start || smbMagic(bytes, NBSS_HEADER) !== Magic.sealed) return null;
  const session = state.sessions.get(
    viewOf(bytes)
      .getBigUint64(NBSS_HEADER + SESSION_ID_AT, true)
      .toString(16),
  );
  if (session === undefined) return null;
  const cipher = state.cipher || SMB30_CIPHER;
  session.keys ??= keysOf(session, state, cipher);
  const key = session.keys?.[direction === connection.client ? 'client' : 'server'];
  if (key === undefined) return null;
  return smb3Decrypt(key, cipher, bytes.subarray(NBSS_HEADER, start), bytes.subarray(start));
}

function keysOf({ context, preauthHash }: SmbSession, { dialect }: SmbState, cipher: number): SmbSession['keys'] {
  const sessionKey = context?.sessionKey ?? null;
  return sessionKey === null ? null : smb3Keys({ dialect, cipher, sessionKey, preauthHash });
}

/**
 * A message of negotiation or session setup goes into the hash that the keys of dialect 3.1.1 are made of; the answer that
 * ends session setup does not.
 */
export function growPreauthHash({ command, isResponse, status, reading, setup }: Smb2Message, bytes: Uint8Array): void {
  const { state } = reading.memory;
  if (!reading.session.hasSecrets) return;
  if (command === Smb2Command.negotiate)
    state.preauthHash = nextPreauthHash(isResponse ? state.preauthHash : PREAUTH_START, bytes);
  else if (command === Smb2Command.sessionSetup && setup !== null && !(isResponse && status === Status.success))
    setup.preauthHash = nextPreauthHash(setup.preauthHash, bytes);
}
