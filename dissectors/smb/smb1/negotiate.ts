/** NEGOTIATE of SMB 1 (MS-CIFS 2.2.4.52, MS-SMB 2.2.4.5). */
import { fileTime, fileTimeText } from '../../../src/core/wire-time.js';
import { smbField } from '../fields.js';
import { readHint } from '../security.js';
import { type Block, readText } from './header.js';

const BUFFER_FORMAT = smbField('smb.buffer_format', 'Buffer format', 'uint8');
const DIALECT = smbField('smb.dialect.name', 'Dialect', 'string');
const DIALECT_INDEX = smbField('smb.dialect.index', 'Selected index', 'uint16');
const SECURITY_MODE = smbField('smb.sm', 'Security mode', 'uint8', { hex: true });
export const MAX_MPX = smbField('smb.max_mpx_count', 'Max mpx count', 'uint16');
const MAX_VCS = smbField('smb.max_vcs', 'Max VCs', 'uint16');
const MAX_BUFFER = smbField('smb.max_bufsize', 'Max buffer size', 'uint32');
const MAX_RAW = smbField('smb.max_raw', 'Max raw buffer', 'uint32');
export const SESSION_KEY = smbField('smb.session_key', 'Session key', 'uint32', { hex: true });
export const SERVER_CAPABILITIES = smbField('smb.server_cap', 'Capabilities', 'uint32', { hex: true });
const SYSTEM_TIME = smbField('smb.system.time', 'System time', 'time');
const TIME_ZONE = smbField('smb.server_timezone', 'Server time zone', 'int16');
const CHALLENGE_LENGTH = smbField('smb.challenge_length', 'Challenge length', 'uint8');
const SERVER_GUID = smbField('smb.server_guid', 'Server GUID', 'guid');
export const SMB1_BLOB = smbField('smb.security_blob', 'Security blob', 'bytes');

const EXTENDED_SECURITY = 0x80000000;
/** Words of an answer that chose NT LM 0.12. */
const NT_WORDS = 17;

export const NEGOTIATE_REQUEST: Block = {
  words() {},
  bytes(c, m) {
    while (c.left > 0) {
      c.u8(BUFFER_FORMAT);
      readText(c, m, DIALECT, false);
    }
  },
};

export const NEGOTIATE_RESPONSE: Block = {
  words(c, m) {
    c.u16(DIALECT_INDEX);
    if (m.words !== NT_WORDS) return;
    c.u8(SECURITY_MODE);
    c.u16(MAX_MPX);
    c.u16(MAX_VCS);
    c.u32(MAX_BUFFER);
    c.u32(MAX_RAW);
    c.u32(SESSION_KEY);
    m.isExtended = c.u32(SERVER_CAPABILITIES) >= EXTENDED_SECURITY;
    c.made(SYSTEM_TIME, 8, fileTime, fileTimeText);
    c.i16(TIME_ZONE);
    c.u8(CHALLENGE_LENGTH);
  },
  bytes(c, m) {
    if (!m.isExtended) return;
    c.littleEndian = false;
    c.guid(SERVER_GUID);
    c.littleEndian = true;
    if (c.left > 0) readHint(c, SMB1_BLOB, c.claimedLeft);
  },
};
