/** Custom blocks of pcapng (draft-ietf-opsawg-pcapng 4.7): rows among those of packets, as tshark has them. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clrscope } from '../cli.js';
import { TSHARK, withCapture } from '../columns.js';
import { BLOCKS } from './made-blocks.js';

const COLUMNS = [
  'number',
  'len',
  'cap_len',
  'time_epoch',
  'time_delta',
  'encap_type',
  'interface_id',
  'cb_pen',
  'cb_copy',
];
const FIELDS = [...COLUMNS.map((name) => `frame.${name}`), '_ws.col.Protocol', '_ws.col.Info', '_ws.col.Time'];
const ASKED = ['-T', 'fields', ...FIELDS.flatMap((name) => ['-e', name])];

it.skipIf(TSHARK !== '4.0')('tshark has the same rows, and names who says what is in a block', () =>
  withCapture(BLOCKS.bytes(), (file) => {
    for (const options of [[], ['-c', '3'], ['-Y', 'frame.number == 3'], ['-Y', 'frame.cb_pen == 7']]) {
      const theirs = spawnSync('tshark', ['-r', file, ...options, ...ASKED], { encoding: 'utf8' }).stdout;
      const { out } = clrscope(['read', file, ...options, ...ASKED]);
      expect(theirs.split('\n').length).toBeGreaterThan(1);
      expect(out.split('\n')).toEqual(theirs.replaceAll(/PEN = .*? \((\d+)\)/g, 'PEN = $1').split('\n'));
    }
  }),
);

it('are counted on in files that are read as one', () =>
  withCapture(BLOCKS.bytes(), (file) => {
    const second = `${file}2`;
    writeFileSync(second, BLOCKS.bytes());
    const { out } = clrscope([
      'read',
      '--group',
      'all',
      file,
      second,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      'frame.cb_pen',
    ]);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').filter((cell) => cell !== ''));
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
    expect(rows.map((row) => row.length)).toEqual([1, 2, 2, 1, 2, 2, 1, 1, 2, 2, 1, 2, 2, 1]);
  }));
