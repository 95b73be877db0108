/** IOCTL of SMB 2 and 3 (MS-SMB2 2.2.31, 2.2.32): FSCTL_PIPE_TRANSCEIVE writes to a pipe and reads from it in one. */
import type { Cursor } from '../../../src/core/cursor.js';
import { smbField } from '../fields.js';
import { readPipeData } from '../pipes.js';
import {
  BLOB_LENGTH,
  BLOB_OFFSET,
  FLAGS,
  fileText,
  RESERVED,
  readBuffer,
  readFileId,
  type Smb2Message,
  STRUCTURE_SIZE,
} from './header.js';

const PIPE_TRANSCEIVE = 0x0011c017;
/** Functions (MS-SMB2 2.2.31). */
const FUNCTIONS: Readonly<Record<number, string>> = {
  393620: 'FSCTL_DFS_GET_REFERRALS',
  1130508: 'FSCTL_PIPE_PEEK',
  1114136: 'FSCTL_PIPE_WAIT',
  [PIPE_TRANSCEIVE]: 'FSCTL_PIPE_TRANSCEIVE',
  1311228: 'FSCTL_QUERY_NETWORK_INTERFACE_INFO',
  1311236: 'FSCTL_VALIDATE_NEGOTIATE_INFO',
};

const FUNCTION = smbField('smb2.ioctl.function', 'Function', 'uint32', { hex: true, names: FUNCTIONS });
const MAX_IN = smbField('smb2.max_ioctl_in_size', 'Max ioctl in size', 'uint32');
const MAX_OUT = smbField('smb2.max_ioctl_out_size', 'Max ioctl out size', 'uint32');
const REQUEST_FLAGS = smbField('smb2.ioctl.flags', 'Flags', 'uint32', { hex: true });

export function readIoctlRequest(c: Cursor, m: Smb2Message): void {
  const isPipe = readFunction(c, m);
  const inOffset = c.u32(BLOB_OFFSET);
  const counts = [{ at: c.pos, size: 4 }] as const;
  const inLength = c.u32(BLOB_LENGTH);
  c.u32(MAX_IN);
  c.u32(BLOB_OFFSET);
  c.u32(BLOB_LENGTH);
  c.u32(MAX_OUT);
  c.u32(REQUEST_FLAGS);
  c.skip(RESERVED, 4);
  readBuffer(c, m, inOffset, inLength, () => {
    if (isPipe) readPipeData(c, m.reading, m.pipe, inLength, counts);
  });
}

export function readIoctlResponse(c: Cursor, m: Smb2Message): void {
  const isPipe = readFunction(c, m);
  const inOffset = c.u32(BLOB_OFFSET);
  const inLength = c.u32(BLOB_LENGTH);
  const outOffset = c.u32(BLOB_OFFSET);
  const counts = [{ at: c.pos, size: 4 }] as const;
  const outLength = c.u32(BLOB_LENGTH);
  c.u32(FLAGS);
  c.skip(RESERVED, 4);
  readBuffer(c, m, inOffset, inLength, () => {});
  readBuffer(c, m, outOffset, outLength, () => {
    if (isPipe) readPipeData(c, m.reading, m.pipe, outLength, counts);
  });
}

/** What both begin with. Returns whether a buffer goes through a pipe. */
function readFunction(c: Cursor, m: Smb2Message): boolean {
  c.u16(STRUCTURE_SIZE);
  c.skip(RESERVED, 2);
  const code = c.u32(FUNCTION, (n) => FUNCTIONS[n] ?? 'unknown');
  const isPipe = code === PIPE_TRANSCEIVE;
  readFileId(c, m, isPipe);
  m.text = ` ${FUNCTIONS[code] ?? `0x${code.toString(16)}`}${fileText(m)}`;
  return isPipe;
}
