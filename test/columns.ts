/** Columns of a capture, by this project's source and by tshark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dissectFrame, protocols } from '../dissectors/index.js';
import type { Pdu } from '../dissectors/pdu.js';
import type { Frame } from '../src/core/frame.js';
import { scanFrames } from '../src/engine/frames.js';
import { compileFilter } from '../src/filter/index.js';
import { knownFields } from '../src/known-fields.js';
import { defaultFieldOptions, fieldRows } from '../src/output/columns/fields.js';

/** tshark's version as `4.0`, null where it is not installed. */
export const TSHARK =
  /TShark \(Wireshark\) (\d+\.\d+)/.exec(spawnSync('tshark', ['-v']).stdout?.toString() ?? '')?.[1] ?? null;

const table = knownFields();

/** A row a frame, as `-T fields` prints them. */
export async function columns(file: string, names: readonly string[]): Promise<string[][]> {
  const rows = fieldRows(names, table, defaultFieldOptions());
  const found: string[][] = [];
  // a late frame has its row already
  const take = (frame: Frame<Pdu>): void => {
    if (!frame.late) found.push(rows.row(frame).split('\t'));
  };
  await scanFrames(file, protocols(), dissectFrame, {}, take, {});
  return found;
}

/** Numbers of the frames that a filter finds. */
export async function framesOf(file: string, filter: string): Promise<number[]> {
  const compiled = compileFilter(filter, table);
  const found: number[] = [];
  const each = (frame: Frame<Pdu>): void => {
    if (!frame.late && compiled.matches(frame)) found.push(frame.number);
  };
  await scanFrames(file, protocols(), dissectFrame, {}, each, {});
  return found;
}

/** What tshark prints. */
export function tsharkColumns(file: string, names: readonly string[], options: readonly string[] = []): string[][] {
  const args = ['-n', '-r', file, ...options, '-T', 'fields', ...names.flatMap((n) => ['-e', n])];
  const { stdout } = spawnSync('tshark', args, { maxBuffer: 1 << 30, env: { ...process.env, TZ: 'UTC' } });
  const lines = stdout.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => line.split('\t'));
}

/** Where our columns differ from tshark's, a line each: empty where they are the same. */
export async function differences(file: string, names: readonly string[]): Promise<string[]> {
  const ours = await columns(file, names);
  const theirs = tsharkColumns(file, names);
  const found = ours.length === theirs.length ? [] : [`${ours.length} rows, tshark has ${theirs.length}`];
  for (const [i, row] of theirs.entries())
    for (const [j, value] of row.entries())
      if (ours[i]?.[j] !== value) found.push(`row ${i + 1}, ${names[j]}: ${ours[i]?.[j]}, tshark prints ${value}`);
  return found;
}

/** Calls `use` with a capture in a folder that is gone afterwards. */
export async function withCapture<T>(bytes: Uint8Array, use: (file: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
  try {
    const file = join(folder, 'capture');
    writeFileSync(file, bytes);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
