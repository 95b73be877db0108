/** SESSION_SETUP of SMB 2 and 3 (MS-SMB2 2.2.5, 2.2.6): who it is. */
import type { Cursor } from '../../../src/core/cursor.js';
import { Status, smbField } from '../fields.js';
import { readSetupToken, userText } from '../security.js';
import { BLOB_LENGTH, BLOB_OFFSET, readBuffer, SMB2_CHANNEL, type Smb2Message, STRUCTURE_SIZE } from './header.js';
import { CAPABILITIES, SECURITY_BLOB, SECURITY_MODE } from './negotiate.js';

const FLAGS = smbField('smb2.ses_req_flags', 'Flags', 'uint8');
const PREVIOUS_SESSION = smbField('smb2.previous_sesid', 'Previous session id', 'uint64', { hex: true });
const SESSION_FLAGS = smbField('smb2.session_flags', 'Session flags', 'uint16', { hex: true });
/** SMB2_SESSION_FLAG_IS_GUEST and SMB2_SESSION_FLAG_IS_NULL. */
const GUEST_OR_NULL = 3;

export function readSessionSetupRequest(c: Cursor, m: Smb2Message): void {
  const { reading, sessionKey } = m;
  c.u16(STRUCTURE_SIZE);
  c.u8(FLAGS);
  c.u8(SECURITY_MODE);
  c.u32(CAPABILITIES);
  c.u32(SMB2_CHANNEL);
  const offset = c.u16(BLOB_OFFSET);
  const length = c.u16(BLOB_LENGTH);
  c.u64(PREVIOUS_SESSION);
  const known = reading.memory.session(sessionKey);
  readBuffer(c, m, offset, length, () => {
    m.setup = readSetupToken(c, reading, SECURITY_BLOB, length, false, known);
    m.text = userText(m.setup);
  });
}

export function readSessionSetupResponse(c: Cursor, m: Smb2Message): void {
  const { reading, request, sessionKey, status } = m;
  c.u16(STRUCTURE_SIZE);
  const flags = c.u16(SESSION_FLAGS);
  const offset = c.u16(BLOB_OFFSET);
  const length = c.u16(BLOB_LENGTH);
  const session = request?.session ?? null;
  readBuffer(c, m, offset, length, () => {
    m.setup = readSetupToken(c, reading, SECURITY_BLOB, length, true, session);
  });
  const known = m.setup ?? session;
  if (known !== null && (flags & GUEST_OR_NULL) !== 0) known.isNobody = true;
  if (known !== null && (status === Status.success || status === Status.moreProcessing))
    reading.memory.keep('sessions', sessionKey, known);
}

/** The session is over (MS-SMB2 2.2.7, 2.2.8). */
export function readLogoffResponse(c: Cursor, { reading, sessionKey }: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  reading.memory.forget('sessions', sessionKey);
}
