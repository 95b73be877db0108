/** READ of SMB 2 and 3 (MS-SMB2 2.2.19, 2.2.20): what the server sends through a pipe. */
import type { Cursor } from '../../../src/core/cursor.js';
import { smbField } from '../fields.js';
import { readAnswerOfPipe } from '../pipes.js';
import {
  BLOB_LENGTH,
  BLOB_OFFSET,
  FILE_OFFSET,
  fileText,
  REMAINING_BYTES,
  RESERVED,
  readBuffer,
  readFileId,
  SMB2_CHANNEL,
  type Smb2Message,
  STRUCTURE_SIZE,
} from './header.js';

const PADDING = smbField('smb2.read_padding', 'Padding', 'uint8', { hex: true });
const FLAGS = smbField('smb2.read_flags', 'Flags', 'uint8', { hex: true });
const LENGTH = smbField('smb2.read_length', 'Read length', 'uint32');
const MIN_COUNT = smbField('smb2.min_count', 'Min count', 'uint32');
const REMAINING = smbField('smb2.read_remaining', 'Read remaining', 'uint32');

export function readReadRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  c.u8(PADDING);
  c.u8(FLAGS);
  c.u32(LENGTH);
  c.u64(FILE_OFFSET);
  readFileId(c, m);
  m.text = fileText(m);
  c.u32(MIN_COUNT);
  c.u32(SMB2_CHANNEL);
  c.u32(REMAINING_BYTES);
  const offset = c.u16(BLOB_OFFSET);
  const length = c.u16(BLOB_LENGTH);
  readBuffer(c, m, offset, length, () => {});
}

export function readReadResponse(c: Cursor, m: Smb2Message): void {
  m.text = fileText(m);
  c.u16(STRUCTURE_SIZE);
  // 8 bits in the specification, 16 with a reserved byte for tshark
  const offset = c.u8(BLOB_OFFSET);
  c.skip(RESERVED, 1);
  const counts = [{ at: c.pos, size: 4 }] as const;
  const length = c.u32(BLOB_LENGTH);
  c.u32(REMAINING);
  c.skip(RESERVED, 4);
  readBuffer(c, m, offset, length, () => readAnswerOfPipe(c, m, length, counts));
}
