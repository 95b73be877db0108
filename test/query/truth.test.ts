/** Answers to the questions, against what clients and servers logged: expected ones are counted from the truth files. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clrscope, ROOT, SHARED } from '../cli.js';
import { DUCKDB } from './duckdb.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-answers-'));
afterAll(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: the truth files' JSON
type Truth = any;
type Row = Record<string, unknown>;

const CLIENT = '10.20.0.10';
const MANAGED_OBJECT = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
const ACTIVATORS = ['4d9f4ab8-7d1c-11cf-861e-0020af6e7c57', '000001a0-0000-0000-c000-000000000046'];
const LEVELS: Readonly<Record<number, string>> = {
  1: 'NONE',
  2: 'CONNECT',
  4: 'PKT',
  5: 'PKT_INTEGRITY',
  6: 'PKT_PRIVACY',
};

/** A capture with its truth. */
interface Told {
  readonly capture: string;
  readonly path: string;
  readonly secrets: string | null;
  readonly truth: Truth;
}

/** Captures of a folder whose truth tells all that is in them. */
function toldIn(from: string, isWhole: (truth: Truth) => boolean): Told[] {
  const names = readdirSync(from).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
  return names.flatMap((capture) => {
    const path = join(from, capture);
    const base = path.replace(/\.pcap(ng)?(\.gz)?$/, '');
    const truth = existsSync(`${base}.json`) ? JSON.parse(readFileSync(`${base}.json`, 'utf8')) : null;
    const secrets = existsSync(`${base}.secrets.json`) ? `${base}.secrets.json` : null;
    return truth !== null && isWhole(truth) ? [{ capture, path, secrets, truth }] : [];
  });
}

function exported(told: readonly Told[], name: string, withSecrets: boolean): string {
  const out = join(folder, name);
  const secrets = told.flatMap((t) => (withSecrets && t.secrets !== null ? ['--secrets', t.secrets] : []));
  const { code, err } = clrscope(['export', ...told.map((t) => t.path), ...secrets, '-o', out, '-q', '--jobs', '1']);
  expect([code, err]).toEqual([0, '']);
  return out;
}

