/** A worker of parallel.ts: reads one capture after the other and sends back what would have been printed. */
import { parentPort, workerData } from 'node:worker_threads';
import { UnreadableInput } from '../capture/open.js';
import { safe } from '../output/terminal.js';
import { Output } from './output.js';
import { FILE_COST, type Item, MOST_WAITING, type Piece, type Shared, Slot } from './parallel.js';
import type { Job, Work } from './run.js';

/** Characters sent at a time. */
const PIECE = 1 << 18;

const shared = workerData as Shared;
const state = new Int32Array(shared.numbers);
const mine = Slot.waiting + shared.id;

/** Collects output instead of writing it. */
class Collected extends Output {
  file = 0;
  private items: Item[] = [];
  private parts: string[] = [];
  private length = 0;

  override write(text: string): void {
    this.parts.push(text);
    this.length += text.length;
    if (this.length >= PIECE) this.send(null);
  }

  override lead(first: string, later: string): void {
    this.add({ first, later });
  }

  add(item: Item): void {
    this.join();
    this.items.push(item);
    this.length += 64;
  }

  override flush(): void {}

  /** Sends what there is; waits first while too much of this worker's output waits to be written. */
  send(done: Piece['done']): void {
    this.join();
    const cost = this.length + (done === null ? 0 : FILE_COST);
    for (;;) {
      const waiting = Atomics.load(state, mine);
      if (waiting < MOST_WAITING) break;
      Atomics.wait(state, mine, waiting);
    }
    Atomics.add(state, mine, cost);
    parentPort?.postMessage({ file: this.file, items: this.items, cost, done } satisfies Piece);
    this.items = [];
    this.length = 0;
  }

  private join(): void {
    if (this.parts.length > 0) this.items.push(this.parts.join(''));
    this.parts = [];
  }
}

const out = new Collected();
const job: Job = {
  out,
  color: shared.color,
  width: shared.width,
  secrets: shared.secrets,
  ports: shared.ports,
  full: shared.full,
  get interrupted() {
    return Atomics.load(state, Slot.stop) === 1;
  },
  note(file, note) {
    if (!shared.quiet) out.add({ message: `clrscope: ${file}: ${safe(note.message)}\n` });
  },
};

/** The command's work; what it prints in front of all files is the parent's affair. */
async function workOf({ command, options }: Shared['parallel']): Promise<Work> {
  const work =
    command === 'calls'
      ? (await import('./calls.js')).callsWork(options as never)
      : (await import('./read.js')).readWork(options as never);
  work.begin?.({ ...job, out: new Collected() });
  return work;
}

const work = await workOf(shared.parallel);
while (!job.interrupted) {
  const file = Atomics.add(state, Slot.nextFile, 1);
  if (file >= shared.files.length) break;
  out.file = file;
  try {
    const end = await work.each(shared.files[file], job);
    out.send({ damage: end?.damage ?? null, unreadable: null });
  } catch (e) {
    if (!(e instanceof UnreadableInput)) throw e;
    out.send({ damage: null, unreadable: e.message });
  }
}
