/**
 * How long output waits for PDUs that the streams hold back: so long that rows come in order and once, and no longer
 * than memory allows.
 */
import type { Packet } from '../capture/open.js';
import type { Recording } from '../core/recording.js';

/** Frames, or PDUs, that wait. */
export const MOST_WAITING = 2048;
/** Bytes of their PDUs and of what was made of them: a byte may be a node of a tree. */
const MOST_BYTES = 1 << 18;

/** Bytes of packets that wait with them. */
const MOST_PACKET_BYTES = 1 << 25;

/** What PDUs that wait cost. */
export class Window {
  private bytes = 0;
  private packetBytes = 0;

  /** A packet came. */
  packet({ start, end }: Pick<Packet, 'start' | 'end'>): void {
    this.packetBytes += end - start;
  }

  /** Packets, or the older half of them, wait no longer. */
  handed(): void {
    this.packetBytes = 0;
  }

  add(recording: Recording): void {
    this.bytes += costOf(recording);
  }

  remove(recording: Recording): void {
    this.bytes -= costOf(recording);
  }

  /** Whether so many may not wait any longer. */
  isFull(count: number): boolean {
    return count > MOST_WAITING || this.bytes > MOST_BYTES || this.packetBytes > MOST_PACKET_BYTES;
  }
}

function costOf(recording: Recording): number {
  let bytes = 0;
  for (const source of recording.sources) bytes += source.bytes.length;
  return bytes;
}
