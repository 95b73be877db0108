/** A worker of parallel.ts: reads captures and sends back what would have been printed. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Job, Work } from '../job.js';
import { captureFailure } from '../messages.js';
import { type PrintingCommand, printing } from '../printer.js';
import { sawNothing } from '../run.js';
import { Collected } from './collected.js';
import { type Done, type Independent, ParallelSlot, slotsOf, type WorkerData } from './pieces.js';
import { Share, WHOLE } from './share.js';

const { shared, numbers, id } = workerData as WorkerData;
const { files, isSplit, quiet } = shared;
const state = new Int32Array(numbers);
const out = new Collected(parentPort as MessagePort, state, id, () => job.share);
const job: Job = {
  ...shared,
  out,
  get interrupted() {
    return Atomics.load(state, ParallelSlot.stop) === 1;
  },
  // this thread is ended from outside
  signal: new AbortController().signal,
  inputs: files,
  share: new Share(out),
  note(_file, { code, message }) {
    // of limits every thread knows its own, the rest the first knows for all
    if (!quiet && (code === 'limit' || job.share.part.beside)) out.note({ code, message });
  },
};

const COMMANDS: Readonly<Record<Independent, () => Promise<PrintingCommand>>> = {
  calls: async () => (await import('../calls.js')).CALLS,
  objects: async () => (await import('../objects.js')).OBJECTS,
  read: async () => (await import('../read.js')).READ,
};

/** Reads captures as long as there are some, or its part of the one that there is. */
export async function work(): Promise<void> {
  const { command, options } = shared.parallel;
  const printer = printing(await COMMANDS[command](), options);
  printer.begin?.(job, files);
  out.drop();
  if (isSplit) await read(0, printer);
  else
    while (!job.interrupted) {
      const file = Atomics.add(state, ParallelSlot.next, 1);
      if (file >= files.length) break;
      await read(file, printer);
    }
  parentPort?.postMessage(null);
}

async function read(file: number, printer: Work): Promise<void> {
  Atomics.store(state, slotsOf(id).file, file + 1);
  out.file = file;
  job.share = new Share(out, isSplit ? { ...WHOLE, taken: state, beside: id === 0, room: Infinity } : WHOLE);
  let done: Omit<Done, 'rows'>;
  try {
    const end = await printer.each(files[file], job, (bytes) => {
      if (job.share.part.beside) Atomics.store(state, ParallelSlot.kilobytes, bytes / 1024);
    });
    done = { damage: end?.damage ?? null, unreadable: null, nothing: end !== null && sawNothing(end) };
  } catch (e) {
    const unreadable = captureFailure(files[file], e);
    if (unreadable === null) throw e;
    done = { damage: null, unreadable, nothing: false };
  }
  // where all read the same, the first speaks for all
  out.end(job.share.part.beside ? { ...done, rows: job.share.rows } : null);
}
