/** `query` of folders that something happened to: what is whole is asked, and what is left out is said. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clrscope, ROOT } from '../cli.js';
import { DUCKDB } from './duckdb.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-damaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!DUCKDB)('query', () => {
  const parquet = join(folder, 'parquet');
  beforeAll(() => {
    const captures = ['managed-object', 'remoting-tcp'].map((name) => `${ROOT}samples/${name}/capture.pcap`);
    expect(clrscope(['export', ...captures, '-o', parquet, '-q']).code).toBe(0);
  });

  describe('of a damaged folder', () => {
    /** A copy of the export with a first part that something happened to. */
    const damaged = (name: string, damage: (folder: string, digest: string) => void): string => {
      const copy = join(folder, name);
      cpSync(parquet, copy, { recursive: true });
      damage(copy, readdirSync(join(copy, 'parts')).sort()[0].slice(0, 64));
      return copy;
    };
    const ask = (from: string) => clrscope(['query', 'SELECT count(*) AS n FROM captures', from, '-T', 'csv']);

    test.each<[string, (folder: string, digest: string) => void]>([
      ['a file is gone', (f, digest) => rmSync(join(f, 'calls', `${digest}.parquet`))],
      ['a file is cut', (f, digest) => truncateSync(join(f, 'captures', `${digest}.parquet`), 1000)],
      ['an entry is none', (f, digest) => writeFileSync(join(f, 'parts', `${digest}.json`), '{')],
      ['an entry is endless', (f, digest) => truncateSync(join(f, 'parts', `${digest}.json`), 2 ** 31)],
    ])('leaves out a part of which %s, and says so', (name, damage) => {
      const { code, out, err } = ask(damaged(`part: ${name}`, damage));
      expect([code, out]).toEqual([0, 'n\n1\n']);
      expect(err).toMatch(/^clrscope: .*part: .*: part [0-9a-f]{64} is left out: [^\n]*\n$/);
    });

    test('names a file of another content', () => {
      for (const name of ['captures', 'calls']) {
        const file = (f: string, digest: string): string => join(f, name, `${digest}.parquet`);
        const broken = damaged(`other ${name}`, (f, digest) =>
          writeFileSync(file(f, digest), Buffer.alloc(statSync(file(f, digest)).size, 'x')),
        );
        const { code, out, err } = ask(broken);
        expect([code, out]).toEqual([2, '']);
        expect(err).toContain(`'${broken}/${name}/`);
        expect(err).not.toMatch(/LINE|defect|clrscope-query-\w{6}\//);
      }
      const pages = damaged('pages', (f, digest) => {
        const file = join(f, 'calls', `${digest}.parquet`);
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0xff, 4, bytes.length >> 1));
      });
      const { code, err } = clrscope(['query', 'FROM calls', pages]);
      expect(code).toBe(2);
      expect(err).not.toMatch(/defect|clrscope-query-\w{6}\//);
    });

    test('and of one that is begun just now, and of a manifest of any size, is as of others', () => {
      const begun = join(folder, 'begun');
      mkdirSync(begun);
      copyFileSync(join(parquet, 'manifest.json'), join(begun, 'manifest.json'));
      expect(ask(begun)).toMatchObject({ code: 0, out: 'n\n0\n', err: '' });
      const large = damaged('large', (f) => truncateSync(join(f, 'manifest.json'), 2 ** 31));
      expect(ask(large)).toMatchObject({ code: 0, out: 'n\n2\n', err: '' });
    });
  });
});
