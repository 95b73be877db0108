/** Records of Endace's cards (Endace ERF Types): what they say of a packet in front of it. */
import { ERF_TYPE, erfExtensions, erfType } from '../../src/core/headers/erf.js';
import { field } from '../../src/core/node.js';
import { bits, bitWord, type HeaderPart, type LayerHeader, layerHeader, number, rest } from './header.js';

const STAMP = field('erf.ts', 'Timestamp', 'uint64', { hex: true });

/** Seconds and their fraction of 32 bits each, lowest byte first. */
const TIME: HeaderPart = {
  fields: [STAMP],
  read: (c) => {
    c.littleEndian = true;
    c.u64(STAMP);
    c.littleEndian = false;
  },
};

/** Extension headers: of each its type, and the rest of its eight bytes. */
const KIND = field('erf.ehdr.types', 'Extension Header', 'uint8');
const DATA = field('erf.ehdr.data', 'Data', 'bytes');
const EXTENSIONS: HeaderPart = {
  fields: [KIND, DATA],
  read: (c, at, end) => {
    const to = erfExtensions(c.bytes, at, end);
    while (c.pos < to) {
      c.bits(KIND, 1, erfType);
      c.skip(DATA, 7);
    }
  },
};

const hasColor = (type: number): boolean => [10, 11, 15, 16, 17, 19, 20].includes(type);
const LOST = field('erf.lctr', 'Loss counter', 'uint16');
const COLOR = field('erf.color', 'Color', 'uint16', { hex: true });
/** Packets lost in front of it, or the color that the card gave it. */
const LOSS: HeaderPart = {
  fields: [LOST, COLOR],
  read: (c, at) => c.u16(hasColor(erfType(c.bytes[at + ERF_TYPE])) ? COLOR : LOST),
};

export const ERF: LayerHeader = layerHeader(
  'erf',
  'Extensible Record Format',
  TIME,
  bitWord(
    1,
    bits('erf.types', 'Record type', 'uint8', 0, 8, true),
    bits('erf.types.type', 'Type', 'uint8', 0, 7),
    bits('erf.types.ext_header', 'Extension header present', 'uint8', 7, 1),
  ),
  bitWord(
    1,
    bits('erf.flags', 'Flags', 'uint8', 0, 8, true),
    bits('erf.flags.cap', 'Capture interface', 'uint8', 0, 2),
    bits('erf.flags.vlen', 'Varying record length', 'uint8', 2, 1),
    bits('erf.flags.trunc', 'Truncated', 'uint8', 3, 1),
    bits('erf.flags.rxe', 'RX error', 'uint8', 4, 1),
    bits('erf.flags.dse', 'DS error', 'uint8', 5, 1),
  ),
  number(2, 'erf.rlen', 'Record length'),
  LOSS,
  number(2, 'erf.wlen', 'Wire length'),
  EXTENSIONS,
  rest('erf.subheader', 'Header of the record type'),
);
