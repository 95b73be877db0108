/** `export` of a capture with more objects and findings than are followed at a time: all of them have their rows. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clrscope, ROOT } from '../cli.js';
import { manifestOf, parquet, type Row } from './exported.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-ahead-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same traffic, so many packets of it, between other hosts, and an hour later, each time. */
function rounds(path: string, count: number, most = Number.POSITIVE_INFINITY): string {
  const all = readFileSync(path);
  const parts = [all.subarray(0, 24)];
  for (let round = 0; round < count; round++)
    for (let at = 24, packets = 0; at < all.length && packets < most; packets++) {
      const length = 16 + all.readUInt32LE(at + 8);
      const record = Buffer.from(all.subarray(at, at + length));
      record.writeUInt32LE(record.readUInt32LE(0) + 3600 * round, 0);
      // Ethernet in front of IPv4: the second bytes of both addresses
      for (const address of [16 + 14 + 12, 16 + 14 + 16]) record[address + 1] += round;
      parts.push(record);
      at += length;
    }
  const out = join(folder, `${parts.length}.pcap`);
  writeFileSync(out, Buffer.concat(parts));
  return out;
}

/** Exports a capture; returns where to. */
function exported(file: string, ...options: string[]): string {
  const out = mkdtempSync(join(folder, 'out-'));
  const { code, err } = clrscope(['export', '-q', file, '-o', out, ...options]);
  expect({ code, err }).toMatchObject({ code: 0 });
  return out;
}

/** Tables of a capture. */
async function tablesOf(file: string, ...options: string[]): Promise<Record<string, Row[]>> {
  const out = exported(file, ...options);
  const [{ digest }] = manifestOf(out).parts;
  const names = ['objects', 'pointers', 'findings', 'captures'];
  const rows = names.map(async (name) => [name, await parquet(join(out, name, `${digest}.parquet`))]);
  return Object.fromEntries(await Promise.all(rows));
}

/** As texts in an order of their own: rows that are written ahead stand elsewhere. */
const sorted = (rows: readonly Row[]): string[] =>
  rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))).sort();
const without = (rows: readonly Row[], ...names: string[]): Row[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))));

describe('more than are followed at a time', () => {
  let whole: Record<string, Row[]>;
  let ahead: Record<string, Row[]>;
  beforeAll(async () => {
    const file = rounds(`${ROOT}samples/object-remoted/capture.pcap`, 40);
    whole = await tablesOf(file);
    const few = ['objects=80', 'pointers=160', 'findings=160'].flatMap((limit) => ['--limit', limit]);
    ahead = await tablesOf(file, ...few);
  });

  test('objects: each has its row', () => {
    expect(whole.objects.length).toBeGreaterThan(40);
    expect(sorted(without(ahead.objects, 'released'))).toEqual(sorted(without(whole.objects, 'released')));
    expect(ahead.objects.filter(({ released }) => released === true)).toHaveLength(40);
  });

  test('an object that was not followed to the end is not said to be held for ever', async () => {
    const file = rounds(`${ROOT}samples/ccw-layouts/capture.pcap`, 20);
    const heldIn = ({ objects }: Record<string, Row[]>, value: boolean | null) =>
      objects.filter(({ released }) => released === value).length;
    const all = await tablesOf(file);
    const few = await tablesOf(file, '--limit', 'objects=40');
    expect([heldIn(all, null), heldIn(all, false)]).toEqual([0, 20]);
    expect(heldIn(few, null)).toBeGreaterThan(10);
    expect(heldIn(few, false)).toBe(20 - heldIn(few, null));
  });

  test('the question for what is held says how long it was looked at', () => {
    // RemRelease comes behind these
    const file = rounds(`${ROOT}samples/object-remoted/capture.pcap`, 20, 58);
    const ends = (...options: string[]) => {
      const { out } = clrscope(['query', '--ask', 'unreleased-objects', '-T', 'json', exported(file, ...options)]);
      const rows: Row[] = JSON.parse(out);
      return rows.map((row) => row.followed_until as string);
    };
    expect(ends()).toEqual(Array(20).fill('end of the capture'));
    const few = ends('--limit', 'objects=40');
    expect(few).toHaveLength(20);
    expect(new Set(few)).toEqual(new Set(['not met for long', 'end of the capture']));
  });

  test('pointers: each has its row', () => {
    expect(whole.pointers.length).toBeGreaterThan(40);
    expect(sorted(ahead.pointers)).toEqual(sorted(whole.pointers));
  });

  test('findings: each has its row, as if it were the only one', () => {
    expect(whole.findings.length).toBeGreaterThan(160);
    expect(sorted(ahead.findings)).toEqual(sorted(whole.findings));
  });

  test('the capture tells that rows were written ahead, and by which limit', () => {
    const oddities = (tables: Record<string, Row[]>) => sorted(tables.captures)[0];
    expect(oddities(whole)).not.toContain('written ahead');
    expect(oddities(ahead)).toMatch(
      /objects that were not met for long are written ahead.*--limit (objects|pointers)=N/,
    );
    expect(oddities(ahead)).toMatch(/findings that were not met for long are written ahead.*--limit findings=N/);
  });
});
