/** Requests and answers as calls, in the order of the requests' first frames. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/dissect.js';

/** Calls held back at most behind one that has no answer yet. */
const MAX_WAITING = 20_000;

/** Takes PDUs and gives calls, each once it is over and all before it are. */
export class CallList {
  private queue: Call[] = [];
  private head = 0;
  private count = 0;
  /** Calls whose answer came without a request, until they are in the queue. */
  private readonly seen = new WeakSet<Call>();

  /** @param emit called with each call and its number, 1-based */
  constructor(private readonly emit: (call: Call, number: number) => void) {}

  /** Takes the next PDU of the capture. */
  add(pdu: Pdu): void {
    const { call } = pdu;
    if (call === null) return;
    if (!this.seen.has(call)) {
      this.seen.add(call);
      this.queue.push(call);
    }
    if (call.open && this.queue.length - this.head < MAX_WAITING) return;
    this.drain(this.queue.length - this.head >= MAX_WAITING ? 1 : 0);
  }

  /** The capture is over: what still waits comes out as it is. */
  end(): void {
    this.drain(Number.POSITIVE_INFINITY);
  }

  private drain(forced: number): void {
    while (this.head < this.queue.length) {
      const call = this.queue[this.head];
      if (call.open && forced-- <= 0) break;
      this.head++;
      this.emit(call, ++this.count);
    }
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }
}
