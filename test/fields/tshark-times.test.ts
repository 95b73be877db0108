/** `-t` in every format, in a zone far from Greenwich: `_ws.col.Time` and `frame.time` are tshark's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import { scanFrames } from '../../src/engine/frames.js';
import { knownFields } from '../../src/known-fields.js';
import { defaultFieldOptions, fieldRows } from '../../src/output/columns/fields.js';
import { TimeColumn } from '../../src/output/time-column.js';
import { concat, enhancedPacket, interfaceBlock, option, sectionHeader, simplePacket } from '../bytes.js';
import { ROOT } from '../cli.js';
import { TSHARK } from '../columns.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const NAMES = ['_ws.col.Time', 'frame.time'];

afterEach(() => {
  process.env.TZ = 'UTC';
});

describe.skipIf(TSHARK !== '4.0')('-t as tshark', () => {
  const FORMATS = ['a', 'ad', 'adoy', 'd', 'dd', 'e', 'r', 'u', 'ud', 'udoy'];

  it.each(FORMATS)('%s', (format) => expectSame(SAMPLE, format));

  it.each(FORMATS)('%s, of interfaces that tell times in other units, or not at all', async (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-units-'));
    const file = join(folder, 'x.pcapng');
    try {
      const units = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x84, 0x88, 0x8a, 0x92, 0x94, 0x9c, 0x9e, 0xa0];
      const sections = units.flatMap((unit) => {
        const perSecond = (unit & 0x80 ? 2n : 10n) ** BigInt(unit & 0x7f);
        const at = (ms: bigint) => enhancedPacket(FRAME, { stamp: ((1_700_000_000_000n + ms) * perSecond) / 1000n });
        return [sectionHeader(), interfaceBlock(true, 1, option(9, Uint8Array.of(unit))), at(0n), at(2517n)];
      });
      writeFileSync(file, concat(...sections, simplePacket(FRAME)));
      await expectSame(file, format);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const FRAME = new Uint8Array(60);

async function expectSame(file: string, format: string): Promise<void> {
  const TZ = 'America/St_Johns';
  const asked = ['-t', format, '-T', 'fields', ...NAMES.flatMap((name) => ['-e', name])];
  const theirs = spawnSync('tshark', ['-r', file, ...asked], { env: { ...process.env, TZ } }).stdout.toString();
  process.env.TZ = TZ;
  const rows = fieldRows(NAMES, knownFields(), defaultFieldOptions(), new TimeColumn(format));
  const ours: string[] = [];
  const take = (frame: Parameters<typeof rows.row>[0]): void => void (frame.late || ours.push(rows.row(frame)));
  await scanFrames(file, protocols(), dissectFrame, {}, take, { onBegin: (time) => rows.begin(time) });
  expect(ours).toEqual(theirs.replace(/\n$/, '').split('\n'));
}
