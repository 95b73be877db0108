/** What a user types, and what is said where there is nothing to show. */
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clrscope, ROOT } from '../cli.js';

const sample = `${ROOT}samples/managed-object/capture.pcap`;
const sealed = `${ROOT}samples/ntlm-sealed/`;
const folder = mkdtempSync(join(tmpdir(), 'clrscope-typed-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a command', () => {
  it.each([
    ['cals', 'calls'],
    ['obects', 'objects'],
    ['vector', 'vectors'],
    ['calls2', 'calls'],
    ['CALLS', 'calls'],
  ])('mistyped, %s: one error with the one that was meant, and nothing is read', (word, meant) => {
    const { code, out, err } = clrscope([word, sample]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`(is it ${meant}?)`);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('stands behind options too', () => {
    const right = clrscope(['calls', sample]).out;
    for (const options of [['--color', 'never'], ['-q'], ['--color=never'], ['--limit', 'contexts=5', '-q']])
      expect(clrscope([...options, 'calls', sample]).out).toBe(right);
  });

  it('that asks for what is not there fails', () => {
    for (const args of [
      ['interfaces', 'NoSuch'],
      ['fields', 'no.such.field'],
      ['scenario', 'none'],
    ])
      expect(clrscope(args)).toMatchObject({ code: 2, out: '' });
    expect(clrscope(['help', 'cals']).err).toContain('(is it calls?)');
    expect(clrscope(['fields', 'ipid']).out).toMatch(/^dcom\.ipid\t/m);
  });
});

describe('an option', () => {
  it.each([
    [['objects', '-Y', 'ioi', sample], '-Y', '(read and calls have it)'],
    [['calls', '--fail-on', 'high', sample], '--fail-on', '(audit has it)'],
    // what stands behind one that nobody knows is no command that was mistyped
    [['--compress', 'gzip', sample], '--compress', ''],
  ])('unknown, %j: is told as that, with the commands that have it', (args, option, having) => {
    const { code, out, err } = clrscope(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`unknown option '${option}'`);
    expect(err.includes(' it)')).toBe(having !== '');
    expect(err).toContain(having);
  });

  it.each([
    [['calls', '--secrets', 'no-such-file', sample], '--secrets no-such-file: there is no such file'],
    [['read', '-d', 'tcp.port==999999,dcerpc', sample], '-d takes tcp.port==N,dcerpc, with N from 1 to 65535'],
    [['read', '--port', '0', sample], '--port takes a number from 1 to 65535'],
  ])('that is wrong is called what was typed: %j', (args, says) => {
    const { code, out, err } = clrscope(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`clrscope: ${says}`);
  });

  it('steers no terminal', () => {
    expect(clrscope(['calls', '--no\u001b]0;such\u0007', sample]).err).toContain("'--no\\u001b]0;such\\u0007'");
  });

  it('of threads says how many there may be', () => {
    for (const jobs of ['0', '10000'])
      expect(clrscope(['calls', '--jobs', jobs, sample]).err).toContain(`from 1 to 9999, not "${jobs}"`);
  });
});

describe('a path that the system refuses', () => {
  it('is named, once', () => {
    writeFileSync(join(folder, 'plain'), '');
    const [below, nowhere] = [join(folder, 'plain', 'x'), join(folder, 'nowhere', 'x')];
    for (const args of [
      ['-w', below, sample],
      ['nrbf', below],
      ['encode', below, '-o', join(folder, 'out')],
      ['vectors', sample, '-o', below],
    ])
      expect(clrscope(args)).toMatchObject({
        code: 2,
        err: `clrscope: ${below}: a part of the path is a file and no folder\n`,
      });
    expect(clrscope(['-w', nowhere, sample]).err).toBe(`clrscope: -w ${nowhere}: there is no folder of that name\n`);
  });
});

describe('where there is nothing to show', () => {
  const pcap = (link: number, packets: readonly Uint8Array[]): Buffer => {
    const head = Buffer.alloc(24);
    head.writeUInt32LE(0xa1b2c3d4);
    head.writeUInt16LE(2, 4);
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(65535, 16);
    head.writeUInt32LE(link, 20);
    const parts = packets.flatMap((p) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(p.length, 8);
      record.writeUInt32LE(p.length, 12);
      return [record, p];
    });
    return Buffer.concat([head, ...parts]);
  };
  const run = (name: string, bytes: Uint8Array, ...args: string[]) => {
    writeFileSync(join(folder, name), bytes);
    return clrscope([...args, join(folder, name)]);
  };

  it('a capture without DCE/RPC, and one without packets, say so in one line', () => {
    for (const command of ['calls', 'read', 'objects', 'vectors --cover']) {
      const other = run('other.pcap', pcap(1, [new Uint8Array(60), new Uint8Array(60)]), ...command.split(' '));
      expect(other.err).toMatch(/^clrscope: .*other\.pcap: 2 packets, none of them DCE\/RPC[^\n]*\n$/);
      expect(other.code).toBe(0);
      expect(run('none.pcap', pcap(1, []), ...command.split(' ')).err).toMatch(/holds no packets\n$/);
    }
    expect(run('other.pcap', pcap(1, [new Uint8Array(60)]), 'calls', '-q').err).toBe('');
    for (const command of ['stats', 'audit', 'vectors --format jsonl', 'objects -T json', 'calls -T json'])
      expect(run('other.pcap', pcap(1, [new Uint8Array(60)]), ...command.split(' ')).err).toMatch(/none of them DCE/);
  });

  it('rows of frames are there without DCE/RPC; where not one comes out, that is said', () => {
    const other = pcap(1, [new Uint8Array(60), new Uint8Array(60)]);
    for (const format of [['fields', '-e', 'frame.number'], ['ek']]) {
      const rows = run('other.pcap', other, 'read', '-T', ...format);
      expect([rows.err, rows.code]).toEqual(['', 0]);
      expect(rows.out.split('\n').length).toBeGreaterThan(2);
      const none = run('other.pcap', other, 'read', '-Y', 'tcp', '-T', ...format);
      expect(none.out).toBe('');
      expect(none.err).toMatch(/^clrscope: .*other\.pcap: 2 packets, none of them DCE\/RPC[^\n]*\n$/);
      expect(run('none.pcap', pcap(1, []), 'read', '-T', ...format).err).toMatch(/holds no packets\n$/);
    }
  });

  it('a filter that lets nothing through is said, in every format', () => {
    const some = ['read -T fields -e frame.number', 'read', 'calls'];
    for (const command of some) {
      const { err, code } = clrscope([...command.split(' '), '-Y', 'dcerpc.opnum == 4711', sample]);
      expect([err, code]).toEqual([expect.stringMatching(/^clrscope: [^\n]*the filter matches none of them\n$/), 0]);
    }
    expect(clrscope(['calls', '-Y', 'dcerpc', sample]).err).toBe('');
    // what is sealed may be why
    const sealed = clrscope(['calls', '-Y', 'nrbf', `${ROOT}samples/ntlm-sealed/capture.pcap`]).err;
    expect(sealed).toMatch(/the filter matches none of them\n.*16 of 16 calls are sealed/);
  });

  it('of several captures that is said once, and not where one has what was asked for', () => {
    const of = ['managed-object', 'remoting-tcp', 'ccw-layouts'].map((name) => `${ROOT}samples/${name}/capture.pcap`);
    const says = 'clrscope: 3 captures were looked at, and in none of them is what was asked for\n';
    for (const command of ['read', 'calls', 'read -T fields -e frame.number'])
      for (const jobs of ['1', '2'])
        expect(clrscope([...command.split(' '), '--jobs', jobs, '-Y', 'dcerpc.opnum == 4711', ...of]).err).toBe(says);
    expect(clrscope(['read', '-Y', 'nrtp', ...of]).err).toBe('');
    expect(clrscope(['read', '-q', '-Y', 'dcerpc.opnum == 4711', ...of]).err).toBe('');
  });

  it('why there is nothing in some of several captures is said once too, with how many they are', () => {
    const other = join(folder, 'other.pcap');
    writeFileSync(other, pcap(1, [new Uint8Array(60)]));
    const none = join(folder, 'none.pcap');
    writeFileSync(none, pcap(1, []));
    const of = [sample, `${sealed}capture.pcap`, `${ROOT}samples/truth/krb5-privacy.pcap`, other, none];
    const why = [
      'clrscope: calls are sealed in 2 of 5 captures, and no secrets were given: --secrets FILE opens what is sealed',
      'clrscope: no DCE/RPC begins in 1 of 5 captures; --port N takes all of a port for DCE/RPC',
      'clrscope: no packets are in 1 of 5 captures\n',
    ].join('\n');
    const all = 'clrscope: 5 captures were looked at, and in none of them is what was asked for\n';
    for (const jobs of ['1', '2']) {
      expect(clrscope(['calls', '--jobs', jobs, '-Y', 'dcerpc.opnum == 4711', ...of]).err).toBe(all + why);
      expect(clrscope(['calls', '--jobs', jobs, '-Y', 'nrbf', ...of]).err).toBe(why);
    }
    expect(clrscope(['follow', '--object', '4711', ...of]).err).toBe(all + why);
    expect(clrscope(['calls', '-Y', 'nrbf', '-w', join(folder, 'out.pcapng'), ...of]).err).toContain(why);
    // without a filter each capture's own is told
    expect(clrscope(['calls', ...of]).err.match(/sealed \(/g)).toHaveLength(2);
  });

  it('a link type that is not understood is said with the packets, and ends with 3', () => {
    const { code, err } = run('link.pcap', pcap(147, [new Uint8Array(60)]), 'calls');
    expect(code).toBe(3);
    expect(err).toMatch(/1 of 1 packets are of link type 147/);
  });

  it('sealed calls are counted where no secrets were given, and do not look as if they had no arguments', () => {
    const { out, err } = clrscope(['calls', `${sealed}capture.pcap`]);
    expect(err).toMatch(/calls are sealed \(NTLM as .*\), and no secrets were given/);
    expect(out).toContain('(sealed)');
    expect(out).not.toMatch(/\.\w+\(\)/);
    expect(clrscope(['calls', '--secrets', `${sealed}secrets.json`, `${sealed}capture.pcap`]).err).toBe('');
  });

  it('files of a folder that only look like captures are named, and the others read', () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    copyFileSync(sample, join(mixed, 'good.pcap'));
    writeFileSync(join(mixed, 'text\u001b[31m\n.pcap.gz'), 'hello');
    writeFileSync(join(mixed, 'notes.txt'), 'hello');
    const { code, out, err } = clrscope(['calls', mixed]);
    expect(code).toBe(0);
    expect(out).toContain('IManagedObject');
    expect(err).toContain('text\\u001b[31m\\n.pcap.gz: it is not a capture');
    expect(err).not.toContain('notes.txt');
  });
});

it('several captures are told apart in text, on any number of threads', () => {
  const two = [sample, `${ROOT}samples/odd-bstr/capture.pcap`];
  for (const args of [['calls'], ['calls', '--jobs', '2'], [], ['-V'], ['objects']]) {
    const { out } = clrscope([...args, ...two]);
    expect(out.match(/^== .*$/gm)).toEqual(two.map((file) => `== ${file}`));
    expect(clrscope([...args, sample]).out).not.toContain('== ');
  }
  expect(clrscope(['stats', ...two]).out).toContain('2 captures: capture.pcap, capture.pcap');
});

describe('-o', () => {
  it('an input, by any name, is not written over', () => {
    const input = join(folder, 'in.pcap');
    const link = join(folder, 'linked.pcap');
    copyFileSync(sample, input);
    symlinkSync(input, link);
    const document = join(folder, 'doc.json');
    writeFileSync(document, clrscope(['scenario', 'ccw-int64']).out);
    for (const target of [input, link])
      for (const args of [['audit'], ['vectors', '--format', 'jsonl']])
        expect(clrscope([...args, input, '-o', target]).code).toBe(2);
    expect(readFileSync(input).equals(readFileSync(sample))).toBe(true);
    expect(clrscope(['encode', document, '-o', document]).code).toBe(2);
    expect(readFileSync(document, 'utf8')).toMatch(/^\{/);
  });

  it('- is standard output, and refused for a folder', () => {
    for (const args of [
      ['audit', '-T', 'json'],
      ['vectors', '--format', 'jsonl'],
    ])
      expect(clrscope([...args, sample, '-o', '-']).out).toMatch(/^\{/);
    expect(clrscope(['vectors', sample, '-o', '-']).code).toBe(2);
    expect(existsSync(`${ROOT}-`)).toBe(false);
  });

  it('what secrets opened is for its owner only', () => {
    const secrets = ['--secrets', `${sealed}secrets.json`, `${sealed}capture.pcap`];
    for (const [name, args] of [
      ['a.json', ['audit', '-T', 'json']],
      ['v.jsonl', ['vectors', '--format', 'jsonl']],
    ] as const) {
      writeFileSync(join(folder, name), '', { mode: 0o644 });
      expect(clrscope([...args, ...secrets, '-o', join(folder, name)]).code).toBe(0);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    expect(clrscope(['vectors', ...secrets, '-o', join(folder, 'opened')]).code).toBe(0);
    expect(statSync(join(folder, 'opened')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'opened', 'index.json')).mode & 0o777).toBe(0o600);
  });
});

/** The program behind redirections of a shell: exit code and what it printed where it still could. */
function redirected(args: readonly string[], how: string): { code: number | null; out: string; err: string } {
  const script = `exec "$0" "$@" ${how}`;
  const words = [process.execPath, `${ROOT}dist/bundle/cli/main.js`, ...args];
  const done = spawnSync('sh', ['-c', script, ...words], { encoding: 'utf8', cwd: ROOT });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

it.skipIf(!existsSync('/dev/full'))(
  'a full disk is one line, in every command and its help',
  { timeout: 60_000 },
  () => {
    const full = 'no space is left on the disk\n';
    expect(clrscope(['audit', sample, '-o', '/dev/full'])).toMatchObject({
      code: 2,
      err: `clrscope: -o /dev/full: ${full}`,
    });
    for (const args of [['calls', sample], ['interfaces'], ['audit', '--list-rules'], ['--help'], ['nrbf', '--help']])
      expect(redirected(args, '>/dev/full')).toMatchObject({ code: 2, err: `clrscope: standard output: ${full}` });
  },
);

it('a closed standard error changes neither what is printed nor the exit code', { timeout: 60_000 }, () => {
  const cut = join(mkdtempSync(join(tmpdir(), 'clrscope-')), 'cut.pcap');
  writeFileSync(cut, readFileSync(sample).subarray(0, 9000));
  for (const args of [
    ['calls', cut],
    ['calls', `${cut}.missing`],
    ['calls', '--secrets'],
    [cut],
    ['nrbf', cut],
    ['cals'],
  ]) {
    const { code, out } = clrscope(args);
    expect(redirected(args, '2>&-')).toMatchObject({ code, out });
  }
  rmSync(dirname(cut), { recursive: true });
});

it('columns and how they are printed go with -T fields', () => {
  for (const args of [
    ['-e', 'frame.number'],
    ['-E', 'header=y'],
  ])
    expect(clrscope([...args, sample])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(`clrscope: ${args[0]} goes with -T fields`),
    });
});

it('help fits 80 columns', { timeout: 60_000 }, () => {
  for (const command of [[], ['calls'], ['vectors'], ['nrbf'], ['encode']]) {
    const { out } = clrscope([...command, '--help']);
    expect(out).toContain('Usage');
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }
});

it('one Ctrl-C ends what waits for a silent pipe, with what was read', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [`${ROOT}dist/bundle/cli/main.js`, 'calls', '-'], { stdio: 'pipe' });
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stdin.write(readFileSync(sample));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(130);
  expect(out).toContain('IManagedObject');
});

describe.skipIf(process.platform === 'win32')('one Ctrl-C ends what waits for a named pipe', () => {
  /** Runs `calls` on a pipe; `begin` may write to it. */
  const interrupted = async (name: string, args: string[], begin: (pipe: string) => (() => void) | undefined) => {
    const pipe = join(folder, name);
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const child = spawn(process.execPath, [`${ROOT}dist/bundle/cli/main.js`, ...args, pipe], { stdio: 'pipe' });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    const end = begin(pipe);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearTimeout(late);
    end?.();
    return { code, out };
  };

  it.concurrent.each([
    ['without a writer', ['calls']],
    ['without a writer, behind other files, on threads', ['calls', '--jobs', '2', sample, sample]],
  ])('%s', { timeout: 60_000 }, async (name, args) => {
    const { code, out } = await interrupted(name, args, () => undefined);
    expect(code).toBe(130);
    expect(out.includes('IManagedObject')).toBe(args.length > 1);
  });

  it.concurrent('whose writer is silent, with what was read', { timeout: 60_000 }, async () => {
    const { code, out } = await interrupted('silent', ['calls'], (pipe) => {
      const writer = spawn('sh', ['-c', 'exec 3>"$1"; cat "$2" >&3; exec sleep 60', 'sh', pipe, sample]);
      return () => writer.kill();
    });
    expect(code).toBe(130);
    expect(out).toContain('IManagedObject');
  });
});