function ask(name: string, from: string): Row[] {
  const { code, out, err } = clrscope(['query', '--ask', name, from, '-T', 'json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

/** How often each key occurs. */
function counted<T>(all: readonly T[], key: (one: T) => readonly unknown[], n: (one: T) => number = () => 1) {
  const counts: Record<string, number> = {};
  for (const one of all) {
    const k = key(one).join(' ');
    counts[k] = (counts[k] ?? 0) + n(one);
  }
  return counts;
}

const sets = [
  { name: 'samples', from: `${ROOT}samples/truth` },
  ...(SHARED === null ? [] : [{ name: 'traffic', from: `${SHARED}captures/traffic` }]),
];

describe.skipIf(!DUCKDB).each(sets)('answers over DCOM of $name', ({ name, from }) => {
  const told = toldIn(
    from,
    (t) => t.calls !== undefined && !t.calls.some((c: Truth) => c.missing) && !t.attempts_never_served,
  );
  const calls: Truth[] = told.flatMap(({ capture, truth }) =>
    truth.calls.map((c: Truth) => ({ ...c, capture, server: truth.server.ip })),
  );
  const has = (code: unknown): boolean => typeof code === 'string' && code !== '0x00000000';
  let open = '';
  let sealed = '';
  beforeAll(() => {
    expect(calls.length).toBeGreaterThan(50);
    open = exported(told, `${name}-open`, true);
    sealed = exported(told, `${name}-sealed`, false);
  });

  test('managed-objects', () => {
    const called = calls.filter((c) => c.iid === MANAGED_OBJECT);
    const asked = calls.filter((c) => c.in?.iids?.includes(MANAGED_OBJECT) || c.in?.iid === MANAGED_OBJECT);
    const captures = new Set([...called, ...asked].map((c) => c.capture));
    expect(asked.length).toBeGreaterThan(0);
    expect(ask('managed-objects', open)).toMatchObject([
      {
        client_address: CLIENT,
        server_address: called[0].server,
        asked_for: asked.length,
        calls: called.length,
        captures: captures.size,
      },
    ]);
  });

  test('open-activations', () => {
    const below = calls.filter((c) => ACTIVATORS.includes(c.iid) && c.auth_level < 6);
    const answer = ask('open-activations', open);
    expect(
      counted(
        answer,
        (r) => [r.server_address, r.operation, r.auth_level],
        (r) => Number(r.calls),
      ),
    ).toEqual(counted(below, (c) => [c.server, c.operation, LEVELS[c.auth_level]]));
    expect(below.length).toBeGreaterThan(0);
  });

  test('below-integrity', () => {
    const below = calls.filter((c) => c.auth_level < 5);
    const answer = ask('below-integrity', open);
    expect(
      counted(
        answer,
        (r) => [r.server_address, r.auth_level],
        (r) => Number(r.calls),
      ),
    ).toEqual(counted(below, (c) => [c.server, LEVELS[c.auth_level]]));
    const levels = new Set(below.map((c) => c.iid));
    expect(new Set(answer.flatMap((r) => r.interfaces as string[])).size).toBe(
      new Set(below.map((c) => c.interface)).size,
    );
    expect(levels.size).toBeGreaterThan(3);
  });

  test('sealed, and nothing once secrets are given', () => {
    const closed = calls.filter((c) => c.auth_level === 6);
    expect(
      counted(
        ask('sealed', sealed),
        (r) => [r.capture],
        (r) => Number(r.calls),
      ),
    ).toEqual(counted(closed, (c) => [c.capture]));
    expect(closed.length).toBeGreaterThan(0);
    expect(ask('sealed', open)).toEqual([]);
  });

  test('failing-results', () => {
    const isStatus = (c: Truth): boolean => c.interface === 'IObjectExporter';
    const failing = calls.filter(
      (c) => has(c.fault) || (has(c.hresult) && (isStatus(c) || Number.parseInt(c.hresult, 16) >= 2 ** 31)),
    );
    expect(
      counted(
        ask('failing-results', open),
        (r) => [r.server_address, r.code],
        (r) => Number(r.calls),
      ),
    ).toEqual(counted(failing, (c) => [c.server, c.fault ?? c.hresult]));
    expect(failing.length).toBeGreaterThan(0);
  });

  test('slowest-operations', () => {
    const answer = ask('slowest-operations', open);
    expect(
      counted(
        answer,
        (r) => [r.operation],
        (r) => Number(r.answered),
      ),
    ).toEqual(counted(calls, (c) => [c.operation]));
    const longest = answer.map((r) => Number(r.longest));
    expect(longest).toEqual(longest.toSorted((a, b) => b - a));
  });

  test('unanswered, undecoded-interfaces and vain-connections: none', () => {
    expect(ask('unanswered', open)).toEqual([]);
    expect(ask('undecoded-interfaces', open)).toEqual([]);
    expect(ask('vain-connections', open)).toEqual([]);
  });

  test('objrefs-off-network', () => {
    // addresses for documentation, which nobody has
    const leading = calls.filter((c) => {
      const { hex = '', nrbf_source: source = '' } = c.out?.pBSTR ?? {};
      return (hex.includes(hexOf('tcp://192.0.2.2')) || source.startsWith('objref.nrbf')) && !source.includes('cut');
    });
    const answer = ask('objrefs-off-network', open);
    expect(answer).toMatchObject([
      { address: '192.0.2.2', why: 'no private address, no host of these captures', from_address: calls[0].server },
    ]);
    expect(answer[0]).toMatchObject({ times: leading.length, captures: new Set(leading.map((c) => c.capture)).size });
  });

  test('unreleased-objects', () => {
    const holding = told.filter(({ truth }) => {
      const held = new Map<string, number>();
      const given = (ipid: string, n: number) => held.set(ipid, (held.get(ipid) ?? 0) + n);
      for (const c of truth.calls) {
        for (const r of c.out?.ppQIResults ?? []) if (r.ipid && !has(r.hResult)) given(r.ipid, r.cPublicRefs);
        for (const [ipid, n] of objRefsIn(c.response_stub_hex ?? '')) given(ipid, n);
        // how many an activation gave is not told, where the stub is not
        if (c.out?.ipid && !c.response_stub_hex) given(c.out.ipid, 1);
        if (c.operation === 'RemRelease') for (const r of c.in.refs) given(r.ipid, -r.cPublicRefs);
      }
      return [...held.values()].some((n) => n > 0);
    });
    expect(new Set(ask('unreleased-objects', open).map((r) => r.capture))).toEqual(
      new Set(holding.map((t) => t.capture)),
    );
  });
});

/** Standard OBJREFs in a stub (MS-DCOM 2.2.18.4): IPIDs and references. */
function objRefsIn(stub: string): [ipid: string, references: number][] {
  const found = stub.matchAll(/4d454f5701000000.{32}.{8}(.{8}).{32}(.{8})(.{4})(.{4})(.{4})(.{12})/g);
  const turned = (hex: string): string => Buffer.from(hex, 'hex').reverse().toString('hex');
  return [...found].map(([, n, a, b, c, d, e]) => [
    [turned(a), turned(b), turned(c), d, e].join('-'),
    Buffer.from(n, 'hex').readUInt32LE(),
  ]);
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

describe.skipIf(!DUCKDB || SHARED === null)('answers over .NET remoting', () => {
  const told =
    SHARED === null
      ? []
      : toldIn(
          `${SHARED}captures/remoting`,
          (t) =>
            !t.calls.some((c: Truth) => c.missing) &&
            !t.cutRequests &&
            !t.calls.some((c: Truth) => c.source === 'caller only' && !c.exception),
        );
  const calls: Truth[] = told.flatMap(({ truth }) => truth.calls);
  let out = '';
  beforeAll(() => {
    expect(calls.length).toBeGreaterThan(100);
    out = exported(told, 'remoting', true);
  });

  test('remoted-methods', () => {
    expect(counted(ask('remoted-methods', out), (r) => [r.client_address, r.server_address, r.method])).toEqual(
      counted(calls, (c) => [c.located.client.address, c.located.server.address, c.method]),
    );
  });

  test('exceptions', () => {
    const thrown = calls.filter((c) => c.exception);
    const answer = ask('exceptions', out).filter((r) => r.told_by === 'a message');
    expect(
      counted(
        answer,
        (r) => [r.exception_type, r.server_address, r.method],
        (r) => Number(r.times),
      ),
    ).toEqual(counted(thrown, (c) => [c.exception.type, c.located.server.address, c.method]));
    expect(thrown.length).toBeGreaterThan(5);
  });

  test('types-across-hosts', () => {
    const crossed = new Set<string>();
    for (const c of calls) {
      const [client, server] = [c.located.client.address, c.located.server.address];
      for (const value of [c.args, c.context])
        for (const type of typesIn(value)) crossed.add(`${type} ${client} ${server}`);
      for (const value of [c.returnValue, c.outArgs])
        for (const type of typesIn(value)) crossed.add(`${type} ${server} ${client}`);
    }
    const answer = ask('types-across-hosts', out).map(
      (r) => `${r.type}, ${r.assembly} ${r.from_address} ${r.to_address}`,
    );
    expect(crossed.size).toBeGreaterThan(5);
    expect([...crossed].filter((type) => !answer.includes(type))).toEqual([]);
    expect(answer.filter((type) => type.startsWith('Depot.Contract.Item,') && !crossed.has(type))).toEqual([]);
  });

  test('unanswered', () => {
    expect(ask('unanswered', out)).toEqual([]);
  });
});

/** Types with their assemblies in a VALUE, the system library's left out. */
function typesIn(value: Truth): Set<string> {
  const found = new Set<string>();
  const todo = [value];
  while (todo.length > 0) {
    const one = todo.pop();
    if (typeof one !== 'object' || one === null) continue;
    if (typeof one.type === 'string' && typeof one.assembly === 'string') found.add(`${one.type}, ${one.assembly}`);
    todo.push(...Object.values(one));
  }
  return found;
}

describe.skipIf(!DUCKDB || SHARED === null)('answers over pipes', () => {
  test('undecoded-interfaces', () => {
    const told =
      SHARED === null ? [] : toldIn(`${SHARED}captures/smb`, (t) => !t.unreadable && t.operations !== undefined);
    const out = exported(told, 'pipes', true);
    const expected: Record<string, number> = {};
    for (const { truth } of told)
      for (const [key, n] of Object.entries<number>(truth.operations)) {
        const [iid] = key.split(' ');
        expected[iid] = (expected[iid] ?? 0) + n;
      }
    expect(
      counted(
        ask('undecoded-interfaces', out),
        (r) => [r.iid],
        (r) => Number(r.calls),
      ),
    ).toEqual(expected);
  });
});

describe.skipIf(!DUCKDB || SHARED === null)('answers over real networks', () => {
  test('undecoded-interfaces: those of which a call begins and ends as all of COM do, and none that faults alone hide', () => {
    const told = ['real/alter-only.pcap', 'traffic/bind-nak.pcap'].map((capture) => {
      return { capture, path: `${SHARED}captures/${capture}`, secrets: null, truth: null };
    });
    const answer = ask('undecoded-interfaces', exported(told, 'real', false));
    expect(answer.map((r) => [r.interface, Number(r.calls)])).toEqual([
      ['IOPCItemMgt', 24],
      ['IOPCDataCallback', 6],
      ['IOPCSyncIO', 6],
      [null, 1],
    ]);
  });
});
