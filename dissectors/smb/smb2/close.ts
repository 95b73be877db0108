/** CLOSE of SMB 2 and 3 (MS-SMB2 2.2.15, 2.2.16): nothing more goes through a pipe. */
import type { Cursor } from '../../../src/core/cursor.js';
import { fileTime, fileTimeText } from '../../../src/core/wire-time.js';
import { smbField } from '../fields.js';
import { closePipe } from '../pipes.js';
import { ALLOCATION_SIZE, END_OF_FILE, FILE_TIMES } from './create.js';
import { FILE_ATTRIBUTES, fileText, RESERVED, readFileId, type Smb2Message, STRUCTURE_SIZE } from './header.js';

const FLAGS = smbField('smb2.close.flags', 'Close flags', 'uint16', { hex: true });

export function readCloseRequest(c: Cursor, m: Smb2Message): void {
  c.u16(STRUCTURE_SIZE);
  c.u16(FLAGS);
  c.skip(RESERVED, 4);
  readFileId(c, m);
  m.text = fileText(m);
}

export function readCloseResponse(c: Cursor, m: Smb2Message): void {
  if (m.pipe !== null) closePipe(m.reading, m.pipe);
  m.text = fileText(m);
  c.u16(STRUCTURE_SIZE);
  c.u16(FLAGS);
  c.skip(RESERVED, 4);
  for (const f of FILE_TIMES) c.made(f, 8, fileTime, fileTimeText);
  c.u64(ALLOCATION_SIZE);
  c.u64(END_OF_FILE);
  c.u32(FILE_ATTRIBUTES);
}
