/** Rings as the real programs write them, against one file of the same packets (mergecap -a). */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clrscope, ROOT } from '../cli.js';
import { TSHARK } from '../columns.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const SEALED = `${ROOT}samples/ntlm-sealed`;
const HAS_TCPDUMP = spawnSync('tcpdump', ['--version']).status === 0;
const COLUMNS = ['frame.number', 'tcp.stream', 'frame.time_delta', 'frame.time_relative', 'dcerpc.opnum'];
const FIELDS = ['-T', 'fields', ...COLUMNS.flatMap((column) => ['-e', column])];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clrscope-rings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program that must not fail. */
function run(program: string, args: readonly string[], input?: Uint8Array): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** A new folder, and the paths of what is made in it. */
function ring(name: string, make: (path: string) => void): { path: string; files: string[] } {
  const path = join(folder, name);
  mkdirSync(path);
  make(path);
  return { path, files: readdirSync(path).map((file) => join(path, file)) };
}

/** A classic capture `times` times, a second later each time and by another client, which was 10.20.0.10. */
function repeated(capture: Buffer, times: number): Buffer {
  const all = [capture.subarray(0, 24)];
  for (let n = 0; n < times; n++) {
    const records = Buffer.from(capture.subarray(24));
    for (let at = 0, next = 0; at < records.length; at = next) {
      next = at + 16 + records.readUInt32LE(at + 8);
      records.writeUInt32LE(records.readUInt32LE(at) + n, at);
      const client = records.indexOf(Buffer.of(10, 20, 0, 10), at + 16 + 14);
      if (client >= 0 && client < at + 16 + 34) records[client + 2] = n;
    }
    all.push(records);
  }
  return Buffer.concat(all);
}

