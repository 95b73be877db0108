/** The list of calls: a row each, in little memory. */
import {
  type Call,
  callText,
  durationOf,
  elapsed,
  hasFailed,
  type Outcome,
  outcome,
  rolesOf,
  type Time,
} from '../../index.js';
import { bytes, type Column, doubles, words } from './column.js';
import { endsText } from './ends.js';
import { familyOf, packed, type Says, unpacked } from './says.js';
import type { Texts } from './texts.js';

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
  readonly outcome: Outcome;
  /** Whether it is to be seen that something went wrong: it failed, threw, or has no answer. */
  readonly failed: boolean;
  readonly oneWay: boolean;
}

/** What calls can be sorted by; `says` is what was called, without what was said to it. */
export const CALL_ORDERS = ['call', 'frames', 'time', 'duration', 'client', 'server', 'says', 'outcome'] as const;
export type CallOrder = (typeof CALL_ORDERS)[number];

/** From good to bad. */
const OUTCOMES: readonly Outcome[] = [
  ...(['succeeded', 'answered', 'sealed', 'one-way', 'unanswered', 'failed', 'refused', 'fault'] as const),
];

export class CallRows {
  private readonly request = words();
  private readonly answer = words();
  /** Nanoseconds since the first packet, and that the answer took; NaN without one. */
  private readonly time = doubles();
  private readonly duration = doubles();
  private readonly ends = words();
  private readonly says = words();
  private readonly names = words();
  private readonly outcome = bytes();
  private readonly flags = bytes();
  /** How many failed, and how many more have no answer, as tables of calls count them. */
  failed = 0;
  unanswered = 0;

  constructor(private readonly texts: Texts) {}

  get length(): number {
    return this.request.length;
  }

  /** Adds the next call. */
  add(call: Call, began: Time): void {
    const { request, response } = call;
    const text = callText(call);
    const [client, server] = rolesOf(call.connection);
    const came = outcome(call);
    const failed = hasFailed(call);
    if (failed) this.failed++;
    else if (came === 'unanswered') this.unanswered++;
    this.request.push(request?.frames[0] ?? 0);
    this.answer.push(response?.frames.at(-1) ?? 0);
    const half = request ?? response;
    this.time.push(half === null ? 0 : Math.round(elapsed(began, half.time) * 1e9));
    this.duration.push(Math.round((durationOf(call) ?? Number.NaN) * 1e9));
    this.ends.push(this.texts.put(endsText([client, server])));
    this.says.push(this.texts.put(packed(familyOf(call), text)));
    this.names.push(this.texts.put(text.name));
    this.outcome.push(OUTCOMES.indexOf(came));
    this.flags.push((text.problem !== null ? 1 : 0) | (call.oneWay ? 2 : 0) | (failed ? 4 : 0));
  }

  /** Seconds since the first packet. */
  timeAt(at: number): number {
    return this.time.get(at) / 1e9;
  }

  isFailed(at: number): boolean {
    return (this.flags.get(at) & 4) !== 0;
  }

  /** @param at from 0 on */
  row(at: number): CallRow {
    const [client, server] = this.endsTexts(this.ends.get(at));
    const duration = this.duration.get(at);
    const flags = this.flags.get(at);
    return {
      call: at + 1,
      frames: [this.request.get(at) || null, this.answer.get(at) || null],
      time: this.time.get(at) / 1e9,
      duration: Number.isNaN(duration) ? null : duration / 1e9,
      client,
      server,
      says: unpacked(this.texts.get(this.says.get(at))),
      outcome: OUTCOMES[this.outcome.get(at)],
      failed: (flags & 1) !== 0,
      oneWay: (flags & 2) !== 0,
    };
  }

  /** A number for a call's two ends; those of a connection have few of them, most often one. */
  endsOf(at: number): number {
    return this.ends.get(at);
  }

  /** Client and server behind such a number, as `10.0.0.1:135`. */
  endsTexts(ends: number): string[] {
    return this.endsText(ends).split('\n');
  }

  /** The same as one text (ends.ts). */
  endsText(ends: number): string {
    return this.texts.get(ends);
  }

  /** First frame of a call's request, or last of its answer where there is none; 0 for neither. */
  frameOf(at: number): number {
    return this.request.get(at) || this.answer.get(at);
  }

  /** Numbers that stand in an order as the rows do; NaN for rows without what they are sorted by. */
  keys(by: CallOrder): (at: number) => number {
    switch (by) {
      case 'call':
        return (at) => at;
      case 'frames':
        return (at) => this.frameOf(at) || Number.NaN;
      case 'time':
        return (at) => this.time.get(at);
      case 'duration':
        return (at) => this.duration.get(at);
      case 'client':
        return this.ranks(this.ends, (ends) => ends.slice(0, ends.indexOf('\n')));
      case 'server':
        return this.ranks(this.ends, (ends) => ends.slice(ends.indexOf('\n') + 1));
      case 'says':
        return this.ranks(this.names, (name) => name);
      case 'outcome':
        return (at) => this.outcome.get(at);
    }
  }

  /** The ranks of texts, each decoded once; numbers in them count as numbers. */
  private ranks(column: Column, part: (text: string) => string): (at: number) => number {
    const known = new Map<number, string>();
    for (let at = 0; at < column.length; at++) {
      const text = column.get(at);
      if (!known.has(text))
        known.set(
          text,
          part(this.texts.get(text)).replace(/\d+/g, (n) => n.padStart(5, '0')),
        );
    }
    const sorted = [...new Set(known.values())].sort();
    const rankOf = new Map(sorted.map((text, rank) => [text, rank]));
    const ranks = new Map([...known].map(([text, sortable]) => [text, rankOf.get(sortable) ?? 0]));
    return (at) => ranks.get(column.get(at)) ?? 0;
  }
}
