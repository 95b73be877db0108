/** Bytes of one PDU (or of what may become its header) that came in several segments, and where they were seen. */
import type { Time } from '../core/context.js';
import type { Piece } from '../core/source.js';
import { addPieces, type Budget, type Segment } from './types.js';

/** Pieces of one PDU at most; a PDU in more of them (1-byte segments) keeps its bytes but not their places. */
const MAX_PIECES = 8192;
/** What a piece costs, about. */
const PIECE_COST = 64;
const NONE: Uint8Array = new Uint8Array(0);
const NO_TIME: Time = { sec: 0, nsec: 0 };

/** The first `have` of `buffer`. */
export class Gathered {
  buffer = NONE;
  have = 0;
  pieces: Piece[] = [];
  /** The latest frame that a byte was of, and when it was captured. */
  lastFrame = 0;
  lastTime = NO_TIME;
  /** Where the first byte stands in the stream, and what its segment acknowledged. */
  begin = 0;
  acknowledges = -1;

  constructor(private readonly budget: Budget) {}

  /** What is held takes of the budget. */
  get cost(): number {
    return this.buffer.length + this.pieces.length * PIECE_COST;
  }

  /**
   * Adds `n` bytes of a segment from index `at` on.
   * @param base position in the stream of what would be byte 0 of the segment
   * @param wanted how long the whole will be
   */
  append(segment: Segment, base: number, at: number, n: number, wanted: number): void {
    if (n <= 0) return;
    if (this.have === 0) {
      this.begin = base + at;
      this.acknowledges = segment.acknowledges;
      this.lastFrame = 0;
    }
    const total = this.have + n;
    if (total > this.buffer.length) {
      // Grows with the bytes that are there, not with the length that is claimed: room for four times as many is all of
      // a PDU that lies in a few segments, which is then copied once.
      const grown = new Uint8Array(Math.min(total * 4, Math.max(wanted, total)));
      grown.set(this.buffer.subarray(0, this.have));
      this.budget.used += grown.length - this.buffer.length;
      this.buffer = grown;
    }
    if (n < 64) for (let i = 0; i < n; i++) this.buffer[this.have + i] = segment.bytes[at + i];
    else this.buffer.set(segment.bytes.subarray(at, at + n), this.have);
    if (this.pieces.length < MAX_PIECES) {
      const before = this.pieces.length;
      addPieces(this.pieces, this.have, segment, at, n);
      this.budget.used += (this.pieces.length - before) * PIECE_COST;
    }
    this.have = total;
    if (segment.frame >= this.lastFrame) {
      this.lastFrame = segment.frame;
      this.lastTime = segment.time;
    }
  }

  /** Forgets the first byte that waits. */
  dropFirst(): void {
    this.buffer.copyWithin(0, 1, this.have);
    this.have--;
    this.begin++;
    const pieces: Piece[] = [];
    for (const { at, length, frame, fileOffset } of this.pieces) {
      if (at > 0) pieces.push({ at: at - 1, length, frame, fileOffset });
      else if (length > 1) pieces.push({ at: 0, length: length - 1, frame, fileOffset: fileOffset + 1 });
    }
    this.budget.used += (pieces.length - this.pieces.length) * PIECE_COST;
    this.pieces = pieces;
  }

  /** Gives back what is behind the first `length` bytes. */
  keepFirst(length: number): void {
    const kept: Piece[] = [];
    for (const piece of this.pieces)
      if (piece.at < length) kept.push({ ...piece, length: Math.min(piece.length, length - piece.at) });
    this.budget.used += (kept.length - this.pieces.length) * PIECE_COST;
    this.pieces = kept;
    this.have = length;
  }

  /** The bytes from `from` to `to` as a segment of their own. */
  segment(from: number, to: number): Segment {
    const pieces: Piece[] = [];
    for (const { at, length, frame, fileOffset } of this.pieces) {
      const start = Math.max(at, from);
      const end = Math.min(at + length, to);
      if (start < end)
        pieces.push({ at: start - from, length: end - start, frame, fileOffset: fileOffset + start - at });
    }
    return {
      bytes: this.buffer.slice(from, to),
      start: 0,
      captured: to - from,
      length: to - from,
      frame: this.lastFrame,
      fileDelta: 0,
      pieces,
      time: this.lastTime,
      acknowledges: this.acknowledges,
    };
  }

  /** Forgets all of it, but not the frame and its time. */
  clear(): void {
    this.budget.used -= this.cost;
    this.buffer = NONE;
    this.have = 0;
    this.pieces = [];
  }
}

/**
 * Frame numbers, ascending, each once: the last is the one that completed the PDU. Where IP fragments were put together
 * that is `last`, the frame that completed their datagram, even if the PDU's bytes all lie in earlier ones.
 */
export function framesOf(pieces: readonly Piece[], last: number): number[] {
  if (pieces.length === 1 && pieces[0].frame === last) return [last];
  const frames: number[] = [];
  let sorted = true;
  for (const { frame } of pieces) {
    const before = frames[frames.length - 1];
    if (frame === before) continue;
    if (before !== undefined && frame < before) sorted = false;
    frames.push(frame);
  }
  if (frames[frames.length - 1] !== last) frames.push(last);
  return sorted ? frames : [...new Set(frames)].sort((a, b) => a - b);
}
