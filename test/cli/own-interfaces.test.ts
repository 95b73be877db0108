/** `--idl` and `--dissector`: interfaces of the user's own, in every command that knows interfaces. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { asProcess, clrscope, ROOT, SHARED } from '../cli.js';
import { COUNTER_IDL, counterCapture, counterModule } from '../counter.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const capture = file('counter.pcap', counterCapture());
const WAYS = {
  '--idl': ['--idl', file('ICounter.idl', COUNTER_IDL)],
  '--dissector': ['--dissector', file('ICounter.mjs', counterModule())],
} as const;
const prefixes = { '--idl': 'icounter', '--dissector': 'counter' } as const;

describe.each(['--idl', '--dissector'] as const)('%s', (way) => {
  const own = WAYS[way];
  const prefix = prefixes[way];

  it('decodes calls, which without it are none that anybody knows', () => {
    const [call] = JSON.parse(clrscope(['calls', '-T', 'json', ...own, capture]).out);
    expect(call).toMatchObject({
      interface: 'ICounter',
      operation: 'Read',
      in: { count: 2 },
      out: {
        samples: [
          { when: 1, value: 10 },
          { when: 2, value: -5 },
        ],
        total: 5,
      },
      warnings: [],
    });
    expect(JSON.parse(clrscope(['calls', '-T', 'json', capture]).out)[0]).toMatchObject({
      operation: 'Opnum3',
      out: {},
    });
  });

  it('has its fields in filters, columns and trees, and all of them in `fields`', () => {
    expect(clrscope(['-V', '-Y', `${prefix}.total > 4`, ...own, capture]).out).toMatch(/total: 5/);
    expect(clrscope(['-Y', `${prefix}.total > 5`, ...own, capture]).out).toBe('');
    expect(clrscope(['-T', 'fields', '-e', `${prefix}.total`, '-Y', `${prefix}.total`, ...own, capture]).out).toBe(
      '5\n',
    );
    expect(clrscope(['fields', ...own, `${prefix}.total`]).out).toBe(`${prefix}.total\tint32\ttotal\n`);
    expect(clrscope(['-Y', `${prefix}.total`, capture]).code).toBe(2);
  });

  it('is among interfaces, in vectors and what they cover, and can be encoded', () => {
    expect(clrscope(['interfaces', ...own, 'ICounter']).out).toContain('Read(name, count) → samples, total');
    expect(clrscope(['vectors', '--cover', ...own, capture]).out).toContain('+ ICounter.Read');
    const vector = JSON.parse(
      clrscope(['vectors', '--format', 'jsonl', '-o', '-', ...own, capture]).out.split('\n')[0],
    );
    const [document] = Object.values(vector).filter((v) => (v as { kind?: string } | null)?.kind === 'stub');
    expect(document).toMatchObject({ kind: 'stub' });
    const encoded = join(folder, `${prefix}.bin`);
    expect(clrscope(['encode', ...own, file('stub.json', JSON.stringify(document)), '-o', encoded]).code).toBe(0);
    expect(readFileSync(encoded).length).toBeGreaterThan(0);
    expect(clrscope(['encode', file('stub.json', JSON.stringify(document)), '-o', encoded]).code).toBe(2);
  });

  it('is known to all threads', () => {
    const many = join(folder, `many-${prefix}`);
    mkdirSync(many);
    for (let i = 0; i < 6; i++) writeFileSync(join(many, `${i}.pcap`), counterCapture());
    const args = ['calls', '-T', 'ndjson', ...own, many];
    const { out, err } = asProcess([...args, '--jobs', '3']);
    expect(err).toBe('');
    expect(out).toBe(clrscope([...args, '--jobs', '1']).out);
    expect(out.match(/"operation":"Read"/g)).toHaveLength(6);
  });

  it('names interfaces for --decode-as, and stands in front of a command too', () => {
    expect(clrscope(['calls', '--decode-as', '5=ICounter', ...own, capture]).code).toBe(0);
    expect(clrscope([...own, 'calls', capture]).out).toContain('ICounter.Read(name: "hits", count: 2) → samples: ');
    expect(clrscope(['audit', ...own, capture]).code).toBe(0);
  });
});

/** The full IDL of MS-IOI as the specification prints it, in two pieces. */
function appendixA(): string {
  const spec = `${SHARED}spec/`;
  const name = readdirSync(spec).find((one) => one.startsWith('001')) ?? '';
  const text = readFileSync(spec + name, 'utf8');
  const appendix = text.slice(text.lastIndexOf('Appendix A: Full IDL'), text.lastIndexOf('Appendix B'));
  return [...appendix.matchAll(/```\n([\s\S]*?)```/g)].map(([, piece]) => piece).join('\n');
}

