/**
 * The fuzzer. Its worker tries inputs; this side watches for hangs and blow-ups, and prints what came of it.
 * Options: options.ts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { loadCorpus } from './corpus.js';
import { coverageTable } from './coverage.js';
import type { Extension } from './input.js';
import { type Options, parse } from './options.js';
import { replay, TARGETS } from './targets.js';
import { PROJECT } from './way.js';
import type { Failure, Job, Progress, Report } from './worker.js';

/** Seconds of the processor on one input that count as a hang, and seconds of waiting: others may have the processor. */
const HANG = 20;
const WAIT = 10 * HANG;
const FAILURES = `${PROJECT}/.bench/fuzz-failures`;

/** What a slice of the run came to. */
interface Slice {
  report: Report | null;
  coverage: Parameters<typeof coverageTable>[0] | null;
}

/** Runs a worker for a while; a hang or a blow-up ends it early. */
function slice(
  options: Options,
  seed: number,
  seconds: number,
  coverage: boolean,
  onFailure: (f: Failure) => void,
): Promise<Slice> {
  const shared = new SharedArrayBuffer(8);
  const input = new SharedArrayBuffer(1 << 20);
  const state = new Int32Array(shared);
  const { only } = options;
  const guided = options.guided && !coverage;
  const workerData: Job = { seed, only, coverage, guided, shared, input, failures: FAILURES };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  return new Promise((resolve) => {
    const done: Slice = { report: null, coverage: null };
    let last = -1;
    let since = performance.now();
    let cpu = process.cpuUsage();
    const until = performance.now() + seconds * 1000;
    const lost = (problem: string): void => {
      const [extension, length] = Buffer.from(input).toString('latin1', 0, 64).split('\0');
      const start = extension.length + length.length + 2;
      const file = `${FAILURES}/hang-${seed}-${state[0]}.${extension}`;
      mkdirSync(FAILURES, { recursive: true });
      writeFileSync(file, Buffer.from(input, start, Number(length)));
      onFailure({ index: state[0], target: extension, problem, file });
    };
    const timer = setInterval(() => {
      const now = performance.now();
      if (state[0] !== last) {
        last = state[0];
        since = now;
        cpu = process.cpuUsage();
      } else if (last > 0) {
        const { user, system } = process.cpuUsage(cpu);
        if (user + system > HANG * 1e6 || now - since > WAIT * 1000) {
          lost(`hang: more than ${HANG} s`);
          void worker.terminate();
        }
      }
      if (now > until) Atomics.store(state, 1, 1);
    }, 200);
    const began = performance.now();
    worker.on('message', (message: Failure | Progress | Slice) => {
      if ('problem' in message) onFailure(message);
      else if ('reached' in message)
        process.stdout.write(
          `${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s: ${message.index} inputs, ${message.reached} bytes of code reached\n`,
        );
      else Object.assign(done, message);
    });
    worker.on('error', (e) => lost(`the worker died: ${e.message}`));
    worker.on('exit', () => {
      clearInterval(timer);
      resolve(done);
    });
  });
}

async function fuzz(options: Options): Promise<number> {
  const failures: Failure[] = [];
  const counts: Record<string, number> = {};
  const onFailure = (f: Failure): void => {
    failures.push(f);
    process.stdout.write(`${f.target} input ${f.index}: ${f.problem}\n  kept as ${f.file}\n`);
  };
  let features = 0;
  let slowest = 0;
  let rss = 0;
  const add = (report: Report | null): void => {
    if (report === null) return;
    for (const [name, n] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + n;
    features = Math.max(features, report.features);
    slowest = Math.max(slowest, report.slowest);
    rss = Math.max(rss, report.rss);
  };
  const began = performance.now();
  const total = options.minutes * 60;
  // a new corpus every few minutes: what one run keeps leads away from the rest
  const measured = options.coverage ? Math.min(60, total / 5) : 0;
  let seed = options.seed;
  for (let left = total - measured; left > 0.5; left = total - measured - (performance.now() - began) / 1000)
    add((await slice(options, seed++, options.guided ? left : Math.min(left, 240), false, onFailure)).report);
  let table: string[] = [];
  if (options.coverage) {
    const { report, coverage } = await slice(options, seed, measured, true, onFailure);
    add(report);
    if (coverage !== null) table = coverageTable(coverage, new URL('../..', import.meta.url).pathname);
  }
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(
    `${all} inputs in ${seconds.toFixed(0)} s from seed ${options.seed}: ${Object.entries(counts)
      .map(([name, n]) => `${name} ${n}`)
      .join(
        ', ',
      )}\n${features} different features seen; slowest input ${slowest.toFixed(0)} ms; memory ${rss >> 20} MB\n`,
  );
  if (table.length > 0)
    process.stdout.write(`code that ran in the last ${measured.toFixed(0)} s:\n${table.join('\n')}\n`);
  process.stdout.write(failures.length === 0 ? 'clean\n' : `${failures.length} failures\n`);
  return failures.length === 0 ? 0 : 1;
}

async function replayAll(files: readonly string[]): Promise<number> {
  const corpus = await loadCorpus();
  let bad = 0;
  for (const file of files) {
    const extension = /[^.]*\.((?:packets\.)?[a-z.]+)$/.exec(file.slice(file.lastIndexOf('/') + 1))?.[1] as Extension;
    const problems = await replay(readFileSync(file), extension, corpus).catch((e: Error) => [String(e.stack)]);
    if (problems.length > 0) bad++;
    process.stdout.write(
      `${file}: ${problems.length === 0 ? 'fine' : [...new Set(problems)].slice(0, 5).join('\n  ')}\n`,
    );
  }
  return bad === 0 ? 0 : 1;
}

const options = parse(process.argv.slice(2), Object.keys(TARGETS));
if (typeof options === 'string') process.stdout.write(`${options}\n`);
else process.exitCode = options.replay.length > 0 ? await replayAll(options.replay) : await fuzz(options);
