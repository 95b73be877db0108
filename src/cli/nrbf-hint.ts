/** What a file is that begins as no NRBF stream, and what to do about it. */
import { startsAsNrbf } from '../../dissectors/nrbf/index.js';
import { compression } from '../capture/compressed.js';
import { pcapMagic } from '../capture/pcap.js';
import { pcapngMagic } from '../capture/pcapng/pcapng.js';
import { fromWords, readHexDump } from '../core/hex-dump.js';
import type { Limits } from '../core/limits.js';
import { bareBase64, writtenText } from '../core/written-text.js';
import { findStreams, holderOf } from './nrbf-find.js';

/** Bytes of a file that are looked through for a hint. */
const LOOKED_AT = 1 << 22;

/** A sentence on what was seen, with the option to use; null where nothing is known. */
export function hintOn(file: Uint8Array, limits: Limits): string | null {
  if (file.length >= 4 && (pcapMagic(file, 0) !== null || pcapngMagic(file, 0)))
    return 'it is a capture (pcap): clrscope read or clrscope calls reads it';
  const packed = compression(file);
  if (packed !== null) return `it is ${packed} compressed: unpack it, or --find looks inside`;
  const head = file.subarray(0, LOOKED_AT);
  return ofText(writtenText(head), limits) ?? ofStreams(head, limits);
}

/** A text that is a stream, or holds some, all of it. */
function ofText(text: string, limits: Limits): string | null {
  const base64 = bareBase64(text);
  if (/^[A-Za-z0-9+/_-]+=*$/.test(base64)) {
    const bytes = Buffer.from(base64, 'base64');
    if (startsAsNrbf(bytes)) return 'it is base64: --base64 reads it';
    const inside = holderOf(bytes).length === 0 ? null : ofStreams(bytes, limits, '--base64 ');
    if (inside !== null) return `it is base64, and in that ${inside}`;
  }
  try {
    const { bytes } = readHexDump(text, '');
    if (startsAsNrbf(bytes) || startsAsNrbf(fromWords(bytes))) return 'it is a hex dump: --hex reads it';
    const inside = holderOf(bytes).length === 0 ? null : ofStreams(bytes, limits, '--hex ');
    return inside === null ? null : `it is a hex dump, and in that ${inside}`;
  } catch {
    return null;
  }
}

/** Streams that lie further on, or inside of something. `option` stands in front of `--at`. */
function ofStreams(file: Uint8Array, limits: Limits, option = ''): string | null {
  const format = holderOf(file).map(({ kind }) => `it is a ${kind} file`);
  const [first, ...more] = findStreams(file, limits, false).found;
  if (first === undefined) return format.length === 0 ? null : `${format[0]} without an NRBF stream`;
  const packed = first.wrapping.filter(({ kind }) => !/^(length|ViewState|\.resources)$/.test(kind));
  const where = [...format, ...packed.map(({ kind }) => kind)].join(', inside of it ');
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  const reads = packed.length === 0 ? `${option}--at ${first.offset} reads it, ` : '';
  return `${where}${where === '' ? '' : '; '}a stream begins at byte ${first.offset}${others}: ${reads}--find lists all`;
}
