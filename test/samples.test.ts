/** Samples are tests are documentation: a capture in samples/ has its generated tree and calls beside it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clrscope, ROOT } from './cli.js';

/** What is generated for each sample, and how. `npm run samples` writes them anew. */
const VIEWS: readonly (readonly [file: string, args: readonly string[]])[] = [
  ['calls.txt', ['calls']],
  ['calls.ndjson', ['calls', '-T', 'ndjson']],
  ['summary.txt', []],
  ['tree.txt', ['-V']],
];

const update = process.env.UPDATE_SAMPLES === '1';

describe.each(readdirSync(`${ROOT}samples`))('samples/%s', (name) => {
  const folder = `${ROOT}samples/${name}/`;
  const secrets = existsSync(`${folder}secrets.json`) ? ['--secrets', `${folder}secrets.json`] : [];

  it('says where it came from', () => {
    expect(readFileSync(`${folder}README.md`, 'utf8')).toContain('Captured');
  });

  it.each(VIEWS)('%s is what the program prints', (file, args) => {
    const { code, out, err } = clrscope([...args, ...secrets, `${folder}capture.pcap`]);
    expect(err).toBe('');
    expect(code).toBe(0);
    if (update) writeFileSync(folder + file, out);
    expect(out).toBe(readFileSync(folder + file, 'utf8'));
  });
});
