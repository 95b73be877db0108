/** Formats are tables: what there is is named, and `-o` goes to the same place in every command. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OutFile } from '../../src/cli/out-file.js';
import { formatOf } from '../../src/cli/printer.js';
import { clrscope, ROOT } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));
const FILE = `${ROOT}samples/managed-object/capture.pcap`;
const NO_INPUT = { inputs: [], secret: false };

describe('a table of formats', () => {
  it('gives its entries, names them all where there is no such, and takes no name that it only inherits', () => {
    const formats = { text: 1, json: 2, ndjson: 3 };
    expect(formatOf(formats, 'json', 'calls prints -T')).toBe(2);
    expect(() => formatOf(formats, 'xml', 'calls prints -T')).toThrow(
      'calls prints -T text, json or ndjson, not "xml"',
    );
    expect(() => formatOf(formats, 'constructor', 'x')).toThrow('not "constructor"');
  });
});

describe('-o', () => {
  it('touches nothing before something is written, and leaves a file behind all the same', () => {
    const path = join(folder, 'late');
    writeFileSync(path, 'before');
    const out = new OutFile(path, NO_INPUT);
    expect(readFileSync(path, 'utf8')).toBe('before');
    out.write('after');
    out.close();
    expect(readFileSync(path, 'utf8')).toBe('after');
    const empty = new OutFile(join(folder, 'empty'), NO_INPUT);
    empty.close();
    expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('');
  });

  it('- is standard output, and FILE holds the same', () => {
    const document = join(folder, 'document.json');
    writeFileSync(document, '{"kind": "nrbf", "root": {"type": "System.String", "value": "x"}}');
    const commands = [
      ['audit', '-T', 'json', FILE],
      ['audit', '--list-rules'],
      ['vectors', '--format', 'jsonl', FILE],
      ['encode', document],
    ];
    for (const command of commands) {
      const path = join(folder, 'out');
      expect(clrscope([...command, '-o', path]).out).toBe('');
      const { out, code } = clrscope([...command, '-o', '-']);
      expect(code).toBe(0);
      expect(out, command[0]).toBe(readFileSync(path, 'utf8'));
    }
    expect(existsSync(`${ROOT}-`)).toBe(false);
  });
});

it('each capture has its heading on several threads, too', () => {
  for (const args of [
    ['read'],
    ['calls'],
    ['objects'],
    ['objects', '-T', 'json'],
    ['read', '-T', 'fields', '-e', 'ip.src'],
  ]) {
    const one = clrscope([...args, '--jobs', '1', FILE, FILE]);
    const two = clrscope([...args, '--jobs', '2', FILE, FILE]);
    expect(two.out, args.join(' ')).toBe(one.out);
    if (!args.includes('-T')) expect(one.out.match(/^== /gm)).toHaveLength(2);
  }
});
