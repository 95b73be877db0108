/** snoop and Network Monitor: files that editcap made of a sample give what the sample gives. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture, whyNoCapture } from '../../src/capture/open.js';
import { concat, ethernet, ipv4, u16, u32, udp } from '../bytes.js';
import { ROOT } from '../cli.js';
import { differences, TSHARK, withCapture } from '../columns.js';
import { netmon } from './netmon.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const folder = mkdtempSync(join(tmpdir(), 'clrscope-records-'));
afterAll(() => rmSync(folder, { recursive: true }));
const hasEditcap = spawnSync('editcap', ['-v']).status === 0;

async function packetsOf(input: string | Uint8Array) {
  const found: { link: number; length: number; bytes: string; time: number }[] = [];
  const end = await readCapture(input, ({ link, length, bytes, start, end, sec, nsec }) =>
    found.push({
      link,
      length,
      bytes: Buffer.from(bytes.slice(start, end)).toString('hex'),
      time: sec * 1e6 + nsec / 1000,
    }),
  );
  return { found, end };
}

/** A file of snoop with these packets. */
const snoop = (...packets: Uint8Array[]): Uint8Array =>
  concat(
    [0x73, 0x6e, 0x6f, 0x6f, 0x70, 0, 0, 0],
    u32(2),
    u32(4),
    ...packets.map((p, i) =>
      concat(u32(p.length + 5), u32(p.length), u32(24 + p.length + 3), u32(0), u32(1000 + i), u32(7), p, [0, 0, 0]),
    ),
  );

describe.skipIf(!hasEditcap)('editcap makes the sample', () => {
  it.each([
    ['snoop', 'snoop', 1],
    ['netmon2', 'NetMon 2.0', 1],
    ['netmon1', 'NetMon 1.1', 1000],
  ])('%s, and its packets are the same', async (kind, format, tolerance) => {
    const file = join(folder, kind);
    spawnSync('editcap', ['-F', kind, SAMPLE, file], { env: { ...process.env, TZ: 'UTC' } });
    const [made, sample] = [await packetsOf(file), await packetsOf(SAMPLE)];
    expect(made.end).toMatchObject({ format, damage: null, packets: 71, linkTypes: [1] });
    expect(made.found.map(({ time: _, ...rest }) => rest)).toEqual(sample.found.map(({ time: _, ...rest }) => rest));
    for (const [i, { time }] of made.found.entries())
      expect(Math.abs(time - sample.found[i].time)).toBeLessThanOrEqual(tolerance);
    // in pieces of any size the same
    const bytes = readFileSync(file);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
    }
    const found: number[] = [];
    await readCapture(pieces(), ({ number }) => found.push(number));
    expect(found).toHaveLength(71);
  });
});

describe('snoop', () => {
  const [a, b] = [new Uint8Array(60).fill(1), new Uint8Array(61).fill(2)];

  it('has lengths and times of its own, and padding', async () => {
    const { found } = await packetsOf(snoop(a, b));
    expect(found.map(({ length, time, bytes }) => [length, time, bytes.length / 2])).toEqual([
      [65, 1_000_000_007, 60],
      [66, 1_001_000_007, 61],
    ]);
  });

  it('that is cut or damaged says where, and gives what is in front', async () => {
    const whole = snoop(a, b);
    for (let n = 17; n < whole.length; n++) {
      const { found, end } = await packetsOf(whole.slice(0, n));
      expect(found).toHaveLength(n >= 103 ? 1 : 0);
      if (n !== 103) expect(end.damage?.message).toMatch(/^the file is cut in /);
    }
    const damaged = whole.slice();
    damaged.set(u32(0xffffffff), 16 + 87 + 4);
    const { found, end } = await packetsOf(damaged);
    expect(found).toHaveLength(1);
    expect(end.damage).toMatchObject({ offset: 103 });
  });
});

describe.skipIf(TSHARK === null)('Network Monitor 2, as tshark reads it', () => {
  const ip = ipv4('10.0.0.1', '10.0.0.2', 17, udp(7007, 7008, new Uint8Array(0)));
  const llc = concat([0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip);
  const radio = concat([2, 32, 0], new Uint8Array(29), [8, 1, 0, 0], new Uint8Array(20), llc);
  const NAMES = [
    'frame.number',
    'frame.len',
    'frame.cap_len',
    'netmon_802_11.length',
    'frame.time_epoch',
    'ip.src',
    'udp.dstport',
    'eth.type',
    'wlan.fc.type',
    'llc.type',
  ];

  it.each<1 | 2 | 3>([1, 2, 3])('2.%s', async (minor) => {
    const file = netmon(
      minor,
      [1, ethernet(ip)],
      // names that were looked up: no frame
      [0xfffe, new Uint8Array(20)],
      [6, radio],
      [8, ip],
      [9, ip],
      [0xe071, concat([0, 0, 0, 1, 0, 6], new Uint8Array(8), [8, 0], ip)],
      // a filter: a frame that is none
      [0xffff, new Uint8Array(20)],
    );
    const { found, end } = await packetsOf(file);
    expect(end).toMatchObject({ format: `NetMon 2.${minor}`, damage: null });
    expect(found.map(({ link }) => link)).toEqual([1, 105, 101, 101, 113, 0xffff]);
    await withCapture(file, async (path) => expect(await differences(path, NAMES)).toEqual([]));
  });
});

describe('logs that are no captures', () => {
  it('are named, with what makes captures of them', async () => {
    expect(await whyNoCapture(concat(Buffer.from('ElfFile\0'), new Uint8Array(100)))).toContain('EVTX');
    const etl = concat(u32(65536, true), u32(400, true), u32(400, true), new Uint8Array(100), u16(0));
    expect(await whyNoCapture(etl)).toContain('etl2pcapng');
    expect(await whyNoCapture(new Uint8Array(100).fill(7))).toContain('it is not a capture');
  });
});
