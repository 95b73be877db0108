/**
 * Messages of SMB 3 that are encrypted (MS-SMB2 2.2.41) or compressed (2.2.42): what stands in front of them, and what is
 * inside where that can be read.
 */
import type { Cursor } from '../../../src/core/cursor.js';
import type { DataSource } from '../../../src/core/source.js';
import { smbField } from '../fields.js';
import type { Reading } from '../reading.js';
import { PROTOCOL_ID, SESSION_ID, SMB2, tellUser } from './header.js';

const SIGNATURE = smbField('smb2.header.transform.signature', 'Signature', 'bytes');
const NONCE = smbField('smb2.header.transform.nonce', 'Nonce', 'bytes');
const MESSAGE_SIZE = smbField('smb2.header.transform.msg_size', 'Message size', 'uint32');
const RESERVED = smbField('smb2.header.transform.reserved', 'Reserved', 'bytes');
const FLAGS = smbField('smb2.header.transform.flags', 'Flags', 'uint16', { hex: true });
const ENCRYPTED = smbField('smb2.header.transform.enc_data', 'Encrypted data', 'bytes');
const ORIGINAL_SIZE = smbField('smb2.header.comp_transform.original_size', 'Original size', 'uint32');
const COMPRESSED = smbField('smb2.header.comp_transform.data', 'Compressed data', 'bytes');

const NOT_SEEN = 'negotiation and session setup were not captured whole';

/**
 * Reads an encrypted message.
 * @param readInside reads what it holds, over a source of its own
 */
export function readTransform(c: Cursor, reading: Reading, readInside: (c: Cursor) => void): void {
  c.group(SMB2, () => {
    const start = c.pos;
    const { clear: bytes, memory } = reading;
    c.bits(PROTOCOL_ID, 4, (n) => n);
    c.skip(SIGNATURE, 16);
    c.skip(NONCE, 16);
    c.u32(MESSAGE_SIZE);
    c.skip(RESERVED, 2);
    c.u16(FLAGS);
    const session = memory.session(c.u64(SESSION_ID).toString(16));
    tellUser(c, session);
    const from = { source: c.source, start: c.pos, end: c.end };
    c.carry(ENCRYPTED, c.left);
    if (bytes !== null) {
      reading.says.push('Decrypted SMB3');
      const inner: DataSource = { kind: 'derived', name: 'Decrypted SMB3', bytes, from };
      readInside(c.over(inner));
      return;
    }
    reading.says.push('Encrypted SMB3');
    sayOnce(
      reading,
      'encrypted',
      `SMB 3 encryption: pipes and their calls cannot be read: ${session?.context?.info.noKey ?? NOT_SEEN}`,
      start,
    );
  });
}

/** Reads a compressed message: what is inside stays as it is. */
export function readCompressed(c: Cursor, reading: Reading): void {
  c.group(SMB2, () => {
    const start = c.pos;
    c.bits(PROTOCOL_ID, 4, (n) => n);
    c.u32(ORIGINAL_SIZE);
    c.skip(COMPRESSED, c.left);
    reading.says.push('Compressed SMB3');
    sayOnce(reading, 'compressed', 'SMB 3 compression: pipes and their calls in such messages cannot be read', start);
  });
}

/** Says something of a connection, once. */
function sayOnce({ memory, learnt }: Reading, code: string, message: string, offset: number): void {
  const { told } = memory.state;
  if (told.has(code)) return;
  told.add(code);
  learnt({ code, message, offset, source: 'PDU' });
}
