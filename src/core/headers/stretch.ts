/** A place in a packet, and how to go on from it. */
import { type HeaderKind, layerOfEtherType } from './layer.js';

/**
 * A stretch of a packet: the header at `start` is looked at next, and nothing at or behind `captured`. What was sent ends
 * at `end`.
 */
export interface Stretch {
  readonly bytes: Uint8Array;
  start: number;
  captured: number;
  end: number;
}

/**
 * Steps over a header at `at`, which ends before `end`: moves `s.start` behind it and returns what stands there. Null
 * where that is nothing of ours, or the header is cut or makes no sense.
 */
export type StepOver = (b: Uint8Array, at: number, end: number, s: Stretch) => HeaderKind | null;

/** Goes on at `to` with `next`; not behind the end. */
export function behind(s: Stretch, to: number, end: number, next: HeaderKind | null): HeaderKind | null {
  if (to > end) return null;
  s.start = to;
  return next;
}

/** Takes a checksum of so many bytes off the end. */
export function withoutChecksum(s: Stretch, length: number): void {
  s.end -= length;
  s.captured = Math.min(s.captured, s.end);
}

/** The EtherType at `at`, and what it names behind it. */
export function etherType(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 2 > end ? null : behind(s, at + 2, end, layerOfEtherType(word16(b, at)));
}

/** 16 bits in network order. */
export function word16(b: Uint8Array, at: number): number {
  return (b[at] << 8) | b[at + 1];
}
