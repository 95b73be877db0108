/** `clrscope vectors`: folders that are the same each time, and that `encode` gives the same bytes for. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '#platform';
import { literals } from '../../src/analysis/vectors/literals.js';
import { redact } from '../../src/analysis/vectors/redact.js';
import { safeName } from '../../src/analysis/vectors/vectors.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { clrscope, ROOT, SHARED } from '../cli.js';
import { KNOWN } from '../encode/support.js';
import { TRAFFIC } from '../traffic.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every file below a folder, by path, with its digest. */
function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  const paths = files.map((f) => join(f.parentPath, f.name)).sort();
  return Object.fromEntries(paths.map((p) => [p.slice(path.length), sha256(readFileSync(p))]));
}

describe('vectors of real traffic', () => {
  const first = join(folder, 'first');
  const made = clrscope(['vectors', '-q', TRAFFIC, '-o', first]);

  it('are the same each time, also over what was there before', { timeout: 120_000 }, () => {
    const second = join(folder, 'second');
    expect(made.code === 0 || made.code === 3).toBe(true);
    const one = ['vectors', '-q', `${TRAFFIC}/clear-ndr.pcap`, '-o', second];
    clrscope(one);
    const few = contents(second);
    clrscope(['vectors', '-q', TRAFFIC, '-o', second]);
    expect(contents(second)).toEqual(contents(first));
    clrscope(one);
    expect(contents(second)).toEqual(few);
    expect(Object.keys(few).length).toBeLessThan(Object.keys(contents(first)).length);
  });

  it('are encoded again to the same bytes', { timeout: 60_000 }, () => {
    let count = 0;
    for (const name of readdirSync(first)) {
      for (const [json, bytes] of [
        ['in.json', 'in.stub'],
        ['out.json', 'out.stub'],
        ['stream.json', 'stream.nrbf'],
      ]) {
        const path = join(first, name, json);
        if (!existsSync(path)) continue;
        const again = encodeDocument(JSON.parse(readFileSync(path, 'utf8')), KNOWN);
        expect(sha256(again), path).toBe(sha256(readFileSync(join(first, name, bytes))));
        count++;
      }
    }
    expect(count).toBeGreaterThan(SHARED === null ? 200 : 500);
  });

  it('say no absolute path, and nothing twice', () => {
    const digests: string[] = [];
    for (const name of readdirSync(first)) {
      const path = join(first, name, 'manifest.json');
      if (!existsSync(path)) continue;
      const text = readFileSync(path, 'utf8');
      expect(text).not.toContain(ROOT);
      const manifest = JSON.parse(text);
      if (manifest.kind === 'nrbf') digests.push(manifest.sha256);
      else
        digests.push(
          JSON.stringify([manifest.iid, manifest.opnum, manifest.syntax, manifest.in, manifest.out, manifest.fault]),
        );
    }
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('tell what is covered and what is missing', () => {
    const { out } = clrscope(['vectors', '-q', '--cover', `${TRAFFIC}/clear-ndr.pcap`]);
    expect(out).toContain('  + IManagedObject.GetObjectIdentity');
    expect(out).toContain('  - IDispatch.Invoke');
    expect(out).toContain('  + BinaryMethodCall');
    expect(out).toContain('CCW_PTR layouts: 1 covered, 3 missing');
  });
});

const REMOTING = '../shared/captures/remoting';
if (!existsSync(REMOTING)) it.skip('vectors of remoting: ../shared is not here', () => {});

describe.skipIf(!existsSync(REMOTING))('vectors of remoting', () => {
  const target = join(folder, 'remoting');
  clrscope(['vectors', '-q', REMOTING, '-o', target]);
  const names = existsSync(target)
    ? readdirSync(target).filter((n) => existsSync(join(target, n, 'manifest.json')))
    : [];
  const manifest = (name: string) => JSON.parse(readFileSync(join(target, name, 'manifest.json'), 'utf8'));

  it('hold each message as it was on the wire, its document makes it again, and its stream is a vector too', () => {
    const transports = new Map<string, number>();
    for (const name of names) {
      const { in: asked, out, nrbf } = manifest(name);
      for (const part of [asked, out]) {
        if (part?.content === undefined) continue;
        const bytes = readFileSync(join(target, name, part.file));
        expect(sha256(bytes)).toBe(part.sha256);
        const json = join(target, name, `${part.direction}.json`);
        if (!existsSync(json)) continue;
        const document = JSON.parse(readFileSync(json, 'utf8'));
        expect(document.bytes).toBeUndefined();
        expect(sha256(encodeDocument(document, KNOWN)), json).toBe(part.sha256);
        transports.set(document.transport, (transports.get(document.transport) ?? 0) + 1);
        if (document.content?.nrbf !== undefined)
          expect(nrbf.map((n: string) => manifest(n).sha256)).toContain(part.content.sha256);
      }
    }
    expect(transports.get('nrtp_tcp')).toBeGreaterThan(200);
    expect(transports.get('nrtp_http')).toBeGreaterThan(150);
  });

  it('miss no message that was logged as whole', () => {
    const seen = new Set(
      names.flatMap((n) => {
        const { in: asked, out } = manifest(n);
        return [asked?.content?.sha256, out?.content?.sha256];
      }),
    );
    for (const file of readdirSync(REMOTING).filter((f) => f.endsWith('.json'))) {
      const { calls } = JSON.parse(readFileSync(join(REMOTING, file), 'utf8'));
      for (const { request, response, missing, oneWay } of calls)
        if (missing === undefined)
          for (const half of oneWay ? [request] : [request, response])
            expect(half === null || seen.has(half.sha256), `${file} ${JSON.stringify(half)}`).toBe(true);
    }
  });
});

const OLD = 'IOld.Op-0123456789ab';
const EDITED = 'nrbf.Edited-redacted-7';

describe('a folder', () => {
  it('of somebody else is left alone', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.txt'), 'do not touch');
    const { code, err } = clrscope(['vectors', capture('ours', 'x'), '-o', other]);
    expect(code).toBe(2);
    expect(err).toContain('not empty');
    expect(readdirSync(other)).toEqual(['thesis.txt']);
  });

  it('of ours loses only what its marker says and vectors makes', () => {
    const ours = join(folder, 'ours');
    mkdirSync(ours);
    writeFileSync(join(folder, 'outside.txt'), 'stays');
    writeFileSync(join(ours, '.clrscope-vectors'), `../outside.txt\n..\n/tmp\nsrc\n${OLD}\n${EDITED}\n`);
    for (const name of ['src', OLD, EDITED]) {
      mkdirSync(join(ours, name));
      writeFileSync(join(ours, name, 'in.stub'), name);
    }
    writeFileSync(join(ours, EDITED, 'notes.txt'), 'mine');
    expect(clrscope(['vectors', capture('mark', 'x'), '-o', ours]).code).toBe(0);
    expect(existsSync(join(folder, 'outside.txt'))).toBe(true);
    expect(existsSync(join(ours, OLD))).toBe(false);
    expect(readdirSync(join(ours, 'src'))).toEqual(['in.stub']);
    expect(readdirSync(join(ours, EDITED))).toEqual(['notes.txt']);
  });

  it.each([['.clrscope-vectors'], ['index.json'], ['vector']])('attack: a link as %s is not followed', (name) => {
    const target = join(folder, `linked-${name}`);
    const outside = join(folder, `victim-${name}`);
    const file = capture('links', 'x');
    expect(clrscope(['vectors', file, '-o', target]).code).toBe(0);
    const [vector] = readdirSync(target).filter((n) => n.includes('-') && !n.startsWith('.'));
    const at = join(target, name === 'vector' ? vector : name);
    rmSync(at, { recursive: true });
    if (name === 'vector') mkdirSync(outside);
    else writeFileSync(outside, 'precious');
    symlinkSync(outside, at);
    const { code, err } = clrscope(['vectors', file, '-o', target]);
    expect(code).toBe(2);
    expect(err).toContain('a link');
    if (name === 'vector') expect(readdirSync(outside)).toEqual([]);
    else expect(readFileSync(outside, 'utf8')).toBe('precious');
  });

  it('attack: what has the name of a file of ours in it is not written through', () => {
    const target = join(folder, 'hard');
    const outside = join(folder, 'hard-victim');
    const file = capture('hard', 'x');
    expect(clrscope(['vectors', file, '-o', target]).code).toBe(0);
    rmSync(join(target, 'index.json'));
    writeFileSync(outside, 'precious');
    linkSync(outside, join(target, 'index.json'));
    expect(clrscope(['vectors', file, '-o', target]).code).toBe(0);
    expect(readFileSync(outside, 'utf8')).toBe('precious');
  });

  it('keeps what the last run wrote where no capture can be read', () => {
    const target = join(folder, 'kept');
    expect(clrscope(['vectors', capture('kept', 'x'), '-o', target]).code).toBe(0);
    const before = readdirSync(target);
    const none = [join(folder, 'no-such.pcap'), join(folder, 'nor-this.pcap')];
    for (const inputs of [none.slice(1), none]) {
      expect(clrscope(['vectors', ...inputs, '-o', target]).code).toBe(2);
      expect(readdirSync(target)).toEqual(before);
    }
  });

  it('gets no path from names in the traffic', () => {
    const target = join(folder, 'hostile');
    expect(clrscope(['vectors', capture('hostile', '../../../evil/\u0000\u202e..'), '-o', target]).code).toBe(0);
    for (const name of readdirSync(target)) expect(name).toMatch(/^[A-Za-z0-9.][A-Za-z0-9_.-]*$/);
    expect(safeName('../..')).toBe('unnamed');
    expect(safeName('a/../b\\c\u0000')).toBe('a_.._b_c_');
  });
});

describe('--redact', () => {
  it('masks what is called a password, in every form in which it stands there', () => {
    const target = join(folder, 'redacted');
    const file = capture('secret', 'Login', 'Data Source=db;Password=Swordfish9;User=x');
    expect(clrscope(['vectors', file, '-o', target, '--redact']).code).toBe(0);
    const all = readdirSync(target, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    const texts = all.map((f) => readFileSync(join(f.parentPath, f.name)));
    const wide = Buffer.from('Swordfish9', 'utf16le');
    const hex = Buffer.from('Swordfish9').toString('hex');
    for (const text of texts) {
      expect(text.includes('Swordfish9')).toBe(false);
      expect(text.includes(wide) || text.includes(hex)).toBe(false);
    }
    expect(texts.some((t) => t.includes('Password=**********;User=x'))).toBe(true);
    const masked = readdirSync(target).filter((name) => name.includes('redacted'));
    expect(masked.map((name) => readdirSync(join(target, name)).sort())).toEqual([
      ['decoded.json', 'manifest.json'],
      ['decoded.json', 'manifest.json'],
    ]);
  });

  it('masks members by their names and leaves others', () => {
    const document = { members: { userPassword: { type: 'System.String', value: 'hunter22' }, note: 'said hunter22' } };
    expect(redact(document)).toEqual({
      members: { userPassword: { type: 'System.String', value: '********' }, note: 'said ********' },
    });
    expect(redact({ members: { city: 'Paris' } })).toBeNull();
  });
});

describe('--format', () => {
  const one = [{ name: 'nrbf.call.Say-0a1b', comment: 'a */ "comment"\n#', bytes: Uint8Array.of(0, 1, 255, 92) }];

  it.each(['c', 'csharp', 'go', 'python'] as const)('%s holds the bytes', (language) => {
    const text = [...literals(language, [...one, { ...one[0], name: 'empty', bytes: new Uint8Array(0) }])].join('');
    expect(text.replaceAll('0x', '').replaceAll(', ', ' ')).toContain('00 01 ff 5c');
    expect(text).toMatchSnapshot();
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('python is Python', () => {
    const program = `${[...literals('python', one)].join('')}\nprint(V_NRBF_CALL_SAY_0A1B.hex())\n`;
    expect(spawnSync('python3', ['-'], { input: program, encoding: 'utf8' }).stdout).toBe('0001ff5c\n');
  });

  it('jsonl has a vector a line', () => {
    const { out } = clrscope(['vectors', capture('lines', 'Say'), '--format', 'jsonl']);
    const lines = out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines.map((l) => l.manifest.kind).sort()).toEqual(['call', 'nrbf', 'nrbf']);
    expect(lines.find((l) => l.name.startsWith('nrbf.call.Say'))['stream.nrbf']).toMatch(/^0000000000/);
  });
});

/** A capture of one RemoteDispatchAutoDone. */
function capture(name: string, method: string, argument = 'Hello'): string {
  const path = join(folder, `${name}.pcap`);
  const args = [{ type: 'System.String', value: argument }];
  const document = {
    connections: [
      {
        server: { address: '10.9.0.20' },
        contexts: [{ interface: 'IRemoteDispatch' }],
        calls: [
          {
            operation: 'RemoteDispatchAutoDone',
            object: '00001003-0c34-0000-a000-000000000003',
            in: { s: { nrbf: { call: { kind: 'call', method, type: 'T, A', args } } } },
            out: { pRetVal: { nrbf: { call: { kind: 'return', args: [], returnValue: null } } } },
          },
        ],
      },
    ],
  };
  writeFileSync(path, encodeScenario(document as never, KNOWN));
  return path;
}