describe('MS-IOI 6, the full IDL', () => {
  it.skipIf(SHARED === null)('decodes the samples as the built-in interfaces do', () => {
    const args = ['calls', '-T', 'ndjson', '-q', `${ROOT}samples`];
    const { out } = clrscope(args);
    expect(out.match(/"interface":"I(?:ManagedObject|RemoteDispatch|ServicedComponentInfo)"/g)?.length).toBeGreaterThan(
      30,
    );
    expect(clrscope([...args, '--idl', file('ms-ioi.idl', appendixA())]).out).toBe(out);
  });

  it.skipIf(SHARED === null)('is what the samples are decoded by', () => {
    const other = file('other.idl', appendixA().replaceAll('AppDomainID', 'Domain'));
    const { out } = clrscope(['calls', '-T', 'ndjson', '--idl', other, `${ROOT}samples/managed-object/capture.pcap`]);
    expect(out).toMatch(/"Domain":2/);
    expect(out).not.toContain('"AppDomainID"');
  });

  it.skipIf(SHARED === null)('is read as UTF-16, and from a pipe', () => {
    const wide = file('wide.idl', Buffer.from(`\ufeff${appendixA()}`, 'utf16le'));
    expect(clrscope(['interfaces', '--idl', wide, 'IRemoteDispatch']).out).toContain(
      'RemoteDispatchAutoDone(s) → pRetVal',
    );
    const args = ['interfaces', '--idl', '-', 'IRemoteDispatch'];
    expect(asProcess(args, Buffer.from(appendixA())).out).toContain('RemoteDispatchAutoDone(s) → pRetVal');
  });
});

describe('a file that is none', () => {
  it.each([
    [
      '--idl',
      'x.idl',
      '[object] interface I : IUnknown {\n  HRESULT A([in] FOO a);\n}',
      'x.idl:2:18: the type FOO is not declared',
    ],
    ['--idl', 'empty.idl', '', 'no interface with a uuid'],
    ['--dissector', 'bad.mjs', '\nexport const x = ;', 'line 2: Unexpected token'],
    ['--dissector', 'throws.mjs', '\n\nthrow new Error("not today")', 'line 3: not today'],
    ['--dissector', 'none.mjs', 'export const x = 5;', 'it exports no interface'],
    ['--dissector', 'name.mjs', "import { u99 } from 'clrscope/interfaces'", 'u99'],
    [
      '--dissector',
      'ops.mjs',
      'export const I = { name: "I", uuid: "5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c11", orpc: true, ops: { 3: { name: "A" } } };',
      'ops[3] is not what operation() makes',
    ],
    ['--dissector', 'uuid.mjs', 'export const I = { name: "I", uuid: "5", orpc: true, ops: {} };', 'uuid was expected'],
    [
      '--dissector',
      'field.mjs',
      "import { operation, BSTR } from 'clrscope/interfaces'; export const I = { name: 'I', uuid: '5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c12', orpc: true, ops: { 3: operation('dcerpc', 'A', { in: { opnum: BSTR } }) } };",
      'dcerpc.opnum is declared once more',
    ],
  ])('%s %s: one message, exit 2', (way, name, content, message) => {
    const { code, out, err } = clrscope(['calls', way, file(name, content), capture]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).toContain(name);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('is not there', () => {
    for (const way of ['--idl', '--dissector'])
      expect(clrscope(['calls', way, join(folder, 'nowhere.x'), capture])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('there is no such file'),
      });
  });

  it('has no end', () => {
    for (const way of ['--idl', '--registry', '--names'])
      expect(clrscope(['calls', way, '/dev/zero', capture])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('it has no end'),
      });
  });

  it('TypeScript: runs where Node does that, and is explained elsewhere', () => {
    const typed = file(
      'ICounter.ts',
      counterModule().replace('export const ICounter =', 'export const ICounter: object ='),
    );
    const { code, err, out } = asProcess(['interfaces', '--dissector', typed, 'ICounter']);
    if (code === 0) expect(out).toContain('Read(name, count)');
    else expect(err).toMatch(/TypeScript needs 22\.18 or newer/);
  });
});

it('an IDL interface that is called as a protocol has fields of its own', () => {
  const tcp = file('tcp.idl', COUNTER_IDL.replace('ICounter', 'TCP').replace('long *total', 'BSTR *port'));
  expect(clrscope(['fields', '--idl', tcp, 'idl.tcp']).out).toContain('idl.tcp.port\tstring\tport');
});
