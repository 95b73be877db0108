/**
 * Messages of SMB 3 that are encrypted or compressed (MS-SMB2 2.2.41, 2.2.42): what stands in front of them, and what is
 * inside where the key is known.
 */
import type { Cursor } from '../../../src/core/cursor.js';
import { smbField } from '../fields.js';
import type { Reading } from '../reading.js';
import { PROTOCOL_ID, RESERVED, SESSION_ID } from './header.js';

const TRANSFORM = smbField('smb2.header.transform', 'SMB2 transform header');
const SIGNATURE = smbField('smb2.header.transform.signature', 'Signature', 'bytes');
const NONCE = smbField('smb2.header.transform.nonce', 'Nonce', 'bytes');
const SIZE = smbField('smb2.header.transform.msg_size', 'Message size', 'uint32');
const FLAGS = smbField('smb2.header.transform.flags', 'Flags', 'uint16', { hex: true });
const ENCRYPTED = smbField('smb2.header.transform.encrypted_data', 'Encrypted data', 'bytes');
