/** NEGOTIATE of SMB 2 and 3 (MS-SMB2 2.2.3, 2.2.4): dialects, and what each side can. */
import type { Cursor } from '../../../src/core/cursor.js';
import { fileTime, fileTimeText } from '../../../src/core/wire-time.js';
import { smbField } from '../fields.js';
import { readHint } from '../security.js';
import { BLOB_LENGTH, BLOB_OFFSET, RESERVED, readBuffer, type Smb2Message, STRUCTURE_SIZE } from './header.js';

/** Revisions (MS-SMB2 2.2.3). */
const DIALECTS: Readonly<Record<number, string>> = {
  514: 'SMB 2.0.2',
  528: 'SMB 2.1',
  767: 'SMB 2 wildcard',
  768: 'SMB 3.0',
  770: 'SMB 3.0.2',
  785: 'SMB 3.1.1',
};
const SMB_311 = 785;

/** Kinds of negotiate contexts (MS-SMB2 2.2.3.1). */
const CONTEXTS: Readonly<Record<number, string>> = {
  1: 'SMB2_PREAUTH_INTEGRITY_CAPABILITIES',
  2: 'SMB2_ENCRYPTION_CAPABILITIES',
  3: 'SMB2_COMPRESSION_CAPABILITIES',
  5: 'SMB2_NETNAME_NEGOTIATE_CONTEXT_ID',
  6: 'SMB2_TRANSPORT_CAPABILITIES',
  7: 'SMB2_RDMA_TRANSFORM_CAPABILITIES',
  8: 'SMB2_SIGNING_CAPABILITIES',
};
const ENCRYPTION = 2;

/** Ciphers (MS-SMB2 2.2.3.1.2). */
const CIPHERS: Readonly<Record<number, string>> = {
  1: 'AES-128-CCM',
  2: 'AES-128-GCM',
  3: 'AES-256-CCM',
  4: 'AES-256-GCM',
};

const DIALECT_COUNT = smbField('smb2.dialect_count', 'Dialect count', 'uint16');
const DIALECT = smbField('smb2.dialect', 'Dialect', 'uint16', { hex: true, names: DIALECTS });
export const SECURITY_MODE = smbField('smb2.sec_mode', 'Security mode', 'uint8', { hex: true });
export const CAPABILITIES = smbField('smb2.capabilities', 'Capabilities', 'uint32', { hex: true });
const CLIENT_GUID = smbField('smb2.client_guid', 'Client GUID', 'guid');
const SERVER_GUID = smbField('smb2.server_guid', 'Server GUID', 'guid');
const CONTEXT_OFFSET = smbField('smb2.negotiate_context.offset', 'Negotiate context offset', 'uint32', { hex: true });
const CONTEXT_COUNT = smbField('smb2.negotiate_context.count', 'Negotiate context count', 'uint16');
const CONTEXT = smbField('smb2.negotiate_context', 'Negotiate context');
const CONTEXT_TYPE = smbField('smb2.negotiate_context.type', 'Type', 'uint16', { hex: true, names: CONTEXTS });
const CONTEXT_LENGTH = smbField('smb2.negotiate_context.data_length', 'Data length', 'uint16');
const CIPHER_COUNT = smbField('smb2.negotiate_context.cipher_count', 'Cipher count', 'uint16');
const CIPHER_ID = smbField('smb2.negotiate_context.cipher_id', 'Cipher id', 'uint16', { hex: true, names: CIPHERS });
const MAX_TRANSACTION = smbField('smb2.max_trans_size', 'Max transaction size', 'uint32');
const MAX_READ = smbField('smb2.max_read_size', 'Max read size', 'uint32');
const MAX_WRITE = smbField('smb2.max_write_size', 'Max write size', 'uint32');
const CURRENT_TIME = smbField('smb2.current_time', 'Current time', 'time');
const BOOT_TIME = smbField('smb2.boot_time', 'Boot time', 'time');
export const SECURITY_BLOB = smbField('smb2.security_blob', 'Security blob', 'bytes');

export function readNegotiateRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  const count = c.u16(DIALECT_COUNT);
  readMode(c);
  c.skip(RESERVED, 2);
  c.u32(CAPABILITIES);
  c.guid(CLIENT_GUID);
  // a time of SMB 2.0.2 and 3.0, which is never set, where 3.1.1 has these
  const contextOffset = c.u32(CONTEXT_OFFSET);
  const contexts = c.u16(CONTEXT_COUNT);
  c.skip(RESERVED, 2);
  const dialects: number[] = [];
  for (let i = c.items(count, 2); i > 0; i--) dialects.push(c.u16(DIALECT, dialectText));
  if (dialects.includes(SMB_311)) readContexts(c, m, contextOffset, contexts);
}

export function readNegotiateResponse(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  readMode(c);
  const dialect = c.u16(DIALECT, dialectText);
  m.text = `, ${dialectText(dialect)}`;
  m.reading.memory.state.dialect = dialect;
  const contexts = c.u16(CONTEXT_COUNT);
  c.guid(SERVER_GUID);
  c.u32(CAPABILITIES);
  c.u32(MAX_TRANSACTION);
  c.u32(MAX_READ);
  c.u32(MAX_WRITE);
  c.made(CURRENT_TIME, 8, fileTime, fileTimeText);
  c.made(BOOT_TIME, 8, fileTime, fileTimeText);
  const blobOffset = c.u16(BLOB_OFFSET);
  const blobLength = c.u16(BLOB_LENGTH);
  const contextOffset = c.u32(CONTEXT_OFFSET);
  readBuffer(c, m, blobOffset, blobLength, () => readHint(c, SECURITY_BLOB, blobLength));
  if (dialect === SMB_311) readContexts(c, m, contextOffset, contexts);
}

/** 16 bits, of which the lower ones are used. */
function readMode(c: Cursor): void {
  c.u8(SECURITY_MODE);
  c.pad(1);
}

const dialectText = (dialect: number): string => DIALECTS[dialect] ?? 'unknown';

function readContexts(c: Cursor, m: Smb2Message, offset: number, count: number): void {
  if (count === 0) return;
  readBuffer(c, m, offset, c.claimed - m.start - offset, () => {
    for (let i = c.items(count, 8); i > 0; i--) {
      c.align(8, m.start);
      c.group(CONTEXT, readContext, m);
    }
  });
}

function readContext(c: Cursor, m: Smb2Message): void {
  const type = c.u16(CONTEXT_TYPE);
  c.tell(CONTEXTS[type] ?? 'unknown');
  const length = c.u16(CONTEXT_LENGTH);
  c.skip(RESERVED, 4);
  c.frame(null, length, () => {
    if (type !== ENCRYPTION) return;
    for (let i = c.items(c.u16(CIPHER_COUNT), 2); i > 0; i--) {
      const cipher = c.u16(CIPHER_ID, (id) => CIPHERS[id] ?? 'unknown');
      // the server's answer is the one that it chose
      if (m.isResponse) m.reading.memory.state.cipher = cipher;
    }
  });
}
