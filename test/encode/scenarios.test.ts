/** Ready scenarios: tshark finds nothing wrong with their captures, and clrscope reads their values back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { SCENARIOS } from '../../src/encode/scenarios/scenarios.js';
import { callToJson } from '../../src/output/calls/json.js';
import { loadSecrets } from '../../src/security/index.js';
import { ROOT } from '../cli.js';
import { KNOWN, throughJson, walkCapture } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-scenarios-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tshark = spawnSync('tshark', ['--version']).status === 0;
if (!tshark) it.skip('what tshark says: it is not installed', () => {});

type Doc = Record<string, unknown>;

/** A scenario's capture as a file. */
function written(name: string): { path: string; document: Doc } {
  const document = throughJson(SCENARIOS.find((s) => s.name === name)?.document()) as unknown as Doc;
  const path = join(folder, `${name}.${document.format ?? 'pcap'}`);
  writeFileSync(path, encodeScenario(document as never, KNOWN));
  return { path, document };
}

const CHECKS = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
// no retransmission, gap or unseen segment either
const WRONG =
  '_ws.malformed || tcp.checksum.status==0 || ip.checksum.status==0 || _ws.expert.severity>=error || tcp.analysis.flags';

describe.each(SCENARIOS.map((s) => s.name))('scenario %s', (name) => {
  it.skipIf(!tshark)('is fine with tshark: no malformed packet, wrong checksum or error', { timeout: 60_000 }, () => {
    const { path } = written(name);
    // how many frames match the one and the other; it does not know remoting over TCP
    const counted = `io,stat,0,${WRONG},dcerpc || http`;
    const { status, stdout } = spawnSync('tshark', ['-r', path, ...CHECKS, '-q', '-z', counted], { encoding: 'utf8' });
    expect(status).toBe(0);
    const [, wrong, known] = /<> +[\d.]+ +\| +(\d+) +\| +\d+ +\| +(\d+) +\|/.exec(stdout) ?? [];
    expect(wrong, stdout).toBe('0');
    expect(Number(known)).toBeGreaterThan(1);
  });

  it('is the same each time', () => {
    const once = Buffer.from(encodeScenario(SCENARIOS.find((s) => s.name === name)?.document() as never, KNOWN));
    expect(once.equals(encodeScenario(SCENARIOS.find((s) => s.name === name)?.document() as never, KNOWN))).toBe(true);
  });

  it('comes back with its values', async () => {
    const { path, document } = written(name);
    const { calls, stubs, damaged } = await walkCapture(path, await secretsOf(document));
    expect(damaged).toBe(false);
    const wanted = (document.connections as Doc[]).flatMap((c) => (c.bindNak === undefined ? callsOf(c) : []));
    expect(calls.length).toBe(wanted.length);
    wanted.forEach((call, i) => {
      const seen = calls[i];
      if (seen.connection.transport.startsWith('nrtp')) {
        comesBack(call, callToJson(seen, 1, name) as unknown as Doc);
        return;
      }
      if (call.operation !== undefined) expect(seen.operation?.name).toBe(call.operation);
      expect(seen.object).toBe(call.object ?? null);
      expect(seen.fault).toBe(call.fault === undefined ? null : Number(call.fault));
      const documentOf = (side: string) => stubs.find((s) => s.call === seen && s.side === side)?.document;
      if (call.in !== undefined && call.request === undefined) {
        expect(missing(call.in, documentOf('request')?.params ?? null, 'in')).toEqual([]);
        expect(documentOf('request')?.bytes).toBeUndefined();
      }
      if (call.out !== undefined && call.fault === undefined)
        expect(missing(call.out, documentOf('response')?.params ?? null, 'out')).toEqual([]);
      if (call.result !== undefined && call.fault === undefined) expect(seen.result).toBe(Number(call.result));
      expect(seen.auth.verified).toBe(isSecured(document) ? true : null);
    });
  });
});

