/**
 * BSTR on the wire (MS-OAUT 2.2.23): a unique pointer to a FLAGGED_WORD_BLOB. The CLR fills BSTRs with raw bytes,
 * so they are bytes first, an NRBF stream where they begin as one, and text only where they are text.
 */
import { utf16Units } from '#platform';
import type { Cursor } from '../../src/core/cursor.js';
import { type Kept, readKept } from '../../src/core/kept.js';
import { type Field, field } from '../../src/core/node.js';
import type { DataSource } from '../../src/core/source.js';
import { KIND, kindOf, type Tagged } from '../ndr/kinds.js';
import { MAX_COUNT, type NdrReader } from '../ndr/read.js';
import { type CustomType, pointer } from '../ndr/types.js';
import type { NdrWriter } from '../ndr/write.js';
import { hasThrown, type NrbfStream, readOneNrbf, startsAsNrbf } from '../nrbf/index.js';

const CB_BYTES = field('dcom.bstr.cbytes', 'cBytes', 'uint32');
const CL_SIZE = field('dcom.bstr.clsize', 'clSize', 'uint32');
const DATA = field('dcom.bstr', 'Data', 'bytes');
const BSTR_FIELDS = [CB_BYTES, CL_SIZE, DATA];

/** cBytes of a BSTR that is null although its pointer is not. */
export const NULL_BSTR = 0xffffffff;

/** A BSTR's value. */
export interface Bstr extends Tagged<'bstr'> {
  /** Byte length as sent; may be odd. `NULL_BSTR`: null. */
  readonly cBytes: number;
  /** The bytes, in memory order; fewer than `cBytes` where the stub lacks them. */
  readonly bytes: Uint8Array;
  /** The stream that the bytes begin with, or null. */
  readonly nrbf: NrbfStream | null;
}

/** Whether a value of an NDR table is a BSTR that is not null. */
export function isBstr(value: unknown): value is Bstr {
  return kindOf(value) === 'bstr' && (value as Bstr).cBytes !== NULL_BSTR;
}

/** Whether a value is a BSTR with a message by which a method brings back an exception. */
export function bringsException(value: unknown): boolean {
  return isBstr(value) && value.nrbf !== null && hasThrown(value.nrbf);
}

/** A BSTR's UTF-16 text, or null where the bytes are not text (odd length, lone surrogates, control characters). */
export function bstrText(b: Bstr): string | null {
  if (b.bytes.length % 2 !== 0 || b.nrbf !== null) return null;
  const text = utf16Units(b.bytes);
  return NOT_TEXT.test(text) ? null : text;
}

// lone surrogates, noncharacters, and control characters other than zero, tab and line ends
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_TEXT = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** Conformance, cBytes, clSize and the words (MS-OAUT 2.2.23.1), behind the BSTR's pointer. */
const FLAGGED_WORD_BLOB: CustomType = {
  kind: 'custom',
  makes: 'bstr',
  fieldType: 'string',
  fields: BSTR_FIELDS,
  alignment: (ndr64) => (ndr64 ? 8 : 4),
  minSize: 12,
  read: readBlob,
  write: writeBlob,
};

/** A BSTR: null, or a `Bstr`. */
export const BSTR = pointer(FLAGGED_WORD_BLOB);

