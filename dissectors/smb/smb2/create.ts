/** CREATE of SMB 2 and 3 (MS-SMB2 2.2.13, 2.2.14): a pipe is opened. */
import type { Cursor } from '../../../src/core/cursor.js';
import { fileTime, fileTimeText } from '../../../src/core/wire-time.js';
import {
  ACCESS_MASK,
  CREATE_ACTIONS,
  CREATE_OPTIONS,
  DISPOSITIONS,
  IMPERSONATION_LEVELS,
  SHARE_ACCESS,
  smbField,
} from '../fields.js';
import { keepPipe, newPipe } from '../pipes.js';
import { keptName } from '../state.js';
import {
  BLOB_LENGTH,
  BLOB_OFFSET,
  FILE_ATTRIBUTES,
  FILE_ID,
  fileText,
  RESERVED,
  readBuffer,
  type Smb2Message,
  STRUCTURE_SIZE,
} from './header.js';
import { pipeKey2 } from './keys.js';

const OPLOCKS: Readonly<Record<number, string>> = {
  0: 'none',
  1: 'level II',
  8: 'exclusive',
  9: 'batch',
  255: 'lease',
};

const OPLOCK = smbField('smb2.create.oplock', 'Oplock', 'uint8', { hex: true, names: OPLOCKS });
const IMPERSONATION = smbField('smb2.impersonation.level', 'Impersonation level', 'uint32', {
  names: IMPERSONATION_LEVELS,
});
const CREATE_FLAGS = smbField('smb2.create_flags', 'Create flags', 'uint64', { hex: true });
const DISPOSITION = smbField('smb2.create.disposition', 'Disposition', 'uint32', { names: DISPOSITIONS });
const FILE_NAME = smbField('smb2.filename', 'File name', 'string');
const RESPONSE_FLAGS = smbField('smb2.create.rep_flags', 'Response flags', 'uint8', { hex: true });
const ACTION = smbField('smb2.create.action', 'Create action', 'uint32', { names: CREATE_ACTIONS });
/** Of the file: created, read, written, changed. */
export const FILE_TIMES = [
  smbField('smb2.create.time', 'Create', 'time'),
  smbField('smb2.last_access.time', 'Last access', 'time'),
  smbField('smb2.last_write.time', 'Last write', 'time'),
  smbField('smb2.last_change.time', 'Last change', 'time'),
];
export const ALLOCATION_SIZE = smbField('smb2.allocation_size', 'Allocation size', 'uint64');
export const END_OF_FILE = smbField('smb2.eof', 'End of file', 'uint64');

/** The pipe is there from its request on: what follows in the same compound goes through it already. */
export function readCreateRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  c.skip(RESERVED, 1);
  c.u8(OPLOCK);
  c.u32(IMPERSONATION);
  c.u64(CREATE_FLAGS);
  c.skip(RESERVED, 8);
  c.u32(ACCESS_MASK);
  c.u32(FILE_ATTRIBUTES);
  c.u32(SHARE_ACCESS);
  c.u32(DISPOSITION);
  c.u32(CREATE_OPTIONS);
  const offset = c.u16(BLOB_OFFSET);
  const length = c.u16(BLOB_LENGTH);
  const contextOffset = c.u32(BLOB_OFFSET);
  const contextLength = c.u32(BLOB_LENGTH);
  readBuffer(c, m, offset, length, () => {
    const name = keptName(c.utf16(FILE_NAME, length & ~1));
    m.pipe = newPipe({ name, isPipe: m.tree?.isPipes ?? false });
  });
  m.chain.pipe = m.pipe;
  m.text = fileText(m);
  readBuffer(c, m, contextOffset, contextLength, () => {});
}

export function readCreateResponse(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  c.u8(OPLOCK);
  c.u8(RESPONSE_FLAGS);
  c.u32(ACTION);
  for (const f of FILE_TIMES) c.made(f, 8, fileTime, fileTimeText);
  c.u64(ALLOCATION_SIZE);
  c.u64(END_OF_FILE);
  c.u32(FILE_ATTRIBUTES);
  c.skip(RESERVED, 4);
  const id = c.guid(FILE_ID);
  if (m.pipe !== null) keepPipe(m.reading, m.pipe, pipeKey2(m.sessionKey, id));
  m.text = fileText(m);
  const offset = c.u32(BLOB_OFFSET);
  const length = c.u32(BLOB_LENGTH);
  readBuffer(c, m, offset, length, () => {});
}
