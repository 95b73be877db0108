/** PDUs in the order of their frames: those that streams hand on late, from behind missing bytes, go where they belong. */
import type { TransportPdu } from '../core/context.js';
import type { Recording } from '../core/recording.js';
import type { Streams } from '../streams/index.js';
import { Window } from './window.js';

interface Recorded {
  readonly transport: TransportPdu;
  readonly recording: Recording;
}

/** Takes PDUs as they come, and hands them on. */
export class InOrder<P extends Recorded> {
  private waiting: P[] = [];
  private readonly window = new Window();

  constructor(private readonly hand: (pdu: P) => void) {}

  add(pdu: P): void {
    this.waiting.push(pdu);
    this.window.add(pdu.recording);
  }

  /** Behind a packet: hands on what nothing earlier can come in front of. */
  settle(streams: Pick<Streams, 'holds' | 'giveUp'>): void {
    if (this.waiting.length === 0) return;
    if (streams.holds) {
      if (!this.window.isFull(this.waiting.length)) return;
      streams.giveUp(Number.POSITIVE_INFINITY);
    }
    this.handOn();
  }

  /** Hands on what is here: what was held back longer comes behind it. */
  handOn(): void {
    const { waiting } = this;
    this.waiting = [];
    if (waiting.length > 1) waiting.sort((a, b) => lastFrame(a) - lastFrame(b));
    for (const pdu of waiting) {
      this.window.remove(pdu.recording);
      this.hand(pdu);
    }
  }
}

/** The frame that completed a PDU. */
export function lastFrame({ transport: { frames } }: Pick<Recorded, 'transport'>): number {
  return frames[frames.length - 1];
}
