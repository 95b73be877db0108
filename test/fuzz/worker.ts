/**
 * The fuzzer's worker: tries inputs by number. Input `i` of a run is always the same as long as the corpus is; what
 * showed something new joins the corpus, so a run as a whole is repeatable and a single number is not: failing
 * inputs are kept as files.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Input } from './input.js';
import { Random } from './random.js';
import { Reach } from './reach.js';

/** What the parent hands over. */
export interface Job {
  readonly seed: number;
  readonly only: string | null;
  readonly coverage: boolean;
  /** Keep inputs that reach new code, instead of those whose outputs show something new. */
  readonly guided: boolean;
  /** [0]: number of the input being tried; [1]: 1 to stop. */
  readonly shared: SharedArrayBuffer;
  /** The input being tried, for the parent to keep when it hangs. */
  readonly input: SharedArrayBuffer;
  readonly failures: string;
}

/** What the worker reports at the end of a slice. */
export interface Report {
  readonly counts: Record<string, number>;
  readonly features: number;
  readonly slowest: number;
  readonly rss: number;
}

export interface Failure {
  readonly index: number;
  readonly target: string;
  readonly problem: string;
  readonly file: string;
}

/** How far a guided run came. */
export interface Progress {
  readonly index: number;
  /** Bytes of code that ran. */
  readonly reached: number;
}

/** Milliseconds between two reports of it. */
const PROGRESS = 10_000;
/** Milliseconds of processor time that one input may take. */
const SLOW = 6000;
/** Bytes that the process may grow to. */
const MOST_MEMORY = 1200 << 20;

const job = workerData as Job;
const state = new Int32Array(job.shared);
const current = new Uint8Array(job.input);
const counts: Record<string, number> = {};
const features = new Set<string>();
const reach = job.guided ? new Reach() : null;
const told = new Map<string, number>();
let slowest = 0;

function keepFile(input: Input, target: string): string {
  const { bytes, extension } = input.save();
  const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 10)}.${extension}`;
  mkdirSync(job.failures, { recursive: true });
  writeFileSync(`${job.failures}/${name}`, bytes);
  return `${job.failures}/${name}`;
}

function fail(index: number, target: string, input: Input, problem: string): void {
  // one kind of problem is told three times, not a million
  const kind = `${target} ${problem.replace(/\d+/g, '#').slice(0, 120)}`;
  const times = (told.get(kind) ?? 0) + 1;
  told.set(kind, times);
  if (times > 3) return;
  parentPort?.postMessage({ index, target, problem, file: keepFile(input, target) } satisfies Failure);
}

async function tryInput(index: number, target: string, input: Input): Promise<void> {
  Atomics.store(state, 0, index);
  const { bytes, extension } = input.save();
  const header = Buffer.from(`${extension}\0${bytes.length}\0`);
  if (header.length + bytes.length <= current.length) {
    current.set(header);
    current.set(bytes, header.length);
  }
  const began = performance.now();
  try {
    const problems = await input.run();
    if (problems.length > 0) fail(index, target, input, problems[0]);
  } catch (e) {
    fail(
      index,
      target,
      input,
      `thrown: ${e instanceof Error ? e.stack?.split('\n').slice(0, 4).join(' | ') : JSON.stringify(e)}`,
    );
  }
  const took = performance.now() - began;
  if (took > slowest) slowest = took;
  if (took > SLOW) {
    // other programs may have had the processor: once more
    const again = process.cpuUsage();
    try {
      await input.run();
    } catch {}
    const { user, system } = process.cpuUsage(again);
    if ((user + system) / 1000 > SLOW) fail(index, target, input, `slow: ${Math.round((user + system) / 1000)} ms`);
  }
  let fresh = false;
  for (const feature of input.features) {
    if (features.has(feature) || features.size > 200_000) continue;
    features.add(feature);
    fresh = true;
  }
  if (reach !== null) {
    // looking at what was reached takes its time, which is not this input's
    Atomics.store(state, 0, 0);
    await reach.tried(input);
  } else if (fresh) input.keep?.();
}

async function main(): Promise<void> {
  const session = new Session();
  if (job.coverage) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }
  await reach?.start();
  // loaded only now: functions that never run are counted only where they were compiled under its eyes
  const { loadCorpus } = await import('./corpus.js');
  const { TARGETS } = await import('./targets.js');
  const corpus = await loadCorpus();
  const names = Object.entries(TARGETS).flatMap(([name, { weight }]) =>
    job.only === null || job.only === name ? (Array(weight).fill(name) as string[]) : [],
  );
  let next = performance.now();
  for (let index = 1; Atomics.load(state, 1) === 0; index++) {
    const r = new Random(job.seed, index);
    const target = r.pick(names);
    await tryInput(index, target, TARGETS[target].make(corpus, r));
    counts[target] = (counts[target] ?? 0) + 1;
    if (reach !== null && performance.now() > next) {
      parentPort?.postMessage({ index, reached: reach.bytes } satisfies Progress);
      next += PROGRESS;
    }
    if (index % 5000 === 0) {
      // lets messages out, and looks at memory
      await new Promise((resolve) => setImmediate(resolve));
      const rss = process.memoryUsage.rss();
      if (rss > MOST_MEMORY)
        parentPort?.postMessage({
          index,
          target: 'all',
          problem: `memory: ${rss >> 20} MB`,
          file: '',
        } satisfies Failure);
    }
  }
  const report: Report = { counts, features: features.size, slowest, rss: process.memoryUsage.rss() };
  let coverage: unknown = null;
  if (job.coverage) coverage = (await session.post('Profiler.takePreciseCoverage')).result;
  parentPort?.postMessage({ report, coverage });
}

await main();
