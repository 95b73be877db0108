/** Runs programs side by side in interleaved rounds, and says how they compare. */
import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIME = '/usr/bin/time';

/** Whether a program is there. */
export const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** One run: seconds on the wall, seconds of processor time, and megabytes at the peak (null without /usr/bin/time). */
export function once({ command }) {
  const notes = join(tmpdir(), `clrscope-bench-${process.pid}`);
  const nowhere = openSync('/dev/null', 'w');
  const timed = existsSync(TIME) ? [TIME, '-o', notes, '-f', '%U %S %M', ...command] : command;
  const began = performance.now();
  const { status, error } = spawnSync(timed[0], timed.slice(1), { stdio: ['ignore', nowhere, 'ignore'] });
  const wall = (performance.now() - began) / 1000;
  if (error !== undefined || (status !== 0 && status !== 3))
    throw new Error(`${command.join(' ').slice(0, 300)}: ${error ?? `exit ${status}`}`);
  if (timed === command) return { wall, cpu: null, mb: null };
  const [user, system, kb] = readFileSync(notes, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  rmSync(notes);
  return { wall, cpu: user + system, mb: kb / 1024 };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/**
 * Runs each program once a round; what its `before` does is not measured.
 * @returns rows in the order of the programs: medians, least wall time, peak memory
 */
export function compare(programs, rounds) {
  const runs = programs.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, program] of programs.entries()) {
      if (program.rounds !== undefined && round >= program.rounds) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r${`round ${round + 1}: ${program.name}`.padEnd(78)}`);
      program.before?.();
      runs[i].push(once(program));
    }
  if (process.stderr.isTTY) process.stderr.write(`\r${''.padEnd(78)}\r`);
  return programs.map(({ name }, i) => ({
    name,
    wall: median(runs[i].map((r) => r.wall)),
    least: Math.min(...runs[i].map((r) => r.wall)),
    cpu: runs[i][0].cpu === null ? null : median(runs[i].map((r) => r.cpu)),
    mb: runs[i][0].mb === null ? null : Math.max(...runs[i].map((r) => r.mb)),
    ran: runs[i].length,
  }));
}

/** A table in Markdown; `against` names the row that others are compared with. */
export function table(rows, against) {
  const base = rows.find((r) => r.name.startsWith(against));
  const lines = [
    '| program | median s | least s | CPU s | peak MB | median / clrscope |',
    '|---|---:|---:|---:|---:|---:|',
  ];
  for (const r of rows)
    lines.push(
      `| ${r.name} | ${r.wall.toFixed(3)} | ${r.least.toFixed(3)} | ${r.cpu?.toFixed(2) ?? ''} | ${r.mb?.toFixed(0) ?? ''} | ${(r.wall / base.wall).toFixed(2)} |`,
    );
  return lines.join('\n');
}

/** Median wall time of the row whose name begins so; null where the program is not there. */
export const wallOf = (rows, start) => rows.find((r) => r.name.startsWith(start))?.wall ?? null;

/**
 * What was aimed for and what was measured, as a ratio of two rows' times.
 * @param over the row whose time stands above, `under` below; without either there is no aim to be held
 * @param bound `{ least }` or `{ most }`
 */
export function aim(rows, row, over, under, bound) {
  const [a, b] = [wallOf(rows, over), wallOf(rows, under)];
  return a === null || b === null ? [] : [{ row, ...held(a / b, bound) }];
}

/** Whether a number keeps to `{ least }` or `{ most }`. */
export function held(value, { least, most }) {
  const met = least === undefined ? value <= most : value >= least;
  return { value, met, wanted: least === undefined ? `at most ${most}` : `at least ${least}` };
}
