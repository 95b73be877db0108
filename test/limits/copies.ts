/** Captures that come through a pipe, and are copied for tables. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LimitName, optionOf } from '../../src/core/limits.js';
import { asProcess, ROOT } from '../cli.js';
import type { Cases } from './case.js';

const CAPTURE = readFileSync(`${ROOT}samples/managed-object/capture.pcap`);

export const COPY_CASES: Cases = {
  copiedBytes: {
    limit: CAPTURE.length,
    lost: 1,
    run(limits, over) {
      const folder = mkdtempSync(join(tmpdir(), 'clrscope-copies-'));
      const told = Object.entries(limits).flatMap(([name, n]) => ['--limit', `${optionOf(name as LimitName)}=${n}`]);
      const input = over ? Buffer.concat([CAPTURE, CAPTURE.subarray(24)]) : CAPTURE;
      const { err } = asProcess(['export', '-', '-o', folder, ...told], input);
      const calls = join(folder, 'calls');
      const out = existsSync(calls) ? readdirSync(calls) : [];
      const left = readdirSync(folder).filter((name) => name.startsWith('.part'));
      rmSync(folder, { recursive: true });
      return { told: [...err.split('\n').filter((line) => line.includes('--limit')), ...left], out };
    },
  },
};
