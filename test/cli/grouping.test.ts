import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandInputs } from '../../src/cli/folders.js';
import { groupsOf } from '../../src/cli/groups.js';
import type { Grouping } from '../../src/cli/options.js';
import { pcapFile } from '../bytes.js';
import { ROOT, SHARED } from '../cli.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clrscope-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Seconds at which the packets of a file were captured. */
type Seconds = readonly [first: number, last: number];

/** A file with packets from `first` to `last`, a tenth of the time apart. */
function capture([first, last]: Seconds, o: { size?: number; link?: number } = {}): Uint8Array {
  const packets = Array.from({ length: 11 }, (_, at) => {
    const time = 1_700_000_000 + first + ((last - first) * at) / 10;
    const sec = Math.floor(time);
    return { bytes: new Uint8Array(o.size ?? 100), sec, fraction: Math.round((time - sec) * 1e6) };
  });
  return pcapFile(packets, { link: o.link ?? 1 });
}

/** Writes captures, and says which are read as one: their names, in order. */
async function grouped(files: Readonly<Record<string, Seconds | Uint8Array>>, how: Grouping = 'auto') {
  for (const [name, what] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), what instanceof Uint8Array ? what : capture(what));
  }
  const said: string[] = [];
  const captures = await groupsOf(await expandInputs([folder]), how, (message) => said.push(message));
  const local = (file: string) => file.slice(folder.length + 1);
  const groups = captures.filter((one) => one.files.length > 1);
  return { groups: groups.map((one) => one.files.map(local)), names: captures.map(({ name }) => local(name)), said };
}

