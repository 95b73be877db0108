/**
 * Which code inputs reached: V8's block coverage, looked at after each small batch of them. A batch that reached code
 * which none before it did is tried again, half by half, to find the inputs that do; other batches cost one look.
 */
import { Session } from 'node:inspector/promises';
import type { Input } from './input.js';

/** Inputs between two looks. */
const BATCH = 64;

/** Batches that are not searched: what nearly every input reaches says nothing. */
const WARM_UP = 10;

/** Guides by code reached. */
export class Reach {
  /** Bytes of compiled code that ran at some time. */
  bytes = 0;
  private readonly session = new Session();
  /** By script: a 1 for each byte that ran. */
  private readonly reached = new Map<string, Uint8Array>();
  private batch: Input[] = [];
  private batches = 0;

  /** Begins; scripts have to be loaded behind this. */
  async start(): Promise<void> {
    this.session.connect();
    await this.session.post('Profiler.enable');
    // counts, since these are set back by each look: without them V8 tells of a block only once
    await this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** An input was tried. Where its batch is full, those that reached new code are kept. */
  async tried(input: Input): Promise<void> {
    this.batch.push(input);
    if (this.batch.length < BATCH) return;
    const { batch } = this;
    this.batch = [];
    const ran = await this.look();
    if (++this.batches > WARM_UP && this.fresh(ran) > 0) await this.search(batch);
    // inputs decide by chance which outputs they make: what is not found again is not searched for ever
    this.learn(ran);
  }

  /** Keeps what reaches new code, and learns it. */
  private async search(batch: readonly Input[]): Promise<void> {
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      for (const input of half) await Promise.resolve(input.run()).catch(() => {});
      const ran = await this.look();
      if (this.fresh(ran) === 0) continue;
      if (half.length > 1) await this.search(half);
      else {
        half[0].keep?.();
        this.learn(ran);
      }
    }
  }

  /** By script, a 1 for each byte that ran since the last look. */
  private async look(): Promise<Map<string, Uint8Array>> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const all = new Map<string, Uint8Array>();
    for (const { url, functions } of result) {
      if (!/\/(src|dissectors)\/.*\.js$/.test(url)) continue;
      const ran = new Uint8Array(Math.max(...functions.map((f) => f.ranges[0].endOffset)));
      // outer ranges come first, inner ones correct them
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      all.set(url, ran);
    }
    return all;
  }

  /** How many bytes never ran before. */
  private fresh(all: ReadonlyMap<string, Uint8Array>): number {
    let fresh = 0;
    for (const [url, ran] of all) {
      const before = this.reached.get(url);
      for (let i = 0; i < ran.length; i++) if (ran[i] === 1 && before?.[i] !== 1) fresh++;
    }
    return fresh;
  }

  private learn(all: ReadonlyMap<string, Uint8Array>): void {
    this.bytes += this.fresh(all);
    for (const [url, ran] of all) {
      const before = this.reached.get(url) ?? new Uint8Array(0);
      const grown = before.length < ran.length ? new Uint8Array(ran.length) : before;
      if (grown !== before) grown.set(before);
      for (let i = 0; i < ran.length; i++) grown[i] |= ran[i];
      this.reached.set(url, grown);
    }
  }
}
