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

describe.each(readdirSync(`${ROOT}samples`).filter((name) => name !== 'truth'))('samples/%s', (name) => {
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

/** README's outputs: what a reader would see, lines cut to fit a page. */
const SHOWN: readonly (readonly [mark: string, args: readonly string[]])[] = [
  ['calls', ['calls', 'samples/managed-object/capture.pcap']],
  ['objects', ['objects', 'samples/managed-object/capture.pcap']],
  ['story', ['objects', 'samples/object-remoted/capture.pcap']],
  ['tree', ['-V', '-Y', 'frame.number == 28', 'samples/managed-object/capture.pcap']],
];

describe('README', () => {
  it.each(SHOWN)('shows what the program prints: %s', (mark, args) => {
    const cut = (line: string): string => (line.length > 150 ? `${line.slice(0, 149)}…` : line);
    const out = clrscope(args).out.trimEnd().split('\n').map(cut).join('\n');
    const command = args.map((a) => (a.includes(' ') ? `'${a}'` : a)).join(' ');
    const block = `<!-- ${mark} -->\n\n\`\`\`console\n$ clrscope ${command}\n${out}\n\`\`\`\n\n<!-- end -->`;
    const readme = readFileSync(`${ROOT}README.md`, 'utf8');
    if (update) {
      const old = new RegExp(`<!-- ${mark} -->[\\s\\S]*?<!-- end -->`);
      writeFileSync(
        `${ROOT}README.md`,
        readme.replace(old, () => block),
      );
    }
    const fresh = readFileSync(`${ROOT}README.md`, 'utf8').includes(block);
    expect(fresh, 'stale: npm run samples').toBe(true);
  });
});
