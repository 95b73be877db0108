/** NT_CREATE_ANDX, OPEN_ANDX and CLOSE of SMB 1 (MS-CIFS 2.2.4.64, 2.2.4.41, 2.2.4.5): pipes are opened and closed. */
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
import { closePipe, newPipe } from '../pipes.js';
import { keptName } from '../state.js';
import {
  type Block,
  FILE,
  readFid,
  readOpenedFid,
  readText,
  SMB1_RESERVED,
  type Smb1Message,
  tellFile,
} from './header.js';

const NAME_LENGTH = smbField('smb.file_name_len', 'File name length', 'uint16');
const CREATE_FLAGS = smbField('smb.create_flags', 'Create flags', 'uint32', { hex: true });
const ROOT_FID = smbField('smb.rfid', 'Root FID', 'uint32', { hex: true });
const ALLOCATION = smbField('smb.alloc_size64', 'Allocation size', 'uint64');
const ATTRIBUTES = smbField('smb.file_attribute', 'File attributes', 'uint32', { hex: true });
const DISPOSITION = smbField('smb.create.disposition', 'Disposition', 'uint32', { names: DISPOSITIONS });
const IMPERSONATION = smbField('smb.impersonation.level', 'Impersonation', 'uint32', { names: IMPERSONATION_LEVELS });
const SECURITY_FLAGS = smbField('smb.security.flags', 'Security flags', 'uint8', { hex: true });
const OPLOCK = smbField('smb.oplock.level', 'Oplock level', 'uint8');
const ACTION = smbField('smb.create.action', 'Create action', 'uint32', { names: CREATE_ACTIONS });
const TIMES = [
  smbField('smb.create.time', 'Created', 'time'),
  smbField('smb.access.time', 'Last access', 'time'),
  smbField('smb.last_write.time', 'Last write', 'time'),
  smbField('smb.change.time', 'Change', 'time'),
];
const END_OF_FILE = smbField('smb.end_of_file', 'End of file', 'uint64');
const FILE_TYPE = smbField('smb.file_type', 'File type', 'uint16');
const IPC_STATE = smbField('smb.ipc_state', 'IPC state', 'uint16', { hex: true });
const IS_DIRECTORY = smbField('smb.is_directory', 'Is directory', 'uint8');

/** Reads the name of what is opened: the pipe is there from now on, for what follows in the same chain. */
function readName(c: Cursor, m: Smb1Message): void {
  m.pipe = newPipe({ name: keptName(readText(c, m, FILE)), isPipe: m.tree?.isPipes ?? false });
  m.text = `, File: ${m.pipe.name}`;
}

export const NT_CREATE_REQUEST: Block = {
  words(c) {
    c.skip(SMB1_RESERVED, 1);
    c.u16(NAME_LENGTH);
    c.u32(CREATE_FLAGS);
    c.u32(ROOT_FID);
    c.u32(ACCESS_MASK);
    c.u64(ALLOCATION);
    c.u32(ATTRIBUTES);
    c.u32(SHARE_ACCESS);
    c.u32(DISPOSITION);
    c.u32(CREATE_OPTIONS);
    c.u32(IMPERSONATION);
    c.u8(SECURITY_FLAGS);
  },
  bytes: readName,
};

export const NT_CREATE_RESPONSE: Block = {
  words(c, m) {
    c.u8(OPLOCK);
    readOpenedFid(c, m);
    c.u32(ACTION);
    for (const f of TIMES) c.made(f, 8, fileTime, fileTimeText);
    c.u32(ATTRIBUTES);
    c.u64(ALLOCATION);
    c.u64(END_OF_FILE);
    c.u16(FILE_TYPE);
    c.u16(IPC_STATE);
    c.u8(IS_DIRECTORY);
  },
};

export const OPEN_REQUEST: Block = { words() {}, bytes: readName };

export const OPEN_RESPONSE: Block = { words: readOpenedFid };

export const CLOSE_REQUEST: Block = { words: (c, m) => readFid(c, m) };

export const CLOSE_RESPONSE: Block = {
  words(c, m) {
    tellFile(c, m);
    if (m.pipe !== null) closePipe(m.reading, m.pipe);
  },
};
