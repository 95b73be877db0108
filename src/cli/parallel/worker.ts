/** A worker of parallel.ts: reads one capture after the other and sends back what would have been printed. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { CaptureFiles, Job, Work } from '../job.js';
import { captureFailure, failureText } from '../messages.js';
import { ownInterfaces } from '../own-interfaces.js';
import { type PrintingCommand, printing } from '../printer.js';
import { sawNothing } from '../run.js';
import { Collected } from './collected.js';
import {
  type Done,
  type Failure,
  type Independent,
  type Parallel,
  ParallelSlot,
  slotsOf,
  type WorkerData,
} from './pieces.js';

/** Milliseconds between two looks at whether the parent wants an end. */
const LOOK = 50;

const { shared, numbers, id, only } = workerData as WorkerData;
const { captures, quiet } = shared;
const state = new Int32Array(numbers);
const out = new Collected(parentPort as MessagePort, state, id);
let interfaces: Job['interfaces'] = [];
/** For what waits: the parent only sets a number. */
const stop = new AbortController();
setInterval(() => job.interrupted && stop.abort(), LOOK).unref();
const job: Job = {
  ...shared,
  out,
  get interfaces() {
    return interfaces;
  },
  get interrupted() {
    return Atomics.load(state, ParallelSlot.stop) === 1;
  },
  signal: stop.signal,
  inputs: captures.flatMap(({ files }) => files),
  note(_name, { code, message }) {
    if (!quiet) out.add({ note: { code, message } });
  },
};

const PRINTING: Readonly<Record<Independent, () => Promise<PrintingCommand>>> = {
  calls: async () => (await import('../calls.js')).CALLS,
  objects: async () => (await import('../objects.js')).OBJECTS,
  read: async () => (await import('../read.js')).READ,
};

async function workOf(parallel: Parallel): Promise<Work> {
  if (parallel.command === 'export') return (await import('../export/export.js')).exporting(parallel.options);
  return printing(await PRINTING[parallel.command](), parallel.options);
}

async function read(command: Work, capture: CaptureFiles): Promise<Done | Failure> {
  try {
    const end = await command.each(capture, job);
    return { damage: end?.damage ?? null, unreadable: null, nothing: end !== null && sawNothing(end) };
  } catch (e) {
    const unreadable = captureFailure(capture.name, e);
    if (unreadable === null) return { failed: failureText(e) };
    return { damage: null, unreadable, nothing: false };
  }
}

/** Reads captures as long as there are some. */
export async function readOn(): Promise<void> {
  interfaces = await ownInterfaces(shared.own);
  const command = await workOf(shared.parallel);
  command.begin?.(job, captures);
  out.drop();
  const next = (): number => only ?? Atomics.add(state, ParallelSlot.next, 1);
  for (let at = next(); at < captures.length && !job.interrupted; at = only === null ? next() : captures.length) {
    Atomics.store(state, slotsOf(id).capture, at + 1);
    out.capture = at;
    const done = await read(command, captures[at]);
    if ('failed' in done) {
      parentPort?.postMessage(done);
      return;
    }
    // what was not read to its end looks cut
    out.end(job.interrupted ? { damage: null, unreadable: null, nothing: false } : done);
  }
  parentPort?.postMessage(null);
}
