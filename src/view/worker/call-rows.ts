/** The list of calls: a row each, in little memory. */
import { type Call, callText, durationOf, elapsed, rolesOf, type Time } from '../../index.js';
import { bytes, doubles, words } from './column.js';
import { familyOf, packed, type Says, unpacked } from './says.js';
import { Texts } from './texts.js';

/** What the list shows of a call. */
export interface CallRow {
  /** From 1 on, in the order of the requests. */
  readonly call: number;
  /** First frame of the request, last of the answer; null where it was not seen. */
  readonly frames: readonly [request: number | null, answer: number | null];
  /** Seconds since the first packet. */
  readonly time: number;
  /** Seconds; null without an answer. */
  readonly duration: number | null;
  readonly client: string;
  readonly server: string;
  readonly says: Says;
  readonly failed: boolean;
  readonly oneWay: boolean;
}

/** What calls can be sorted by. */
export type CallOrder = 'call' | 'time' | 'duration' | 'client' | 'server' | 'says';

export class CallRows {
  private readonly texts = new Texts();
  private readonly request = words();
  private readonly answer = words();
  private readonly time = doubles();
  private readonly duration = doubles();
  private readonly ends = doubles();
  private readonly says = doubles();
  private readonly flags = bytes();
  failed = 0;

  get length(): number {
    return this.request.length;
  }

  /** Adds the next call. */
  add(call: Call, began: Time): void {
    const { request, response } = call;
    const text = callText(call);
    const [client, server] = rolesOf(call.connection);
    const failed = text.problem !== null;
    if (failed) this.failed++;
    this.request.push(request?.frames[0] ?? 0);
    this.answer.push(response?.frames.at(-1) ?? 0);
    const half = request ?? response;
    this.time.push(half === null ? 0 : elapsed(began, half.time));
    this.duration.push(durationOf(call) ?? Number.NaN);
    this.ends.push(this.texts.put(`${client.address}:${client.port}\n${server.address}:${server.port}`));
    this.says.push(this.texts.put(packed(familyOf(call), text)));
    this.flags.push((failed ? 1 : 0) | (call.oneWay ? 2 : 0));
  }

  /** @param at from 0 on */
  row(at: number): CallRow {
    const [client, server] = this.texts.get(this.ends.get(at)).split('\n');
    const duration = this.duration.get(at);
    const flags = this.flags.get(at);
    return {
      call: at + 1,
      frames: [this.request.get(at) || null, this.answer.get(at) || null],
      time: this.time.get(at),
      duration: Number.isNaN(duration) ? null : duration,
      client,
      server,
      says: unpacked(this.texts.get(this.says.get(at))),
      failed: (flags & 1) !== 0,
      oneWay: (flags & 2) !== 0,
    };
  }
}
