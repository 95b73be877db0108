/** A worker of parallel.ts: reads one capture after the other and sends back what would have been printed. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Job } from '../job.js';
import { captureFailure } from '../messages.js';
import { ownInterfaces } from '../own-interfaces.js';
import { type PrintingCommand, printing } from '../printer.js';
import { sawNothing } from '../run.js';
import { Collected } from './collected.js';
import { type Independent, ParallelSlot, slotsOf, type WorkerData } from './pieces.js';

const { shared, numbers, id, only } = workerData as WorkerData;
const { files, quiet } = shared;
const state = new Int32Array(numbers);
const out = new Collected(parentPort as MessagePort, state, id);
let interfaces: Job['interfaces'] = [];
const job: Job = {
  ...shared,
  out,
  get interfaces() {
    return interfaces;
  },
  get interrupted() {
    return Atomics.load(state, ParallelSlot.stop) === 1;
  },
  // this thread is ended from outside
  signal: new AbortController().signal,
  inputs: files,
  note(_file, { code, message }) {
    if (!quiet) out.add({ note: { code, message } });
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
  interfaces = await ownInterfaces(shared.own);
  const printer = printing(await COMMANDS[command](), options);
  printer.begin?.(job, files);
  out.drop();
  const next = (): number => only ?? Atomics.add(state, ParallelSlot.next, 1);
  for (let file = next(); file < files.length && !job.interrupted; file = only === null ? next() : files.length) {
    Atomics.store(state, slotsOf(id).file, file + 1);
    out.file = file;
    try {
      const end = await printer.each(files[file], job);
      out.end({ damage: end?.damage ?? null, unreadable: null, nothing: end !== null && sawNothing(end) });
    } catch (e) {
      const unreadable = captureFailure(files[file], e);
      if (unreadable === null) throw e;
      out.end({ damage: null, unreadable, nothing: false });
    }
  }
  parentPort?.postMessage(null);
}
