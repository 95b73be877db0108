/** `-w`: packets that the filter leaves, as they were captured. tshark, where it is, reads them as we do. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Read, readFile } from '../capture/support.js';
import { asProcess, clrscope, ROOT, SHARED } from '../cli.js';

const sample = `${ROOT}samples/managed-object/capture.pcap`;
const traffic = `${SHARED}captures/traffic/`;
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'clrscope-write-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs `clrscope ARGS -w FILE`, and gives the file. */
function write(name: string, ...args: string[]): string {
  const file = join(dir, name);
  const { code, out, err } = clrscope([...args, '-w', file]);
  expect([code, out, err]).toEqual([0, '', '']);
  return file;
}
const column = (field: string, ...args: string[]): string[] =>
  clrscope(['-T', 'fields', '-e', field, ...args])
    .out.split('\n')
    .slice(0, -1);
const calls = (...args: string[]): Record<string, unknown>[] =>
  clrscope(['calls', '-T', 'ndjson', ...args])
    .out.split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
/** What two captures of the same packets share. */
const facts = ({ sec, nsec, link, length, bytes }: Read) => ({ sec, nsec, link, length, bytes });
const packetsOf = async (file: string) => (await readFile(file)).packets.map(facts);
/** What a call says beside where it stands. */
const said = ({ time, interface: iface, operation, in: given, out, fault, duration }: Record<string, unknown>) => ({
  ...{ time, iface, operation, given, out, fault, duration },
});

