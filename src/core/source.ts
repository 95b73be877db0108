/**
 * Where bytes come from. A node of the tree points into a source; a source knows what it was made of,
 * so every byte shown can be walked down to the capture file.
 */

/** A run of bytes of a capture file that a spliced source was put together from. */
export interface Piece {
  /** Offset in the spliced source where this run begins. */
  readonly at: number;
  readonly length: number;
  /** 1-based number of the frame that carried the run; 0 where it is a hole. */
  readonly frame: number;
  /** Offset of the run in the (decompressed) capture file; -1 where it is a hole. */
  readonly fileOffset: number;
}

/** Bytes with a name and an origin. */
export type DataSource =
  /** PDU bytes as they were captured, from one frame or several. */
  | { readonly kind: 'captured'; readonly name: string; readonly bytes: Uint8Array; readonly pieces: readonly Piece[] }
  /** Ranges of other sources one behind the other (the stubs of a call's fragments). */
  | { readonly kind: 'joined'; readonly name: string; readonly bytes: Uint8Array; readonly parts: readonly Range[] }
  /** Made from a range as a whole (decrypted, byte-swapped, carried inside): no byte-by-byte mapping. */
  | { readonly kind: 'derived'; readonly name: string; readonly bytes: Uint8Array; readonly from: Range };

/** Bytes `start` (inclusive) to `end` (exclusive) of a source. */
export interface Range {
  readonly source: DataSource;
  readonly start: number;
  readonly end: number;
}

/** A source for bytes that come from a plain file or from memory, as one piece. */
export function fileSource(name: string, bytes: Uint8Array, fileOffset = 0, frame = 0): DataSource {
  return { kind: 'captured', name, bytes, pieces: [{ at: 0, length: bytes.length, frame, fileOffset }] };
}

/** The runs of the capture file that hold (or, below a derivation, gave) the bytes of a range. */
export function locate(range: Range): Piece[] {
  const { source } = range;
  if (source.kind === 'derived') return locate(source.from);
  const found: Piece[] = [];
  if (source.kind === 'joined') {
    let at = 0;
    for (const part of source.parts) {
      const length = part.end - part.start;
      const from = Math.max(range.start, at);
      const to = Math.min(range.end, at + length);
      if (from < to)
        found.push(...locate({ source: part.source, start: part.start + from - at, end: part.start + to - at }));
      at += length;
    }
    return found;
  }
  for (const piece of source.pieces) {
    const from = Math.max(range.start, piece.at);
    const to = Math.min(range.end, piece.at + piece.length);
    if (from < to) {
      const fileOffset = piece.fileOffset < 0 ? -1 : piece.fileOffset + from - piece.at;
      found.push({ at: from, length: to - from, frame: piece.frame, fileOffset });
    }
  }
  return found;
}