describe('files of one capture point', () => {
  it.each([
    ['dumpcap -b', ['r_00001_20261126180000.pcap', 'r_00002_20261126180010.pcap', 'r_00003_20261126180020.pcap']],
    ['dumpcap, number last', ['r_20261126180000_00001.pcap', 'r_20261126180010_00002.pcap']],
    ['tcpdump -G', ['r-2026-11-26_18:00:00.pcap', 'r-2026-11-26_18:00:10.pcap']],
    ['tcpdump -G with a zone', ['r-2026-10-25T02:59:50+0200.pcap', 'r-2026-10-25T02:00:00+0100.pcap']],
    ['tcpdump -G %s', ['r-1764180000.pcap', 'r-1764180010.pcap']],
    ['tcpdump -C', ['r.pcap', 'r.pcap1', 'r.pcap2']],
    ['tcpdump -C -W', ['r.pcap08', 'r.pcap09', 'r.pcap10']],
    ['tcpdump -C without an ending', ['r', 'r1', 'r2', 'r3']],
    ['numbers', ['r-098.pcap', 'r-099.pcap', 'r-100.pcap']],
    ['rotated files', ['r.pcap.2', 'r.pcap.1', 'r.pcap']],
  ])('are told by names of %s', async (_, files) => {
    const times = files.map((file, at): [string, Seconds] => [file, [at * 10, at * 10 + 9.5]]);
    const { groups, names, said } = await grouped(Object.fromEntries(times));
    expect(groups).toEqual([files]);
    expect(names).toEqual([`${files[0]}..${files.at(-1)}`]);
    expect(said).toEqual([
      `${files.length} files of one capture point are read as one: ${files[0]} to ${files.at(-1)} (--group none keeps them apart)`,
    ]);
  });

  it('are in order of time where a ring began anew', async () => {
    const { groups } = await grouped({
      'r.pcap0': [30, 39],
      'r.pcap1': [40, 43],
      'r.pcap2': [10, 19],
      'r.pcap3': [20, 29],
    });
    expect(groups).toEqual([['r.pcap2', 'r.pcap3', 'r.pcap0', 'r.pcap1']]);
  });

  it('may be compressed, some of them', async () => {
    const { groups } = await grouped({
      'r_00001_20261126180000.pcap.gz': gzipSync(capture([0, 9])),
      'r_00002_20261126180010.pcap.gz': gzipSync(capture([10, 19])),
      'r_00003_20261126180020.pcap': [20, 29],
    });
    expect(groups).toEqual([
      ['r_00001_20261126180000.pcap.gz', 'r_00002_20261126180010.pcap.gz', 'r_00003_20261126180020.pcap'],
    ]);
  });

  it('have a last one that is cut, and none before it of which the end is not known', async () => {
    const cut = capture([10, 19]).subarray(0, -3);
    const { groups } = await grouped({ 'r.pcap0': [0, 9], 'r.pcap1': cut, 'r.pcap2': [20, 29] });
    expect(groups).toEqual([['r.pcap0', 'r.pcap1', 'r.pcap2']]);
  });

  it('may overlap by as little as packets of several interfaces come out of order', async () => {
    const [a, b] = ['r_00001_20261126180000.pcap', 'r_00002_20261126180010.pcap'];
    expect((await grouped({ [a]: [0, 100], [b]: [99.5, 200] })).groups).toEqual([[a, b]]);
    expect((await grouped({ [a]: [0, 100], [b]: [98, 200] })).groups).toEqual([]);
    expect((await grouped({ 'x1.pcap': [0, 100], 'x2.pcap': [99.5, 199], 'x3.pcap': [199, 299] })).groups).toEqual([]);
  });

  it('may hold no packets', async () => {
    const { groups, said } = await grouped({
      'r_00001_20261126180000.pcap': [0, 9],
      'r_00002_20261126180010.pcap': pcapFile([]),
      'r_00003_20261126180020.pcap': pcapFile([]),
      'r_00004_20261126180030.pcap': [30, 39],
      'r_00005_20261126180030.pcap': pcapFile([]),
      'g_20261126180000.pcap': [0, 9],
      'g_20261126180010.pcap': pcapFile([]),
      'g_20261126180020.pcap': [20, 29],
    });
    expect(groups.map((group) => group.map((file) => file.slice(0, 7)))).toEqual([
      ['g_20261', 'g_20261', 'g_20261'],
      ['r_00001', 'r_00002', 'r_00003', 'r_00004', 'r_00005'],
    ]);
    expect(said).toHaveLength(2);
  });

  it('may miss one, which is said', async () => {
    const { groups, said } = await grouped({
      'r_00001_20261126180000.pcap': [0, 290],
      'r_00002_20261126180500.pcap': [300, 590],
      'r_00004_20261126181500.pcap': [900, 1190],
    });
    expect(groups).toHaveLength(1);
    expect(said[1]).toBe(
      'between r_00002_20261126180500.pcap and r_00004_20261126181500.pcap, 1 is missing by the numbers',
    );
  });
});

describe('a ring amid which the clock was set', () => {
  it('misses none of the files that are there, and says which of them is of another time', async () => {
    const { groups, said } = await grouped({
      'r_00001_20261126180000.pcap': [3600, 3890],
      'r_00002_20261126170500.pcap': [300, 590],
      'r_00003_20261126181000.pcap': [4200, 4490],
    });
    expect(groups).toEqual([['r_00001_20261126180000.pcap', 'r_00003_20261126181000.pcap']]);
    expect(said.slice(1)).toEqual([
      'between r_00001_20261126180000.pcap and r_00003_20261126181000.pcap by its number, r_00002_20261126170500.pcap is of another time, as where a clock was set: it is read apart',
    ]);
  });

  it('says both where another one is not there at all', async () => {
    const { said } = await grouped({
      'r_00001_20261126180000.pcap': [3600, 3890],
      'r_00002_20261126170500.pcap': [300, 590],
      'r_00004_20261126181500.pcap': [4500, 4790],
    });
    expect(said.slice(1)).toEqual([
      expect.stringMatching(/, 1 is missing by the numbers$/),
      expect.stringMatching(/by its number, r_00002\S* is of another time/),
    ]);
  });
});

