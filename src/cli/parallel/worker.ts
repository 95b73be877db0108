/** A worker of parallel.ts: reads one capture after the other and sends back what would have been printed. */
import { parentPort, workerData } from 'node:worker_threads';
import { safe } from '../../core/safe-text.js';
import type { Job } from '../job.js';
import { captureFailure } from '../messages.js';
import { Output } from '../output.js';
import { type PrintingCommand, printing } from '../printer.js';
import { sawNothing } from '../run.js';
import {
  FILE_COST,
  type Independent,
  MOST_AHEAD,
  type OutputPiece,
  type ParallelItem,
  ParallelSlot,
  type Shared,
} from './parallel.js';

/** Bytes sent at a time. */
const PIECE = 1 << 17;

const shared = workerData as Shared;
const state = new Int32Array(shared.numbers);
const mine = ParallelSlot.waiting + shared.id;

/** Collects output instead of writing it. */
class Collected extends Output {
  file = 0;
  private items: ParallelItem[] = [];
  private length = 0;

  override lead(first: string, later: string): void {
    this.add({ first, later });
  }

  add(item: ParallelItem): void {
    this.flush();
    this.items.push(item);
    this.length += 64;
  }

  /** Forgets what there is: what stands in front of all files is the parent's affair. */
  drop(): void {
    this.flush();
    this.items = [];
    this.length = 0;
  }

  /** Sends what there is; waits first while too much of this worker's output waits to be written. */
  send(done: OutputPiece['done']): void {
    this.flush();
    this.post(done);
  }

  protected override all(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // a copy that can be handed over as a whole
    this.items.push(new Uint8Array(bytes));
    this.length += bytes.length;
    if (this.length >= PIECE) this.post(null);
  }

  private post(done: OutputPiece['done']): void {
    const { items, file } = this;
    const cost = this.length + (done === null ? 0 : FILE_COST);
    for (;;) {
      const waiting = Atomics.load(state, mine);
      if (waiting < MOST_AHEAD) break;
      Atomics.wait(state, mine, waiting);
    }
    Atomics.add(state, mine, cost);
    const buffers = items.flatMap((item) => (item instanceof Uint8Array ? [item.buffer as ArrayBuffer] : []));
    parentPort?.postMessage({ file, items, cost, done } satisfies OutputPiece, buffers);
    this.items = [];
    this.length = 0;
  }
}

const out = new Collected();
const job: Job = {
  out,
  color: shared.color,
  width: shared.width,
  secrets: shared.secrets,
  decodeAs: shared.decodeAs,
  ports: shared.ports,
  full: shared.full,
  limits: shared.limits,
  get interrupted() {
    return Atomics.load(state, ParallelSlot.stop) === 1;
  },
  // this thread is ended from outside
  signal: new AbortController().signal,
  inputs: shared.files,
  several: true,
  note(file, note) {
    if (!shared.quiet) out.add({ message: `clrscope: ${safe(file)}: ${safe(note.message)}\n` });
  },
};

const COMMANDS: Readonly<Record<Independent, () => Promise<PrintingCommand>>> = {
  calls: async () => (await import('../calls.js')).CALLS,
  objects: async () => (await import('../objects.js')).OBJECTS,
  read: async () => (await import('../read.js')).READ,
};

/** Reads captures as long as there are some. */
export async function work(): Promise<void> {
  const { command, options } = shared.parallel;
  const printer = printing(await COMMANDS[command](), options);
  printer.begin?.(job, shared.files);
  out.drop();
  while (!job.interrupted) {
    const file = Atomics.add(state, ParallelSlot.nextFile, 1);
    if (file >= shared.files.length) break;
    out.file = file;
    try {
      const end = await printer.each(shared.files[file], job);
      out.send({ damage: end?.damage ?? null, unreadable: null, nothing: end !== null && sawNothing(end) });
    } catch (e) {
      const failure = captureFailure(shared.files[out.file], e);
      if (failure === null) throw e;
      out.send({ damage: null, unreadable: failure, nothing: false });
    }
  }
}