describe('-w', () => {
  it('writes all packets where there is no filter, as pcapng and as pcap', async () => {
    expect(await packetsOf(write('all.pcapng', sample))).toEqual(await packetsOf(sample));
    expect(readFileSync(write('all.pcap', '-F', 'pcap', sample))).toEqual(readFileSync(sample));
    expect(statSync(join(dir, 'all.pcap')).mode & 0o111).toBe(0);
  });

  it('writes exactly the packets that match', async () => {
    const filter = ['-Y', 'dcerpc.opnum == 3'];
    const wanted = column('frame.number', ...filter, sample).map(Number);
    expect(wanted.length).toBeGreaterThan(2);
    const all = await packetsOf(sample);
    expect(await packetsOf(write('match.pcapng', ...filter, sample))).toEqual(wanted.map((n) => all[n - 1]));
    expect(await packetsOf(write('first.pcapng', '-c', '5', sample))).toEqual(all.slice(0, 5));
  });

  it('prints beside it where a format is asked for', () => {
    const file = join(dir, 'beside.pcapng');
    const args = ['calls', '-T', 'ndjson', '-Y', 'dcerpc.opnum == 3', sample];
    expect(clrscope([...args, '-w', file]).out).toBe(clrscope(args).out);
    expect(clrscope(['-P', '-w', file, sample]).out).toBe(clrscope([sample]).out);
    expect(existsSync(file)).toBe(true);
  });

  it('calls: the packets of calls that match; with --whole their conversations, which read alike', async () => {
    const filter = ['-Y', 'dcom.hresult == 0x80131501 || dcerpc.opnum == 3'];
    const wanted = calls(...filter, sample);
    const frames = wanted.flatMap(({ frames }) => Object.values(frames as Record<string, number[]>).flat());
    const all = await packetsOf(sample);
    const numbers = [...new Set(frames)].sort((a, b) => a - b);
    expect(await packetsOf(write('calls.pcapng', 'calls', ...filter, sample))).toEqual(numbers.map((n) => all[n - 1]));
    const whole = write('whole.pcapng', 'calls', '--whole', ...filter, sample);
    expect(calls(...filter, whole).map(said)).toEqual(wanted.map(said));
  });

  it('--whole: all of the conversations that match, and no other', async () => {
    const filter = 'tcp.stream == 1 && dcerpc.pkt_type == 11';
    const wanted = column('frame.number', '-Y', 'tcp.stream == 1', sample).map(Number);
    const all = await packetsOf(sample);
    expect(wanted.length).toBeLessThan(all.length);
    expect(await packetsOf(write('one.pcapng', '--whole', '-Y', filter, sample))).toEqual(
      wanted.map((n) => all[n - 1]),
    );
  });

  it('-w - is the capture alone, and pipes', () => {
    const piped = asProcess(['-V', '-Y', 'dcerpc', '-w', '-', '-'], readFileSync(sample));
    expect([piped.code, piped.err, piped.out.slice(0, 4)]).toEqual([0, '', '\n\r\r\n']);
    const file = write('piped.pcapng', '-Y', 'dcerpc', sample);
    const both = spawnSync('sh', [
      '-c',
      'cat "$1" | "$0" "$2" -Y dcerpc -w - - | cmp - "$3"',
      process.execPath,
      sample,
      `${ROOT}dist/bundle/cli/main.js`,
      file,
    ]);
    expect([both.status, both.stderr.toString()]).toEqual([0, '']);
  });

  it('several captures become sections of one', async () => {
    const [one, two] = [`${ROOT}samples/odd-bstr/capture.pcap`, sample];
    expect(await packetsOf(write('two.pcapng', one, two))).toEqual([
      ...(await packetsOf(one)),
      ...(await packetsOf(two)),
    ]);
  });

  it('--comment: lines, warnings and findings stand at the packets that complete the PDUs', () => {
    const file = write('said.pcapng', '--comment', sample);
    const comments = column('frame.comment', file);
    const failed = comments.filter((text) => text.includes('✗'));
    expect(failed).toHaveLength(calls(sample).filter(({ summary }) => String(summary).includes('✗')).length);
    expect(comments.some((text) => text.includes('audit: DCOM-001 high: '))).toBe(true);
    expect(calls(file).map(said)).toEqual(calls(sample).map(said));
  });

  it.skipIf(SHARED === null)('keeps pcapng byte for byte, and interfaces and order of what matches', async () => {
    const mixed = `${traffic}net-multi-if-mixed.pcapng`;
    expect(readFileSync(write('mixed.pcapng', mixed))).toEqual(readFileSync(mixed));
    for (const name of ['net-multi-if-mixed.pcapng', 'net-ooo.pcap', 'net-ipfrag.pcap'])
      for (const filter of ['dcerpc', 'frame.number > 7 && frame.number < 40']) {
        const { packets, end } = await readFile(traffic + name);
        // frames are counted that are no packets
        const numbers = new Set(column('frame.number', '-Y', filter, traffic + name).map(Number));
        const wanted = packets.filter(({ number }) => numbers.has(number));
        expect(wanted).toHaveLength(numbers.size);
        const read = await readFile(write('part.pcapng', '-Y', filter, traffic + name));
        expect(read.packets.map(facts)).toEqual(wanted.map(facts));
        if (name.endsWith('ng')) expect(read.end.interfaces).toEqual(end.interfaces);
      }
  });

  it.skipIf(SHARED === null)('--whole brings fragments of datagrams along', async () => {
    const file = `${traffic}net-ipfrag.pcap`;
    const whole = write('frags.pcapng', 'calls', '--whole', '-Y', 'dcerpc', file);
    expect(calls(whole).map(said)).toEqual(calls(file).map(said));
  });

  it.skipIf(!hasTshark)('tshark filters on the comments, and has the packets that its filter leaves', () => {
    const tshark = (...args: string[]) => spawnSync('tshark', args, { encoding: 'utf8' }).stdout;
    const file = write('tshark.pcapng', '--comment', sample);
    const found = tshark('-r', file, '-Y', 'frame.comment contains "✗"', '-T', 'fields', '-e', 'frame.number');
    expect(found.split('\n').slice(0, -1)).toEqual(column('frame.number', '-Y', 'frame.comment contains "✗"', file));
    const facts = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'tcp.seq_raw', '-e', 'ip.src'];
    const part = write('opnum.pcapng', '-Y', 'tcp.srcport == 135', sample);
    expect(tshark('-r', part, ...facts)).toBe(tshark('-r', sample, '-Y', 'tcp.srcport == 135', ...facts));
  });

  it('invalid: inputs are not written over; what cannot be is said', () => {
    const copy = join(dir, 'in.pcap');
    copyFileSync(sample, copy);
    const refused: [string[], RegExp][] = [
      [['-w', copy, copy], /it is not written over/],
      [['-w', dir, sample], /it is a folder/],
      [['-w', join(dir, 'x'), '-F', 'snoop', sample], /-F pcapng or pcap, not "snoop"/],
      [['-w', join(dir, 'x'), '-F', 'pcap', '--comment', sample], /pcap has no comments/],
      [['--whole', sample], /--whole goes with -w/],
      [['-w', join(dir, 'x'), '-Y', 'no such', sample], /./],
    ];
    for (const [args, message] of refused) {
      const { code, out, err } = clrscope(args);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(message);
    }
    expect(existsSync(join(dir, 'x'))).toBe(false);
    expect(readFileSync(copy)).toEqual(readFileSync(sample));
    const twice = asProcess(['calls', '-Y', 'dcerpc', '-w', join(dir, 'x'), '-'], readFileSync(sample));
    expect([twice.code, twice.err]).toEqual([2, expect.stringMatching(/can be read once only/)]);
  });
});
