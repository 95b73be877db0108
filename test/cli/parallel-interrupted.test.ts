/** Ctrl-C while threads are at work: what they still have to say, they say without waiting. */
import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { runParallel } from '../../src/cli/parallel/parallel.js';
import { MOST_AHEAD, type OutputPiece, type Shared, slotsOf, type WorkerData } from '../../src/cli/parallel/pieces.js';

interface Thread extends EventEmitter {
  readonly numbers: SharedArrayBuffer;
}

const threads = vi.hoisted((): Thread[] => []);

vi.mock('node:worker_threads', async () => {
  const events = await import('node:events');
  class Worker extends events.EventEmitter implements Thread {
    readonly numbers: SharedArrayBuffer;
    constructor(_file: URL, { workerData }: { readonly workerData: WorkerData }) {
      super();
      this.numbers = workerData.numbers;
      threads.push(this);
    }
    terminate = (): Promise<void> => Promise.resolve();
  }
  return { Worker };
});

it('however many pieces come after Ctrl-C, no thread waits', async () => {
  const captures = ['a.pcap', 'b.pcap'].map((name) => ({ name, files: [name] }));
  const over = runParallel(2, { captures } as unknown as Shared, {
    interrupted: true,
    signal: new AbortController().signal,
    out: null as never,
    note: () => {},
    onDone: () => {},
    onLost: () => {},
  });
  const [, second] = threads;
  const state = new Int32Array(second.numbers);
  const piece: OutputPiece = { capture: 1, items: [], cost: 1 << 17, done: null };
  for (let i = 0; i < 600; i++) {
    Atomics.add(state, slotsOf(1).waiting, piece.cost);
    second.emit('message', piece);
    await turn();
    for (const id of [0, 1]) expect(state[slotsOf(id).waiting], `thread ${id}, piece ${i}`).toBeLessThan(MOST_AHEAD);
  }
  for (const thread of threads) {
    thread.emit('message', null);
    thread.emit('exit');
  }
  await over;
});
