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

/** A call that was met. */
interface Listed {
  readonly call: Call;
  /** In the order of the requests, from 1 on. */
  readonly number: number;
  /** What was counted for it while it waits; `EMITTED` afterwards. */
  cost: number;
}

/** Takes PDUs and gives calls, each once it is over and all before it are. */
export class CallList {
  private queue: Listed[] = [];
  private head = 0;
  private count = 0;
  /** What the calls in the queue cost in memory. */
  private bytes = 0;
  private readonly listed = new WeakMap<Call, Listed>();

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

  /** The number of the call that a PDU belongs to, given at its first PDU; null where it belongs to none. */
  numberOf({ call }: Pdu): number | null {
    return call === null ? null : this.of(call).number;
  }

  /** Takes the next PDU of the capture. */
  add({ call }: Pdu): void {
    if (call === null) return;
    const listed = this.of(call);
    if (listed.cost !== EMITTED) {
      const cost = costOfCall(call);
      this.bytes += cost - listed.cost;
      listed.cost = cost;
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
    for (const listed of waiting) if (!listed.call.open) this.emitted(listed);
    this.queue = waiting.filter(({ call }) => call.open);
    this.head = 0;
  }

  private of(call: Call): Listed {
    let listed = this.listed.get(call);
    if (listed === undefined) {
      listed = { call, number: ++this.count, cost: 0 };
      this.listed.set(call, listed);
      this.queue.push(listed);
    }
    return listed;
  }

  /** The first of the queue is the one that the others wait for. */
  private get isFull(): boolean {
    return this.queue.length - this.head > this.most + 1;
  }

  /** Emits what is over, and as many others as have to go for a limit. */
  private drain(forced: number, limit: 'waitingCalls' | 'waitingBytes' | null): void {
    while (this.head < this.queue.length) {
      const listed = this.queue[this.head];
      const { call } = listed;
      if (call.open && forced-- <= 0) break;
      if (call.open && limit !== null) call.warnings.push(this.noteOf(limit));
      this.head++;
      this.emitted(listed);
    }
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    } else if (this.head > 64 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  private emitted(listed: Listed): void {
    this.bytes -= listed.cost;
    listed.cost = EMITTED;
    tellIncomplete(listed.call);
    this.emit(listed.call, listed.number);
  }

  private noteOf(limit: LimitName): Note {
    return { code: 'limit', message: limitMessage(limit, this.limits), offset: null, source: null };
  }
}
