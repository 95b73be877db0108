/**
 * The PDUs of one direction that were cut last, to compare them with what is sent again: bytes that differ are the
 * oldest way to show a watcher something else than the receiver gets.
 */
import type { Budget } from './types.js';

/** Bytes of one direction: a window of TCP without scaling (RFC 9293 3.1), and so the longest PDU. */
const MOST = 65536;
/** PDUs of one direction. */
const MOST_PDUS = 64;
/** Bytes of all directions together. Beyond them each keeps its last PDU only, if that is short. */
const MOST_TOGETHER = 8 << 20;
const SHORT = 4096;

/** A PDU that went by. */
interface Gone {
  /** Where it began, in bytes of the stream. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What is remembered of one direction. */
export class Past {
  private gone: Gone[] = [];
  private bytes = 0;

  /** @param together bytes that all directions remember */
  constructor(private readonly together: Budget) {}

  /** A PDU went by; `bytes` are kept as they are. */
  add(at: number, bytes: Uint8Array): void {
    const { gone, together } = this;
    gone.push({ at, bytes });
    this.charge(bytes.length);
    while (this.bytes > MOST || gone.length > MOST_PDUS) this.drop();
    if (together.used <= MOST_TOGETHER) return;
    while (gone.length > 1) this.drop();
    if (this.bytes > SHORT) this.drop();
  }

  /** Whether one of the bytes that stand at `at` and on is another than went by there. */
  differs(at: number, bytes: Uint8Array, start: number, length: number): boolean {
    const { gone } = this;
    for (let g = gone.length - 1; g >= 0; g--) {
      const { at: from, bytes: before } = gone[g];
      const end = Math.min(at + length, from + before.length);
      for (let i = Math.max(at, from); i < end; i++) if (before[i - from] !== bytes[start + i - at]) return true;
      if (from <= at) break;
    }
    return false;
  }

  /** The stream is over, or begins anew. */
  forget(): void {
    this.charge(-this.bytes);
    this.gone = [];
  }

  private drop(): void {
    const first = this.gone.shift();
    if (first !== undefined) this.charge(-first.bytes.length);
  }

  private charge(bytes: number): void {
    this.bytes += bytes;
    this.together.used += bytes;
  }
}
