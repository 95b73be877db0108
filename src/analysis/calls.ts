/** Requests and answers as calls, in the order of the requests' first frames. */
import type { Call } from '../../dissectors/call.js';
import { costOfCall } from '../../dissectors/cost.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { DEFAULT_LIMITS, type LimitName, type Limits, limitMessage } from '../core/limits.js';
import type { Note } from '../core/node.js';

/** Warnings that say why a half of a call was not read, or that it was not read to its end. */
const EXPLAIN = ['incomplete', 'truncated', 'unreassembled', 'limit', 'malformed', 'context-refused'];

/** A call of which some fragments are missing says so, also where no PDU of it could. */
function tellIncomplete({ request, response, answering, fault, auth, warnings }: Call): void {
  if (auth.decrypted === false || warnings.some(({ code }) => EXPLAIN.includes(code))) return;
  const tell = (half: string): void => {
    const message = `not all fragments of the ${half} were captured: its parameters are not read`;
    warnings.push({ code: 'incomplete', message, offset: null, source: null });
  };
  if (request !== null && request.stub === null) tell('request');
  if (response === null ? answering : response.stub === null && fault === null) tell('answer');
}

/** A call that waits until it is over, and all before it are. */
interface Waiting {
  readonly call: Call;
  readonly number: number;
  /** What it was counted for. */
  cost: number;
}

/** Takes PDUs and gives calls, each once it is over and all before it are. */
export class CallList {
  private queue: Waiting[] = [];
  private head = 0;
  private count = 0;
  /** What the calls in the queue cost in memory. */
  private bytes = 0;
  /** Numbers of all that were begun, 1-based: what still comes of a call is not waited for, and has its number. */
  private readonly numbers = new WeakMap<Call, number>();

  private readonly most: number;
  private readonly mostBytes: number;

  /**
   * @param emit called with each call and its number, 1-based
   * @param limits how much may wait behind a call that has no answer yet; then it comes out without
   */
  constructor(
    private readonly emit: (call: Call, number: number) => void,
    private readonly limits: Limits = DEFAULT_LIMITS,
  ) {
    this.most = limits.waitingCalls;
    this.mostBytes = limits.waitingBytes;
  }

  /**
   * The number of the next PDU's call, before the PDU is taken; null where it belongs to none. A call that is not known yet
   * waits from now on.
   */
  begin({ call }: Pdu): number | null {
    if (call === null) return null;
    let number = this.numbers.get(call);
    if (number === undefined) {
      number = ++this.count;
      this.numbers.set(call, number);
      this.queue.push({ call, number, cost: 0 });
    }
    return number;
  }

  /** Takes the next PDU of the capture. @param number of its call */
  add(pdu: Pdu, number = this.begin(pdu)): void {
    const { call } = pdu;
    if (call === null || number === null) return;
    const waiting = this.waiting(number);
    if (waiting !== undefined) {
      const cost = costOfCall(call);
      this.bytes += cost - waiting.cost;
      waiting.cost = cost;
    }
    if (this.bytes > this.mostBytes) {
      this.drain(0, null);
      while (this.bytes > this.mostBytes && this.head < this.queue.length) this.drain(1, 'waitingBytes');
      return;
    }
    if (!call.open || this.isFull) this.drain(0, null);
    if (this.isFull) this.drain(1, 'waitingCalls');
  }

  /** The capture is over: what still waits comes out as it is. */
  end(): void {
    this.drain(Number.POSITIVE_INFINITY, null);
  }

  /** Emits all calls that are over: those in front of them that are not have to come behind, as their numbers say. */
  goAhead(): void {
    const waiting = this.queue.slice(this.head);
    for (const one of waiting) if (!one.call.open) this.emitted(one);
    this.queue = waiting.filter(({ call }) => call.open);
    this.head = 0;
  }

  /** The one of that number in the queue, which is in the order of numbers; undefined where it came out. */
  private waiting(number: number): Waiting | undefined {
    const { queue } = this;
    let [low, high] = [this.head, queue.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (queue[middle].number <= number) low = middle;
      else high = middle - 1;
    }
    return queue[low]?.number === number ? queue[low] : undefined;
  }

  /** The first of the queue is the one that the others wait for. */
  private get isFull(): boolean {
    return this.queue.length - this.head > this.most + 1;
  }

  /** Emits what is over, and as many others as have to go for a limit. */
  private drain(forced: number, limit: 'waitingCalls' | 'waitingBytes' | null): void {
    while (this.head < this.queue.length) {
      const first = this.queue[this.head];
      const { call } = first;
      if (call.open && forced-- <= 0) break;
      if (call.open && limit !== null) call.warnings.push(this.noteOf(limit));
      this.head++;
      this.emitted(first);
    }
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    } else if (this.head > 64 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  private emitted({ call, number, cost }: Waiting): void {
    this.bytes -= cost;
    tellIncomplete(call);
    this.emit(call, number);
  }

  private noteOf(limit: LimitName): Note {
    return { code: 'limit', message: limitMessage(limit, this.limits), offset: null, source: null };
  }
}
