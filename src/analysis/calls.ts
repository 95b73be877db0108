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

/** Instead of a cost: what still comes of the call is not waited for. */
const EMITTED = -1;

/** Takes PDUs and gives calls, each once it is over and all before it are. */
export class CallList {
  private queue: Call[] = [];
  /** The numbers of these, in the order of their requests. */
  private numbers: number[] = [];
  private head = 0;
  private count = 0;
  /** What the calls in the queue cost in memory. */
  private bytes = 0;
  /** What was counted for a call: it is known while it waits, and afterwards with `EMITTED`. */
  private readonly costs = new WeakMap<Call, number>();

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

  /** Takes the next PDU of the capture. */
  add(pdu: Pdu): void {
    const { call } = pdu;
    if (call === null) return;
    const before = this.costs.get(call);
    if (before === undefined) {
      this.queue.push(call);
      this.numbers.push(++this.count);
    }
    if (before !== EMITTED) {
      const cost = costOfCall(call);
      this.bytes += cost - (before ?? 0);
      this.costs.set(call, cost);
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
    const waiting = this.queue.slice(this.head).map((call, i) => ({ call, number: this.numbers[this.head + i] }));
    for (const { call, number } of waiting) if (!call.open) this.emitted(call, number);
    const open = waiting.filter(({ call }) => call.open);
    this.queue = open.map(({ call }) => call);
    this.numbers = open.map(({ number }) => number);
    this.head = 0;
  }

  /** The first of the queue is the one that the others wait for. */
  private get isFull(): boolean {
    return this.queue.length - this.head > this.most + 1;
  }

  /** Emits what is over, and as many others as have to go for a limit. */
  private drain(forced: number, limit: 'waitingCalls' | 'waitingBytes' | null): void {
    while (this.head < this.queue.length) {
      const call = this.queue[this.head];
      if (call.open && forced-- <= 0) break;
      if (call.open && limit !== null) call.warnings.push(this.noteOf(limit));
      this.emitted(call, this.numbers[this.head++]);
    }
    if (this.head === this.queue.length) {
      this.queue = [];
      this.numbers = [];
      this.head = 0;
    } else if (this.head > 64 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.numbers = this.numbers.slice(this.head);
      this.head = 0;
    }
  }

  private emitted(call: Call, number: number): void {
    this.bytes -= this.costs.get(call) ?? 0;
    this.costs.set(call, EMITTED);
    tellIncomplete(call);
    this.emit(call, number);
  }

  private noteOf(limit: LimitName): Note {
    return { code: 'limit', message: limitMessage(limit, this.limits), offset: null, source: null };
  }
}
