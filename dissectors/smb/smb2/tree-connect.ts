/** TREE_CONNECT and TREE_DISCONNECT of SMB 2 and 3 (MS-SMB2 2.2.9 to 2.2.12): shares, and which of them hold pipes. */
import type { Cursor } from '../../../src/core/cursor.js';
import { ACCESS_MASK, smbField } from '../fields.js';
import { keptName } from '../state.js';
import {
  BLOB_LENGTH,
  BLOB_OFFSET,
  RESERVED,
  readBuffer,
  SHARE_TYPE,
  type Smb2Message,
  STRUCTURE_SIZE,
  TREE,
} from './header.js';

/** A share whose files are pipes (MS-SMB2 2.2.10). */
export const PIPE_SHARE = 2;

const FLAGS = smbField('smb2.tc.flags', 'Flags', 'uint16', { hex: true });
const SHARE_FLAGS = smbField('smb2.share_flags', 'Share flags', 'uint32', { hex: true });
const SHARE_CAPABILITIES = smbField('smb2.share_caps', 'Share capabilities', 'uint32', { hex: true });

export function readTreeConnectRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  c.u16(FLAGS);
  const offset = c.u16(BLOB_OFFSET);
  const length = c.u16(BLOB_LENGTH);
  readBuffer(c, m, offset, length, () => {
    const path = c.utf16(TREE, length & ~1);
    m.told = keptName(path);
    m.text = `, Tree: ${path}`;
  });
}

export function readTreeConnectResponse(c: Cursor, { reading, request, treeKey }: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  const type = c.u8(SHARE_TYPE);
  c.skip(RESERVED, 1);
  c.u32(SHARE_FLAGS);
  c.u32(SHARE_CAPABILITIES);
  c.u32(ACCESS_MASK);
  reading.memory.keep('trees', treeKey, { path: request?.told ?? null, type, isPipes: type === PIPE_SHARE });
}

export function readTreeDisconnectResponse(c: Cursor, { reading, treeKey }: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  reading.memory.forget('trees', treeKey);
}
