/** SESSION_SETUP_ANDX and LOGOFF_ANDX of SMB 1 (MS-CIFS 2.2.4.53, MS-SMB 2.2.4.6): who it is. */
import type { Cursor } from '../../../src/core/cursor.js';
import { Status, smbField } from '../fields.js';
import { readSetupToken, userText } from '../security.js';
import { keptName, newSmbSession, type SmbSession } from '../state.js';
import { type Block, readText, SMB1_RESERVED, type Smb1Message } from './header.js';
import { MAX_MPX, SERVER_CAPABILITIES, SESSION_KEY, SMB1_BLOB } from './negotiate.js';

const MAX_BUFFER = smbField('smb.max_buf', 'Max buffer', 'uint16');
const VC = smbField('smb.vc', 'VC number', 'uint16');
const BLOB_LENGTH = smbField('smb.security_blob_len', 'Security blob length', 'uint16');
const ANSI_LENGTH = smbField('smb.ansi_pwlen', 'ANSI password length', 'uint16');
const UNICODE_LENGTH = smbField('smb.unicode_pwlen', 'Unicode password length', 'uint16');
const ANSI_PASSWORD = smbField('smb.ansi_password', 'ANSI password', 'bytes');
const UNICODE_PASSWORD = smbField('smb.unicode_password', 'Unicode password', 'bytes');
const ACCOUNT = smbField('smb.account', 'Account', 'string');
const PRIMARY_DOMAIN = smbField('smb.primary_domain', 'Primary domain', 'string');
const NATIVE_OS = smbField('smb.native_os', 'Native OS', 'string');
const NATIVE_LANMAN = smbField('smb.native_lanman', 'Native LAN manager', 'string');
const ACTION = smbField('smb.setup.action', 'Action', 'uint16', { hex: true });

/** Words of a request with a security blob, and of one with passwords. */
const BLOB_WORDS = 12;
const PASSWORD_WORDS = 13;
/** SMB_SETUP_GUEST. */
const GUEST = 1;
/** Words of an answer with a security blob. */
const ANSWER_BLOB_WORDS = 4;

export const SESSION_SETUP_REQUEST: Block = {
  words(c, m) {
    c.u16(MAX_BUFFER);
    c.u16(MAX_MPX);
    c.u16(VC);
    c.u32(SESSION_KEY);
    if (m.words === BLOB_WORDS) m.lengths = [c.u16(BLOB_LENGTH)];
    else if (m.words === PASSWORD_WORDS) m.lengths = [c.u16(ANSI_LENGTH), c.u16(UNICODE_LENGTH)];
    else return;
    c.skip(SMB1_RESERVED, 4);
    c.u32(SERVER_CAPABILITIES);
  },
  bytes(c, m) {
    if (m.words === BLOB_WORDS) {
      const known = m.reading.memory.session(m.sessionKey);
      if (m.lengths[0] > 0) m.setup = readSetupToken(c, m.reading, SMB1_BLOB, m.lengths[0], false, known);
    } else if (m.words === PASSWORD_WORDS) m.setup = readPasswords(c, m);
    if (m.setup !== null) m.text = userText(m.setup);
    for (const f of [NATIVE_OS, NATIVE_LANMAN]) if (c.left > 0) readText(c, m, f);
  },
};

/** Reads what clients send who know no security blobs. Returns who they are. */
function readPasswords(c: Cursor, m: Smb1Message): SmbSession {
  c.skip(ANSI_PASSWORD, m.lengths[0]);
  c.skip(UNICODE_PASSWORD, m.lengths[1]);
  const account = keptName(readText(c, m, ACCOUNT));
  const domain = keptName(readText(c, m, PRIMARY_DOMAIN));
  const user = account === '' ? null : domain === '' ? account : `${domain}\\${account}`;
  // answers to a challenge have 24 bytes and more (MS-NLMP 3.3.1): what is shorter is a password, or nothing
  const type = m.lengths.some((length) => length >= 24) ? 'NTLM' : 'password';
  return newSmbSession({ user, type, isNobody: user === null });
}

export const SESSION_SETUP_RESPONSE: Block = {
  words(c, m) {
    const action = c.u16(ACTION);
    const { request } = m;
    if (request?.session != null && (action & GUEST) !== 0) request.session.isNobody = true;
    if (m.words === ANSWER_BLOB_WORDS) m.lengths = [c.u16(BLOB_LENGTH)];
  },
  bytes(c, m) {
    const { reading, request, sessionKey, status } = m;
    m.setup = request?.session ?? null;
    const [length = 0] = m.lengths;
    if (length > 0) m.setup = readSetupToken(c, reading, SMB1_BLOB, length, true, m.setup);
    if (m.setup !== null && (status === Status.success || status === Status.moreProcessing))
      reading.memory.keep('sessions', sessionKey, m.setup);
    for (const f of [NATIVE_OS, NATIVE_LANMAN, PRIMARY_DOMAIN]) if (c.left > 0) readText(c, m, f);
  },
};

export const LOGOFF_RESPONSE: Block = {
  words(_, { reading, sessionKey }) {
    reading.memory.forget('sessions', sessionKey);
  },
};
