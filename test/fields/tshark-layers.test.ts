/** Columns of samples and made captures, every field that tshark knows too: what it prints is what we print. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import { scanFrames } from '../../src/engine/frames.js';
import { knownFields } from '../../src/known-fields.js';
import { defaultFieldOptions, fieldRows } from '../../src/output/columns/fields.js';
import { TSHARK, tsharkColumns } from '../columns.js';
import { type Capture, capturesOfLayers } from './captures.js';
import { DIFFERENCES, excuse } from './tshark-differences.js';

const table = knownFields();
const captures = capturesOfLayers();

/** Names of `clrscope fields` that stand in `tshark -G fields` and have values: of the others only their texts differ. */
function common(): string[] {
  const { stdout } = spawnSync('tshark', ['-G', 'fields'], { maxBuffer: 1 << 30 });
  const theirs = new Set(
    stdout
      .toString()
      .split('\n')
      .map((line) => line.split('\t')[2]),
  );
  return (
    table
      .list()
      .filter(({ type }) => type !== 'none')
      .map(({ name }) => name)
      // asked for first, to tell rows apart
      .filter((name) => theirs.has(name) && name !== 'frame.number')
  );
}

/** `field frame: ours, tshark: theirs` for every column that differs and has no excuse. */
async function differing({ name, file }: Capture, names: readonly string[], used: Set<string>): Promise<string[]> {
  const theirs = new Map(tsharkColumns(file, ['frame.number', ...names]).map(([number, ...row]) => [number, row]));
  const rows = fieldRows(names, table, defaultFieldOptions());
  const found: string[] = [];
  await scanFrames(
    file,
    protocols(),
    dissectFrame,
    {},
    (frame) => {
      if (frame.late) return;
      const ours = rows.row(frame).split('\t');
      const row = theirs.get(String(frame.number));
      if (row === undefined) found.push(`${name} ${frame.number}: tshark has no such frame`);
      for (const [i, value] of (row ?? []).entries()) {
        if (ours[i] === value) continue;
        const why = excuse(name, names[i], ours[i], value);
        if (why === null) found.push(`${names[i]} ${name} ${frame.number}: ${ours[i]}, tshark: ${value}`);
        else used.add(why);
      }
    },
    {},
  );
  return found;
}

describe.skipIf(TSHARK === null)('tshark prints the same', () => {
  const names = TSHARK === null ? [] : common();
  const used = new Set<string>();

  it('of most fields it has heard', () => {
    expect(names.length).toBeGreaterThan(500);
  });

  it.each(captures)('$name', async (capture) => {
    expect(await differing(capture, names, used)).toEqual([]);
  });

  it('but for differences that were all met', () => {
    expect(DIFFERENCES.map(({ why }) => why).filter((why) => !used.has(why))).toEqual([]);
  });
});