describe('apart stay', () => {
  const [A, B, C] = ['s_00001_20261126180000.pcap', 's_00002_20261126180010.pcap', 's_00003_20261126180020.pcap'];
  it.each<[string, Readonly<Record<string, Seconds | Uint8Array>>]>([
    ['sensors that overlap', { [A]: [0, 20], [B]: [10, 30] }],
    ['all of them, where a third would follow one', { [A]: [0, 20], [B]: [10, 30], [C]: [31, 40] }],
    ['one inside the other', { [A]: [0, 100], [B]: [10, 20], [C]: [21, 30] }],
    ['captures with a long pause between', { [A]: [0, 10], [B]: [400, 410] }],
    ['one with a number that is there again', { [A]: [0, 9], 's_00001_20261126180010.pcap': [10, 19] }],
    ['one with a number from before', { [B]: [0, 9], 's_00001_20261126180010.pcap': [10, 19] }],
    ['other link types', { [A]: [0, 9], [B]: capture([10, 19], { link: 101 }) }],
    ['other folders', { [`one/${A}`]: [0, 9], [`two/${B}`]: [10, 19] }],
    ['other names', { 'a_00001_20261126180000.pcap': [0, 9], 'b_00002_20261126180010.pcap': [10, 19] }],
    ['two that people numbered', { 'sensor1.pcap': [0, 9.5], 'sensor2.pcap': [10, 19.5] }],
    ['numbers with a pause between', { 'r1.pcap': [0, 9], 'r2.pcap': [10, 19], 'r3.pcap': [22, 29] }],
    ['numbers with a hole', { 'r1.pcap': [0, 9.5], 'r2.pcap': [10, 19.5], 'r4.pcap': [20, 29.5] }],
    ['numbers inside of names', { 'r1-a.pcap': [0, 9.5], 'r2-a.pcap': [10, 19.5], 'r3-a.pcap': [20, 29.5] }],
    [
      'numbers of files that are no ring',
      { 'r1.pcap': capture([0, 9.5], { size: 10 }), 'r2.pcap': [10, 11.5], 'r3.pcap': [12, 29.5] },
    ],
  ])('%s', async (_, files) => {
    const { groups, said } = await grouped(files);
    expect(groups).toEqual([]);
    expect(said).toEqual([]);
  });

  it('captures that were made one by one', async () => {
    for (const where of [`${ROOT}samples`, ...(SHARED === null ? [] : [`${SHARED}captures`, `${SHARED}faults`])]) {
      const files = await expandInputs([where]);
      expect(await groupsOf(files, 'auto', () => {})).toEqual(files.map((file) => ({ name: file, files: [file] })));
    }
  });
});

describe('--group', () => {
  const FILES = { 'x.pcap': [20, 29], 'y.pcap': [0, 25], 'z_00001_20261126180000.pcap': [30, 39] } as const;

  it('all puts together whatever there is, in order of time', async () => {
    const { groups, said } = await grouped({ ...FILES, 'none.pcap': new Uint8Array(9) }, 'all');
    expect(groups).toEqual([['y.pcap', 'x.pcap', 'z_00001_20261126180000.pcap']]);
    expect(said[0]).toMatch(/^3 files are read as one: y.pcap to z_00001/);
  });

  it('all reads no pipe', async () => {
    await expect(groupsOf(['-', 'x.pcap'], 'all', () => {})).rejects.toThrow('standard input can be read once only');
  });

  it('none keeps all apart', async () => {
    const files = { 'r.pcap0': [0, 9], 'r.pcap1': [10, 19] } as const;
    expect((await grouped(files, 'none')).groups).toEqual([]);
    expect((await grouped(files)).groups).toHaveLength(1);
  });

  it('attack: what names hold does not steer a terminal', async () => {
    const { said } = await grouped({ 'r\u001b[2J.pcap0': [0, 9], 'r\u001b[2J.pcap1': [10, 19] });
    expect(said.join()).not.toContain('\u001b');
    expect(said).toHaveLength(1);
  });

  it('one that is named twice is read once more, as it always was', async () => {
    await grouped({ 'r.pcap0': [0, 9], 'r.pcap1': [10, 19] });
    const [a, b] = ['r.pcap0', 'r.pcap1'].map((name) => join(folder, name));
    const captures = await groupsOf([a, b, join(folder, '.', 'r.pcap0')], 'auto', () => {});
    expect(captures.map(({ files }) => files.length)).toEqual([2]);
  });
});
