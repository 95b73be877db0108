/** WRITE of SMB 2 and 3 (MS-SMB2 2.2.21, 2.2.22): what the client sends through a pipe, whatever the server answers. */
import type { Cursor } from '../../../src/core/cursor.js';
import { smbField } from '../fields.js';
import { readPipeData } from '../pipes.js';
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

const DATA_OFFSET = smbField('smb2.data_offset', 'Data offset', 'uint16', { hex: true });
const LENGTH = smbField('smb2.write_length', 'Write length', 'uint32');
const FLAGS = smbField('smb2.write.flags', 'Write flags', 'uint32', { hex: true });
const COUNT = smbField('smb2.write.count', 'Write count', 'uint32');
const REMAINING = smbField('smb2.write.remaining', 'Write remaining', 'uint32');
const CHANNEL_INFO_OFFSET = smbField('smb2.channel_info_offset', 'Channel info offset', 'uint16');
const CHANNEL_INFO_LENGTH = smbField('smb2.channel_info_length', 'Channel info length', 'uint16');

export function readWriteRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  const offset = c.u16(DATA_OFFSET);
  const counts = [{ at: c.pos, size: 4 }] as const;
  const length = c.u32(LENGTH);
  c.u64(FILE_OFFSET);
  readFileId(c, m);
  m.text = fileText(m);
  c.u32(SMB2_CHANNEL);
  c.u32(REMAINING_BYTES);
  c.u16(BLOB_OFFSET);
  c.u16(BLOB_LENGTH);
  c.u32(FLAGS);
  readBuffer(c, m, offset, length, () => readPipeData(c, m.reading, m.pipe, length, counts));
}

export function readWriteResponse(c: Cursor, m: Smb2Message): void {
  m.text = fileText(m);
  c.u16(STRUCTURE_SIZE);
  c.skip(RESERVED, 2);
  c.u32(COUNT);
  c.u32(REMAINING);
  c.u16(CHANNEL_INFO_OFFSET);
  c.u16(CHANNEL_INFO_LENGTH);
}
