/** READ_ANDX and WRITE_ANDX of SMB 1 (MS-CIFS 2.2.4.42, 2.2.4.43): what goes through a pipe. */
import { smbField } from '../fields.js';
import { readAnswerOfPipe, readPipeData } from '../pipes.js';
import { type Block, countsOfLast, readFid, SMB1_RESERVED, tellFile, toData } from './header.js';

const OFFSET = smbField('smb.offset', 'Offset', 'uint32');
const OFFSET_HIGH = smbField('smb.offset_high', 'High offset', 'uint32');
const MAX_COUNT_LOW = smbField('smb.maxcount_low', 'Max count low', 'uint16');
const MIN_COUNT = smbField('smb.mincount', 'Min count', 'uint16');
const MAX_COUNT_HIGH = smbField('smb.maxcount_high', 'Max count high', 'uint32');
const REMAINING = smbField('smb.remaining', 'Remaining', 'uint16');
const COMPACTION = smbField('smb.dcm', 'Data compaction mode', 'uint16');
const LENGTH_LOW = smbField('smb.data_len_low', 'Data length low', 'uint16');
const LENGTH_HIGH = smbField('smb.data_len_high', 'Data length high', 'uint16');
export const DATA_OFFSET = smbField('smb.data_offset', 'Data offset', 'uint16');
export const TIMEOUT = smbField('smb.timeout', 'Timeout', 'uint32');
const WRITE_MODE = smbField('smb.write.mode', 'Write mode', 'uint16', { hex: true });
const PIPE_WRITE_LENGTH = smbField('smb.pipe.write_len', 'Pipe write length', 'uint16');
const COUNT_LOW = smbField('smb.count_low', 'Count low', 'uint16');
const COUNT_HIGH = smbField('smb.count_high', 'Count high', 'uint16');

/** Raw, and the beginning of a message: the length of all of it stands in front of the data (MS-CIFS 2.2.4.43.1). */
const RAW_START = 0x000c;

/** Words of a request whose offset has 64 bits. */
const LONG_READ_WORDS = 12;
const LONG_WRITE_WORDS = 14;

export const READ_REQUEST: Block = {
  words(c, m) {
    readFid(c, m);
    c.u32(OFFSET);
    c.u16(MAX_COUNT_LOW);
    c.u16(MIN_COUNT);
    c.u32(MAX_COUNT_HIGH);
    c.u16(REMAINING);
    if (m.words >= LONG_READ_WORDS) c.u32(OFFSET_HIGH);
  },
};

export const READ_RESPONSE: Block = {
  words(c, m) {
    tellFile(c, m);
    c.u16(REMAINING);
    c.u16(COMPACTION);
    c.skip(SMB1_RESERVED, 2);
    const at = c.pos;
    const low = c.u16(LENGTH_LOW);
    m.dataOffset = c.u16(DATA_OFFSET);
    m.dataLength = low + c.u16(LENGTH_HIGH) * 65536;
    if (m.dataLength === low) m.counts = [{ at, size: 2 }];
    c.skip(SMB1_RESERVED, 8);
  },
  bytes(c, m) {
    if (m.dataLength === 0) return;
    toData(c, m);
    readAnswerOfPipe(c, m, m.dataLength, countsOfLast(c, m));
  },
};

export const WRITE_REQUEST: Block = {
  words(c, m) {
    readFid(c, m);
    c.u32(OFFSET);
    // a time-out, for tshark reserved
    c.skip(SMB1_RESERVED, 4);
    const mode = c.u16(WRITE_MODE);
    m.lengths = (mode & RAW_START) === RAW_START ? [2] : [];
    c.u16(REMAINING);
    const high = c.u16(LENGTH_HIGH);
    if (high === 0 && m.lengths.length === 0) m.counts = [{ at: c.pos, size: 2 }];
    m.dataLength = c.u16(LENGTH_LOW) + high * 65536;
    m.dataOffset = c.u16(DATA_OFFSET);
    if (m.words >= LONG_WRITE_WORDS) c.u32(OFFSET_HIGH);
  },
  bytes(c, m) {
    if (m.dataLength === 0) return;
    toData(c, m);
    const [prefix = 0] = m.lengths;
    if (prefix > 0 && m.dataLength >= prefix) c.u16(PIPE_WRITE_LENGTH);
    readPipeData(c, m.reading, m.pipe, Math.max(0, m.dataLength - prefix), countsOfLast(c, m));
  },
};

export const WRITE_RESPONSE: Block = {
  words(c, m) {
    tellFile(c, m);
    c.u16(COUNT_LOW);
    c.u16(REMAINING);
    c.u16(COUNT_HIGH);
    c.skip(SMB1_RESERVED, 2);
  },
};
