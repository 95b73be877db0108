/** Requests and answers as calls, in the order of the requests' first frames. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';

/** Calls held back at most behind one that has no answer yet. */
const MAX_WAITING = 20_000;
/** Bytes of their stubs at most. */
const MAX_BYTES = 32 << 20;
/** Instead of a cost: what still comes of the call is not waited for. */
const EMITTED = -1;

/** Takes PDUs and gives calls, each once it is over and all before it are. */
export class CallList {
  private queue: Call[] = [];
  private head = 0;
  private count = 0;
  /** Bytes of the stubs in the queue. */
  private bytes = 0;
  /** Bytes counted for a call: it is known while it waits, and afterwards with `EMITTED`. */
  private readonly costs = new WeakMap<Call, number>();

  /** @param emit called with each call and its number, 1-based */
  constructor(private readonly emit: (call: Call, number: number) => void) {}

  /** Takes the next PDU of the capture. */
  add(pdu: Pdu): void {
    const { call } = pdu;
    if (call === null) return;
    const before = this.costs.get(call);
    if (before === undefined) this.queue.push(call);
    if (before !== EMITTED) {
      const cost = (call.request?.stub?.length ?? 0) + (call.response?.stub?.length ?? 0);
      this.bytes += cost - (before ?? 0);
      this.costs.set(call, cost);
    }
    if (this.bytes > MAX_BYTES) {
      while (this.bytes > MAX_BYTES && this.head < this.queue.length) this.drain(1);
      return;
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
      this.bytes -= this.costs.get(call) ?? 0;
      this.costs.set(call, EMITTED);
      this.emit(call, ++this.count);
    }
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    } else if (this.head > 64 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }
}
