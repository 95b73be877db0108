/** Which rules a call may matter to: most calls tell and hold little, and most rules ask for one thing. */
import type { Fact } from '../../../dissectors/dcom/facts.js';
import type { Holdings } from '../held.js';
import type { Subject } from './subject.js';

/** What a rule asks for. A call that has any of it is shown to the rule. */
export interface Prefilter {
  /** Kinds of facts that a call tells. */
  readonly facts?: readonly Fact['kind'][];
  /** What its parameters hold. */
  readonly holds?: readonly (keyof Holdings)[];
  /** UUIDs of the interface that is called. */
  readonly interfaces?: readonly string[];
  /** `channel`: messages of .NET remoting over a channel of its own. */
  readonly over?: 'channel';
}

/** A bit that every call has. */
const ALWAYS = 1;

/** What prefilters ask for as bits of a number. Where it is more than 31 things, some share one, and are asked in vain. */
export class Marks {
  private readonly bits = new Map<string, number>();
  private readonly held = new Set<keyof Holdings>();

  /** The bits of a prefilter. */
  of(prefilter: Prefilter | undefined): number {
    if (prefilter === undefined) return ALWAYS;
    const { facts = [], holds = [], interfaces = [], over } = prefilter;
    for (const name of holds) this.held.add(name);
    let marks = 0;
    for (const name of [...facts, ...holds, ...interfaces, ...(over === undefined ? [] : [over])]) {
      const bit = this.bits.get(name) ?? ALWAYS << (this.bits.size + 1);
      this.bits.set(name, bit);
      marks |= bit;
    }
    return marks;
  }

  /** The bits of what a call has. */
  in(subject: Subject): number {
    const { facts, call, channel } = subject;
    let marks = ALWAYS;
    for (const { kind } of facts) marks |= this.bit(kind);
    for (const name of this.held) if (subject[name].length > 0) marks |= this.bit(name);
    if (call.iid !== null) marks |= this.bit(call.iid);
    if (channel) marks |= this.bit('channel');
    return marks;
  }

  private bit(name: string): number {
    return this.bits.get(name) ?? 0;
  }
}
