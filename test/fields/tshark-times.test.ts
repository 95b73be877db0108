/** `-t` in every format, in a zone far from Greenwich: `_ws.col.Time` and `frame.time` are tshark's. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import { scanFrames } from '../../src/engine/frames.js';
import { knownFields } from '../../src/known-fields.js';
import { defaultFieldOptions, fieldRows } from '../../src/output/columns/fields.js';
import { TimeColumn } from '../../src/output/time-column.js';
import { ROOT } from '../cli.js';
import { TSHARK } from '../columns.js';

const file = `${ROOT}samples/managed-object/capture.pcap`;
const NAMES = ['_ws.col.Time', 'frame.time'];

afterEach(() => {
  process.env.TZ = 'UTC';
});

describe.skipIf(TSHARK !== '4.0')('-t as tshark', () => {
  it.each(['a', 'ad', 'adoy', 'd', 'dd', 'e', 'r', 'u', 'ud', 'udoy'])('%s', async (format) => {
    const TZ = 'America/St_Johns';
    const asked = ['-t', format, '-T', 'fields', ...NAMES.flatMap((name) => ['-e', name])];
    const theirs = spawnSync('tshark', ['-r', file, ...asked], { env: { ...process.env, TZ } }).stdout.toString();
    process.env.TZ = TZ;
    const rows = fieldRows(NAMES, knownFields(), defaultFieldOptions(), new TimeColumn(format));
    const ours: string[] = [];
    const take = (frame: Parameters<typeof rows.row>[0]): void => void (frame.late || ours.push(rows.row(frame)));
    await scanFrames(file, protocols(), dissectFrame, {}, take, { onBegin: (time) => rows.begin(time) });
    expect(ours).toEqual(theirs.trimEnd().split('\n'));
  });
});
