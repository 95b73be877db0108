/** When what waits for its turn may go ahead, where packets come as they are captured. */
import type { Packet } from '../capture/open.js';

/** Seconds by which the clocks of who captures and of who reads may differ. */
const CLOCKS = 5;
/** Milliseconds between two pauses where packets come without one. */
const EVERY = 1000;

/**
 * Pauses of an input: nothing comes for a while (`quiet`), or packets come all the time and a second is over (`chunk`),
 * which is counted only for packets captured just now: a file that is sent through a pipe is read as a file is.
 */
export class Pauses {
  private packet: Packet | null = null;
  private last = Date.now();

  constructor(private readonly tell: () => void) {}

  /** @param packet the reader's one object, filled anew for every packet */
  begin(packet: Packet): void {
    this.packet = packet;
  }

  /** Nothing has come for a while. */
  quiet(): void {
    this.last = Date.now();
    this.tell();
  }

  /** All that came was taken. */
  chunk(): void {
    const now = Date.now();
    if (this.packet === null || now - this.last < EVERY) return;
    this.last = now;
    if (Math.abs(now / 1000 - this.packet.sec) <= CLOCKS) this.tell();
  }
}