/** What is printed of a capture, but for its name. */
function printed(args: readonly string[], path: string): { code: number | null; out: string; err: string } {
  const { code, out, err } = clrscope([...args, path]);
  return { code, out: out.replaceAll(/"capture":"[^"]*"/g, ''), err };
}

/** Holds what commands say of a ring against what they say of one file with the same packets. */
function holdsAgainst(one: string, { path, files }: ReturnType<typeof ring>, options: readonly string[] = []): void {
  expect(files.length).toBeGreaterThan(2);
  const commands = [
    ['calls', '-T', 'ndjson'],
    ['objects', '-T', 'json'],
    ['read', '-V'],
    ['read', ...FIELDS],
  ];
  for (const command of commands) {
    const args = [...command, ...options];
    const [group, whole] = [printed(args, path), printed([...args, '-q'], one)];
    expect(group.code).toBe(whole.code);
    expect(group.out.replace(/^(==|--) .*\n/gm, '')).toBe(whole.out);
    expect(group.err).toContain(`clrscope: ${files.length} files of one capture point are read as one: `);
  }
}

describe.skipIf(TSHARK === null)('a ring', () => {
  it.each([
    ['editcap -c', ['-c', '11']],
    ['editcap -i', ['-i', '0.03']],
    ['editcap -F pcapng', ['-F', 'pcapng', '-c', '7']],
  ])('of %s is one capture', (name, options) => {
    const found = ring(name, (path) => run('editcap', [...options, SAMPLE, join(path, 'ring.pcap')]));
    holdsAgainst(SAMPLE, found);
    const merged = join(folder, `${name}.merged`);
    run('mergecap', ['-a', '-w', merged, ...found.files]);
    expect(run('tshark', ['-r', merged, ...FIELDS])).toBe(printed(['read', ...FIELDS], found.path).out);
  });

  it('of dumpcap -b is one capture', () => {
    const found = ring('dumpcap', (path) =>
      run('dumpcap', ['-q', '-i', '-', '-b', 'packets:9', '-w', join(path, 'ring.pcapng')], readFileSync(SAMPLE)),
    );
    holdsAgainst(SAMPLE, found);
    const interfaces = printed(['read', '-q', '-T', 'fields', '-e', 'frame.interface_id'], found.path).out;
    expect(new Set(interfaces.trimEnd().split('\n'))).toEqual(new Set(['0']));
  });

  it.skipIf(!HAS_TCPDUMP)('of tcpdump -C -W is one capture, also where the oldest is not number 0', () => {
    const big = join(folder, 'big.pcap');
    writeFileSync(big, repeated(readFileSync(SAMPLE), 170));
    const whole = ring('tcpdump', (path) =>
      run('tcpdump', ['-Z', 'root', '-r', big, '-w', join(path, 'ring.pcap'), '-C', '1']),
    );
    expect(whole.files.map((file) => basename(file))).toEqual(['ring.pcap', 'ring.pcap1', 'ring.pcap2']);
    const calls = (path: string) => clrscope(['calls', '-T', 'ndjson', path]);
    const numbers = ({ out }: { out: string }) => out.replaceAll(/"capture":"[^"]*",/g, '');
    expect(numbers(calls(whole.path))).toBe(numbers(calls(big)));
    expect(numbers(calls(big)).trimEnd().split('\n')).toHaveLength(170 * 16);
    const two = ring('tcpdump-two', (path) =>
      run('tcpdump', ['-Z', 'root', '-r', big, '-w', join(path, 'ring.pcap'), '-C', '1', '-W', '2']),
    );
    expect(two.files.map((file) => basename(file))).toEqual(['ring.pcap0', 'ring.pcap1']);
    const merged = join(folder, 'two.pcap');
    run('mergecap', ['-a', '-F', 'pcap', '-w', merged, ...[...two.files].reverse()]);
    expect(numbers(calls(two.path))).toBe(numbers(calls(merged)));
    expect(calls(two.path).err).toContain('2 files of one capture point are read as one: ring.pcap1 to ring.pcap0');
  });

  it('opens what is sealed where the keys are in an earlier file, on threads too', () => {
    const files = ring('sealed', (path) =>
      run('editcap', ['-c', '13', `${SEALED}/capture.pcap`, join(path, 'r.pcap')]),
    );
    holdsAgainst(`${SEALED}/capture.pcap`, files, ['--secrets', `${SEALED}/secrets.json`]);
    copyFileSync(SAMPLE, join(files.path, 'another.pcap'));
    const args = ['calls', '-T', 'ndjson', '--secrets', `${SEALED}/secrets.json`];
    expect(printed([...args, '--jobs', '2'], files.path)).toEqual(printed(args, files.path));
  });

  it('that was compressed is one capture', () => {
    const found = ring('compressed', (path) => {
      run('editcap', ['-c', '20', SAMPLE, join(path, 'ring.pcap')]);
      for (const file of readdirSync(path).slice(0, -1)) {
        writeFileSync(join(path, `${file}.gz`), gzipSync(readFileSync(join(path, file))));
        rmSync(join(path, file));
      }
    });
    holdsAgainst(SAMPLE, found);
  });

  it('is read on behind files that are damaged, which are named', () => {
    const { path, files } = ring('damaged', (path) =>
      run('editcap', ['-F', 'pcap', '-c', '20', SAMPLE, join(path, 'ring.pcap')]),
    );
    const places = [1, 2].map((number) => {
      const bytes = readFileSync(files[number]);
      // the length of its second record
      const at = 24 + 16 + bytes.readUInt32LE(24 + 8);
      bytes.writeUInt32LE(0x7fffffff, at + 8);
      writeFileSync(files[number], bytes);
      return `${files[number]}: byte ${at}: packet 2 would have`;
    });
    const { code, out, err } = clrscope(['calls', '-T', 'ndjson', path]);
    expect(code).toBe(3);
    for (const place of places) expect(err).toContain(place);
    // the last call is in the last file
    expect(out).toContain('"operation":"RemRelease"');
    const { partial } = JSON.parse(clrscope(['audit', '-T', 'json', path]).out);
    const told: string[] = partial.damaged.map((one: object) => Object.values(one).join(': '));
    for (const place of places) expect(told.some((text) => text.includes(place))).toBe(true);
  });

  it('is written as one capture', () => {
    const { path } = ring('written', (to) =>
      run('editcap', ['-F', 'pcapng', '-c', '20', SAMPLE, join(to, 'ring.pcapng')]),
    );
    const out = join(folder, 'written.pcapng');
    expect(clrscope(['read', '-q', '-w', out, path]).code).toBe(0);
    expect(printed(['calls', '-T', 'ndjson'], out)).toEqual(printed(['calls', '-T', 'ndjson'], SAMPLE));
    expect(run('tshark', ['-r', out, ...FIELDS])).toBe(run('tshark', ['-r', SAMPLE, ...FIELDS]));
    for (const options of [['-Y', 'dcerpc.opnum == 4'], ['-Y', 'dcerpc.opnum == 4', '--whole'], ['--comment']]) {
      const [ours, whole] = [path, SAMPLE].map((input, at) => {
        const to = join(folder, `chosen-${at}.pcapng`);
        clrscope(['read', '-q', ...options, '-w', to, input]);
        return run('tshark', ['-r', to, ...FIELDS, '-e', 'frame.comment']);
      });
      expect(ours).toBe(whole);
    }
  });

  it('says in text where each file begins, and in JSON which they are', () => {
    const { path } = ring('headed', (to) => run('editcap', ['-c', '30', SAMPLE, join(to, 'ring.pcap')]));
    const [first, second, third] = readdirSync(path).sort();
    const heads = clrscope(['calls', path]).out.match(/^(==|--) .*$/gm);
    expect(heads).toEqual([
      `== ${path}/${first}..${third}`,
      `-- ${first} from frame 1 on`,
      `-- ${second} from frame 31 on`,
      `-- ${third} from frame 61 on`,
    ]);
    expect(JSON.parse(clrscope(['objects', '-T', 'ndjson', '-q', path]).out).capture).toBe(`${first}..${third}`);
    expect(clrscope(['calls', '-q', path]).err).toBe('');
  });

  it('is taken apart with --group none', () => {
    const { path, files } = ring('apart', (to) => run('editcap', ['-c', '20', SAMPLE, join(to, 'ring.pcap')]));
    const { out, err } = clrscope(['stats', '--group', 'none', '-T', 'json', path]);
    expect(JSON.parse(out).captures).toHaveLength(files.length);
    expect(err).not.toContain('read as one');
    expect(clrscope(['calls', '--group', 'some', path])).toMatchObject({ code: 2, out: '' });
  });
});