function readBlob(r: NdrReader, f: Field): Bstr {
  const { c } = r;
  const outer = c.littleEndian;
  // MS-OAUT has the blob little endian whatever the drep says; scapy and go-msrpc follow the drep
  if (!outer && !consistent(c, r.ndr64, false) && consistent(c, r.ndr64, true)) c.littleEndian = true;
  const max = r.count(MAX_COUNT);
  const cBytes = c.u32(CB_BYTES, (n) => (n === NULL_BSTR ? 'null' : ''));
  const clSize = c.u32(CL_SIZE);
  if (max !== clSize || (cBytes !== NULL_BSTR && clSize !== Math.ceil(cBytes / 2)))
    c.note('bstr-sizes', `a BSTR whose sizes disagree: max count ${max}, cBytes ${cBytes}, clSize ${clSize}`);
  const words = c.items(max, 2) * 2;
  const start = c.pos;
  const littleEndian = c.littleEndian;
  c.littleEndian = outer;
  const length = cBytes === NULL_BSTR ? 0 : Math.min(cBytes, words);
  const raw = c.bytes.subarray(start, Math.min(start + length, c.end));
  const bytes = littleEndian ? raw : swapWords(c.bytes.subarray(start, Math.min(start + words, c.end)), length);
  const stream = startsAsNrbf(bytes);
  if (!stream) {
    const value: Bstr = { [KIND]: 'bstr', cBytes, bytes, nrbf: null };
    if (!c.isRecording) {
      if (words > 0) c.raw(DATA, words);
      return value;
    }
    const text = cBytes !== NULL_BSTR ? bstrText(value) : null;
    if (text !== null && words > 0) c.made(f, words, () => text);
    else {
      if (text !== null) c.computed(f, text);
      else if (cBytes !== NULL_BSTR) c.computed(f, `BSTR, ${cBytes} bytes`);
      if (words > 0) c.raw(DATA, words);
    }
    if (text !== null) c.tell(JSON.stringify(text), text);
    else c.tell(cBytes === NULL_BSTR ? 'null' : `BSTR, ${cBytes} bytes`);
    return value;
  }
  if (c.isRecording) {
    // the parameter's own field says what its bytes are, which follow
    c.computed(f, `BSTR, ${cBytes} bytes, NRBF`);
    c.tell(`BSTR, ${cBytes} bytes, NRBF`);
  }
  c.carry(DATA, words);
  const source: DataSource = {
    kind: 'derived',
    name: 'BSTR',
    bytes,
    from: { source: c.source, start, end: start + length },
  };
  const inner = c.over(source, length);
  inner.littleEndian = true;
  return new NrbfBstr(cBytes, bytes, readKept(inner, r.scope.capture, readOneNrbf));
}

/** A BSTR that begins as a stream. */
class NrbfBstr implements Bstr {
  readonly [KIND] = 'bstr';
  // not seen by loops over what a value holds
  readonly #kept: Kept<NrbfStream>;

  constructor(
    readonly cBytes: number,
    readonly bytes: Uint8Array,
    kept: Kept<NrbfStream>,
  ) {
    this.#kept = kept;
  }

  get nrbf(): NrbfStream {
    return this.#kept.value;
  }
}

/** Whether the sizes agree, and fit what is left, when read in this byte order. */
function consistent(c: Cursor, ndr64: boolean, littleEndian: boolean): boolean {
  const outer = c.littleEndian;
  c.littleEndian = littleEndian;
  const max = c.peek32(ndr64 && !littleEndian ? 4 : 0);
  const cBytes = c.peek32(ndr64 ? 8 : 4);
  const clSize = c.peek32(ndr64 ? 12 : 8);
  c.littleEndian = outer;
  return max === clSize && (cBytes === NULL_BSTR || clSize === Math.ceil(cBytes / 2)) && max * 2 <= c.claimedLeft;
}

/** Words sent high byte first, as the bytes that they are in the memory of Windows. */
function swapWords(words: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(words.length & ~1);
  for (let i = 0; i + 1 < words.length; i += 2) {
    bytes[i] = words[i + 1];
    bytes[i + 1] = words[i];
  }
  return bytes.subarray(0, length);
}

function writeBlob(w: NdrWriter, value: unknown): void {
  const { cBytes, bytes } = value as Bstr;
  const words = cBytes === NULL_BSTR ? 0 : Math.ceil(bytes.length / 2);
  w.blob(() => {
    w.count(words);
    w.u32(cBytes);
    w.u32(words);
    const padded = new Uint8Array(words * 2);
    padded.set(bytes.subarray(0, words * 2));
    w.bytes(w.littleEndian ? padded : swapWords(padded, padded.length));
    w.spare('padding', words * 2 > bytes.length ? 1 : 0, w.littleEndian ? 0 : 1);
  });
}
