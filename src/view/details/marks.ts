/** Where bytes of a source come from: the same bytes in the sources below it, down to the capture file. */
import type { SourceBytes } from '../worker/details.js';

/** Bytes `start` up to `end` (exclusive). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a range of one source is in all of them. */
export interface Marks {
  /** By index of the source. */
  readonly sources: ReadonlyMap<number, readonly Span[]>;
  /** In the capture, uncompressed. */
  readonly file: readonly Span[];
  /** Whether it is these bytes; false where they were made from those of the file as a whole, as by decryption. */
  readonly isSame: boolean;
}

export const NO_MARKS: Marks = { sources: new Map(), file: [], isSame: true };

/** Follows bytes of a source down. */
export function marksOf(all: readonly SourceBytes[], source: number, start: number, end: number): Marks {
  const sources = new Map<number, Span[]>();
  const file: Span[] = [];
  let isSame = true;
  const todo = [{ source, start, end }];
  for (let range = todo.pop(); range !== undefined; range = todo.pop()) {
    const { start, end } = range;
    const { from, pieces, isDerived } = all[range.source];
    const spans = sources.get(range.source) ?? [];
    spans.push({ start, end });
    sources.set(range.source, spans);
    if (from.length === 0)
      for (const { at, length, fileOffset } of pieces) {
        const [first, behind] = [Math.max(start, at), Math.min(end, at + length)];
        if (first < behind && fileOffset >= 0)
          file.push({ start: fileOffset + first - at, end: fileOffset + behind - at });
      }
    const isWhole = isDerived && !isCopy(all, all[range.source]);
    if (isWhole) isSame = false;
    let at = 0;
    for (const part of from) {
      const first = isWhole ? 0 : Math.max(start - at, 0);
      const behind = isWhole ? part.end - part.start : Math.min(end - at, part.end - part.start);
      if (first < behind) todo.push({ source: part.source, start: part.start + first, end: part.start + behind });
      at += part.end - part.start;
    }
  }
  return { sources, file: file.sort((a, b) => a.start - b.start), isSame };
}

const copies = new WeakMap<SourceBytes, boolean>();

/** Whether a source that was made of another one has its bytes as they are, as a BSTR mostly does. */
function isCopy(all: readonly SourceBytes[], source: SourceBytes): boolean {
  let is = copies.get(source);
  if (is === undefined) {
    const { bytes, from } = source;
    const [{ source: below, start, end }] = from;
    const those = all[below].bytes.subarray(start, end);
    is = bytes.length === those.length && bytes.every((byte, i) => byte === those[i]);
    copies.set(source, is);
  }
  return is;
}

/** Which byte of which source a byte of the capture file is; null where it is none of these. */
export function byteOfFile(all: readonly SourceBytes[], offset: number): { source: number; at: number } | null {
  for (const [source, { from, pieces }] of all.entries())
    if (from.length === 0)
      for (const { at, length, fileOffset } of pieces)
        if (fileOffset >= 0 && offset >= fileOffset && offset < fileOffset + length)
          return { source, at: at + offset - fileOffset };
  return null;
}

/** The span that has a byte. */
export function spanAt(spans: readonly Span[], at: number): Span | undefined {
  return spans.find(({ start, end }) => at >= start && at < end);
}