it('the sample object-remoted is what its scenario makes', () => {
  const { document } = SCENARIOS.find(({ name }) => name === 'object-remoted') as (typeof SCENARIOS)[number];
  const sample = readFileSync(`${ROOT}samples/object-remoted/capture.pcap`);
  expect(sample.equals(encodeScenario(document(), KNOWN))).toBe(true);
});

/** The calls of a connection, with those of others in their midst. */
function callsOf(connection: Doc): Doc[] {
  return (connection.calls as Doc[]).flatMap((c) => (c.meanwhile === undefined ? [c] : callsOf(c.meanwhile as Doc)));
}

/** A call of remoting that a scenario says by its values comes back with them. */
function comesBack(wanted: Doc, seen: Doc): void {
  expect(seen.warnings).toEqual([]);
  if (wanted.fault !== undefined) expect(seen.fault).toMatchObject({ name: (wanted.fault as Doc).phrase });
  if (wanted.call === undefined) return;
  const { method, args } = wanted.call as Doc;
  expect(seen).toMatchObject({ operation: method, oneWay: wanted.oneWay === true });
  expect(String(seen.object).endsWith(String(wanted.uri))).toBe(true);
  expect(seen.in).toMatchObject({ nrbf: { call: { args } } });
  if (wanted.return !== undefined) {
    const { returnValue } = wanted.return as Doc;
    expect(((seen.out as Doc).nrbf as { call: Doc }).call.returnValue ?? null).toEqual(returnValue);
  }
}

function isSecured(document: Doc): boolean {
  return (document.connections as Doc[]).some((c) => c.auth !== undefined);
}

async function secretsOf(document: Doc): ReturnType<typeof loadSecrets> {
  const accounts = (document.connections as Doc[]).flatMap((c) => (c.auth === undefined ? [] : [c.auth as Doc]));
  const file = join(folder, 'secrets.json');
  writeFileSync(
    file,
    JSON.stringify({ accounts: accounts.map(({ user, domain, password }) => ({ user, domain, password })) }),
  );
  return loadSecrets(file);
}

/** Where what was asked for is not what came back. Texts and streams may be written in several ways. */
function missing(want: unknown, got: unknown, path: string): string[] {
  if (want === null || typeof want !== 'object') {
    const found = typeof got === 'object' && got !== null ? textOf(got as Doc) : got;
    return String(found) === String(want) || sameNumber(want, found) ? [] : [`${path}: ${found} is not ${want}`];
  }
  if (got === null || typeof got !== 'object') return [`${path}: ${got}`];
  const given = got as Doc;
  return Object.entries(want).flatMap(([key, value]) => {
    // an object as VALUEs comes back as records: that those mean the same is what test/nrbf holds to
    if (key === 'nrbf') return streamOf(value as Doc, given.nrbf as Doc | undefined, `${path}.nrbf`);
    if (key === 'hex' && given.nrbf !== undefined) return [];
    return missing(value, given[key], `${path}.${key}`);
  });
}

const textOf = (bstr: Doc): unknown =>
  bstr.text === undefined ? Buffer.from(String(bstr.hex), 'hex').toString('utf16le') : bstr.text;
const sameNumber = (a: unknown, b: unknown): boolean => a !== '' && a !== null && b !== null && Number(a) === Number(b);

function streamOf(want: Doc, got: Doc | undefined, path: string): string[] {
  if (got?.records === undefined) return [`${path}: no records came back`];
  if (want.records !== undefined) return missing(want, got, path);
  const text = JSON.stringify(got.records);
  const strings = [...JSON.stringify(want).matchAll(/"(?:value|method|type)":("(?:[^"\\]|\\.)+")/g)].map((m) => m[1]);
  const words = strings.filter((s) => !/^"(System\.|-?\d)/.test(s));
  return words.filter((w) => !text.includes(w)).map((w) => `${path}: ${w}`);
}
