/**
 * TRANSACTION of SMB 1 with the functions of named pipes (MS-CIFS 2.2.4.33, 2.2.5): TransactNmPipe writes and reads in one.
 * What does not fit into a message follows in TRANSACTION_SECONDARY, or in more answers.
 */
import type { Cursor } from '../../../src/core/cursor.js';
import { smbField } from '../fields.js';
import { readPipeData } from '../pipes.js';
import {
  type Block,
  countsOfLast,
  readFid,
  readText,
  SMB1_RESERVED,
  type Smb1Message,
  tellFile,
  toData,
} from './header.js';
import { DATA_OFFSET, TIMEOUT } from './read-write.js';

/** Functions (MS-CIFS 2.2.2.2). */
const FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'SetNmPipeState',
  17: 'RawReadNmPipe',
  33: 'QueryNmPipeState',
  34: 'QueryNmPipeInfo',
  35: 'PeekNmPipe',
  38: 'TransactNmPipe',
  49: 'RawWriteNmPipe',
  54: 'ReadNmPipe',
  55: 'WriteNmPipe',
  83: 'WaitNmPipe',
  84: 'CallNmPipe',
};
/** Those that write, and those that read. */
const WRITES: ReadonlySet<number> = new Set([0x26, 0x31, 0x37]);
const READS: ReadonlySet<number> = new Set([0x11, 0x26, 0x36]);

const TOTAL_PARAMETERS = smbField('smb.tpc', 'Total parameter count', 'uint16');
const TOTAL_DATA = smbField('smb.tdc', 'Total data count', 'uint16');
const MAX_PARAMETERS = smbField('smb.mpc', 'Max parameter count', 'uint16');
const MAX_DATA = smbField('smb.mdc', 'Max data count', 'uint16');
const MAX_SETUP = smbField('smb.msc', 'Max setup count', 'uint8');
const FLAGS = smbField('smb.transaction.flags', 'Flags', 'uint16', { hex: true });
const PARAMETERS = smbField('smb.pc', 'Parameter count', 'uint16');
const PARAMETER_OFFSET = smbField('smb.po', 'Parameter offset', 'uint16');
const PARAMETER_DISPLACEMENT = smbField('smb.pd', 'Parameter displacement', 'uint16');
const DATA = smbField('smb.dc', 'Data count', 'uint16');
const DATA_DISPLACEMENT = smbField('smb.data_disp', 'Data displacement', 'uint16');
const SETUP = smbField('smb.sc', 'Setup count', 'uint8');
const FUNCTION = smbField('smb_pipe.function', 'Function', 'uint16', { hex: true, names: FUNCTIONS });
const NAME = smbField('smb.trans_name', 'Transaction name', 'string');

/** Setup words of a function of pipes: the function and the file. */
const PIPE_SETUP = 2;

export const TRANSACTION_REQUEST: Block = {
  words(c, m) {
    c.u16(TOTAL_PARAMETERS);
    const total = { at: c.pos, data: c.u16(TOTAL_DATA) };
    c.u16(MAX_PARAMETERS);
    c.u16(MAX_DATA);
    c.u8(MAX_SETUP);
    c.skip(SMB1_RESERVED, 1);
    c.u16(FLAGS);
    c.u32(TIMEOUT);
    c.skip(SMB1_RESERVED, 2);
    readCounts(c, m, total);
    const setup = c.u8(SETUP);
    c.skip(SMB1_RESERVED, 1);
    if (setup !== PIPE_SETUP) return;
    const code = c.u16(FUNCTION, (n) => FUNCTIONS[n] ?? 'unknown');
    m.isPipeData = WRITES.has(code);
    m.told = String(code);
    readFid(c, m, m.isPipeData);
    m.text = ` ${FUNCTIONS[code] ?? `function ${code}`}${m.text}`;
  },
  bytes(c, m) {
    const name = readText(c, m, NAME);
    if (m.told === null) m.text = `, ${name}`;
    readData(c, m);
  },
};

/** Data of a request goes on: it is found by the same numbers of process and message. */
export const SECONDARY_REQUEST: Block = {
  words(c, m) {
    c.u16(TOTAL_PARAMETERS);
    const total = { at: c.pos, data: c.u16(TOTAL_DATA) };
    readCounts(c, m, total, true);
    const first = m.reading.memory.request(m.id);
    m.isPipeData = WRITES.has(Number(first?.told ?? 0));
    m.pipe = first?.pipe ?? null;
    m.told = first?.told ?? null;
    tellFile(c, m);
  },
  bytes: readData,
};

export const TRANSACTION_RESPONSE: Block = {
  words(c, m) {
    tellFile(c, m);
    // none: the server waits for the rest of the request
    m.goesOn = m.words === 0;
    if (m.goesOn) return;
    c.u16(TOTAL_PARAMETERS);
    const total = { at: c.pos, data: c.u16(TOTAL_DATA) };
    c.skip(SMB1_RESERVED, 2);
    const displacement = readCounts(c, m, total, true);
    m.goesOn = displacement + m.dataLength < total.data;
    c.u8(SETUP);
    c.skip(SMB1_RESERVED, 1);
    m.isPipeData = READS.has(Number(m.request?.told ?? 0));
  },
  bytes: readData,
};

/** Reads how many parameters and data there are, and where. Returns how much data came before. */
function readCounts(
  c: Cursor,
  m: Smb1Message,
  total: { readonly at: number; readonly data: number },
  isDisplaced = false,
): number {
  c.u16(PARAMETERS);
  c.u16(PARAMETER_OFFSET);
  if (isDisplaced) c.u16(PARAMETER_DISPLACEMENT);
  const { pos: at } = c;
  m.dataLength = c.u16(DATA);
  if (m.dataLength === total.data) m.counts = [total.at, at].map((at) => ({ at, size: 2 }));
  m.dataOffset = c.u16(DATA_OFFSET);
  return isDisplaced ? c.u16(DATA_DISPLACEMENT) : 0;
}

function readData(c: Cursor, m: Smb1Message): void {
  if (m.dataLength === 0 || !m.isPipeData) return;
  toData(c, m);
  readPipeData(c, m.reading, m.pipe, m.dataLength, countsOfLast(c, m));
}
