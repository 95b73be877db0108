/** One finding for one cause and server, however many clients, frames and captures show it; and old baselines. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { failsOn, RULES, readBaseline, reportOf } from '../../src/analysis/audit/index.js';
import type { Rule } from '../../src/analysis/audit/rule.js';
import { FIRST, NumberTally, Tally } from '../../src/analysis/audit/tally.js';
import { auditToJson } from '../../src/output/audit/json.js';
import { auditToSarif } from '../../src/output/audit/sarif.js';
import { auditText } from '../../src/output/audit/text.js';
import { ROOT } from '../cli.js';
import { CASES } from './cases.js';
import { ADDRESS, both, buffer, call, DELEGATE, IMANAGED, message, objRef, type Play } from './plays.js';
import { auditOf, bstr, graph, Network, object, SERVER } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PLAIN = { color: false, width: 200 };
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

/** The same play by so many clients. */
function played(play: Play, clients: number, rules: readonly Rule[] = RULES): Network {
  const net = new Network({}, rules);
  for (let i = 0; i < clients; i++) {
    net.client = `10.7.${i >> 8}.${i & 255}`;
    play(net);
  }
  return net;
}

/** A classic pcap of Ethernet and IPv4 again and again, each time with another address in the place of `client`. */
function multiplied(path: string, client: string, copies: number): string {
  const from = readFileSync(path);
  const parts: Buffer[] = [from.subarray(0, 24)];
  const wanted = Buffer.from(client.split('.').map(Number));
  for (let n = 0; n < copies; n++)
    for (let at = 24; at < from.length; ) {
      const length = from.readUInt32LE(at + 8);
      const packet = Buffer.from(from.subarray(at, at + 16 + length));
      for (const field of [16 + 26, 16 + 30])
        if (packet.subarray(field, field + 4).equals(wanted)) packet.set([10, 66, n >> 8, n & 255], field);
      parts.push(packet);
      at += 16 + length;
    }
  const to = join(folder, `times-${copies}.pcap`);
  writeFileSync(to, Buffer.concat(parts));
  return to;
}

describe('clients are folded', () => {
  test.each(CASES.map(([rule, fires], i) => [`${rule} (${i + 1})`, rule, fires] as const))(
    '%s',
    (_name, rule, fires) => {
      const one = played(fires, 1).of(rule);
      const many = played(fires, 40).of(rule);
      expect(many.map((f) => [f.key, f.fingerprint])).toEqual(one.map((f) => [f.key, f.fingerprint]));
      // plays that name their clients themselves have as many as before
      for (const [i, f] of many.entries()) {
        expect(f.count).toBeGreaterThanOrEqual(one[i].count);
        if (one[i].client === '10.7.0.0') expect(f.clients.count).toBeGreaterThanOrEqual(40);
      }
    },
  );

  test('a capture with 57 clients has the findings of one with a single client', async () => {
    const one = await auditOf(SAMPLE);
    const many = await auditOf(multiplied(SAMPLE, '10.20.0.10', 57));
    const told = (f: (typeof one.findings)[number]): unknown => [
      f.rule.id,
      f.severity,
      f.key,
      f.fingerprint,
      f.evidence,
    ];
    expect(many.findings.map(told)).toEqual(one.findings.map(told));
    expect(one.findings.map((f) => f.clients.count)).toEqual(one.findings.map(() => 1));
    expect(many.findings.map((f) => f.clients.count)).toEqual(one.findings.map(() => 57));
    expect(many.findings.map((f) => f.count)).toEqual(one.findings.map((f) => f.count * 57));
    expect(new Set(many.findings.map((f) => `${f.rule.id} ${f.server}`)).size).toBe(many.findings.length);

    const report = reportOf(many, null, '1');
    const [json] = auditToJson(report).findings;
    expect(json.clients).toHaveLength(57);
    expect(json.clients).toContain('10.66.0.56');
    expect(json).toMatchObject({ clientCount: 57, peers: { client: '10.66.0.0', server: '10.20.0.20' } });
    const text = auditText(report, PLAIN);
    expect(text).toContain('57 clients (10.66.0.0, 10.66.0.1, 10.66.0.2 and 54 more) → 10.20.0.20:');
    const [run] = auditToSarif(report).runs as { results: { locations: object[]; partialFingerprints: object }[] }[];
    expect(run.results).toHaveLength(one.findings.length);
    expect(run.results[0].partialFingerprints).toEqual({ 'clrscopeFinding/v2': one.findings[0].fingerprint });
  });

  test('frames and captures are counted, and the first of them kept', () => {
    const net = new Network({}, [RULES[1]]);
    for (let n = 0; n < 30; n++) {
      net.begin(`c${n}.pcap`);
      for (let i = 0; i < 40; i++) buffer(graph({ root: ADDRESS }))(net);
    }
    const result = net.result();
    const [f] = result.findings;
    expect([f.captureCount, f.places.length, f.count]).toEqual([30, 24, 1200]);
    expect([f.places[0].frames.length, f.places[0].frameCount]).toEqual([24, 40]);
    const text = auditText(reportOf(result, null, '1'), PLAIN);
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(
      /c0\.pcap frames [\d, ]+ and 32 more; c1\.pcap .* and 27 captures more/,
    );
  });

  test('a tally that has no room says so', () => {
    const room = { left: FIRST + 1 };
    const tally = new Tally(room, 10);
    for (const text of ['1', '2', '2', '1', '3', '4', '5']) tally.add(text);
    expect([tally.count, tally.exact]).toEqual([5, true]);
    tally.add('6');
    expect([tally.count, tally.exact, tally.first(2)]).toEqual([5, false, ['1', '2']]);
    // where others took the room, the first are kept
    const late = new Tally(room, 10);
    for (const text of ['1', '2', '3', '4', '5']) late.add(text);
    expect([late.first(10), late.exact]).toEqual([['1', '2', '3', '4'], false]);
    const frames = new NumberTally(room, 10);
    expect([100, 200, 300, 400, 500].map((n) => frames.add(n))).toEqual([true, true, true, true, false]);
    expect([frames.add(401), frames.count, frames.cost, frames.exact]).toEqual([true, 5, FIRST, false]);
    const small = new Tally({ left: 100 }, 1);
    for (const text of ['a', 'a']) small.add(text);
    expect(small.exact).toBe(true);
    small.add('b');
    expect([small.count, small.exact]).toEqual([1, false]);
  });

  test('a tally of numbers tells neighbours apart, wherever they lie and in any order', () => {
    const [tally, known] = [new NumberTally({ left: 1000 }, 1000), new Set<number>()];
    for (const n of [31, 0, 63, 32, 31, 33, 64, 0, 2 ** 31, 2 ** 31 - 1, 2 ** 32 + 5, 5, 63, 1000, 2 ** 31, 30]) {
      expect([n, tally.add(n)]).toEqual([n, !known.has(n)]);
      known.add(n);
      expect(tally.count).toBe(known.size);
    }
    expect(tally.exact).toBe(true);
  });

  test('tallies tell apart what is few and what is many, in any order', () => {
    const texts = new Tally({ left: 100 }, 30);
    const numbers = new NumberTally({ left: 3 }, 30);
    // 20 of them, each thrice
    for (let i = 0; i < 60; i++)
      expect([i, texts.add(`${(i * 7) % 20}`), numbers.add((i * 7) % 20)]).toEqual([i, i < 20, i < 20]);
    expect([texts.count, texts.exact, texts.first(4)]).toEqual([20, true, ['0', '7', '14', '1']]);
    expect([numbers.count, numbers.exact]).toEqual([20, true]);
    for (let i = 0; i < 30; i++) numbers.add(1000 - i);
    expect([numbers.count, numbers.exact]).toEqual([30, false]);
  });

  test('attack: hundreds of thousands of clients stay within bounds, and the report says at least', {
    timeout: 60_000,
  }, () => {
    const rule: Rule = {
      ...RULES[0],
      prefilter: undefined,
      call: ({ client }, report) => report({ key: 'x', evidence: client.address }),
    };
    const net = new Network({}, [rule]);
    const talk = net.connect().bind(IMANAGED);
    const ends = talk.connection.ends as unknown as { address: string }[];
    for (let i = 0; i < 4200; i++) {
      ends[0].address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}-${'x'.repeat(4000)}`;
      talk.call('IManagedObject.GetObjectIdentity', {}, null);
      talk.response(new Uint8Array(0));
    }
    const result = net.result();
    const [f] = result.findings;
    expect(f.clients.exact).toBe(false);
    expect(f.clients.count).toBeLessThan(2000);
    expect(auditText(reportOf(result, null, '1'), PLAIN)).toContain(`at least ${f.clients.count} clients`);
  });
});

describe('one cause, one finding', () => {
  test('the most telling evidence stands and names the others', () => {
    const net = new Network();
    message(bstr(Uint8Array.of(1, 2, 3)))(net);
    message(graph({ root: ADDRESS }))(net);
    message(call('Svc', ADDRESS))(net);
    const [f, ...more] = net.of('IOI-001');
    expect(more).toEqual([]);
    expect(f.evidence).toContain('carries the call Svc.Do');
    expect(f.count).toBe(3);
    const twice = new Network();
    message(call('Svc', ADDRESS))(twice);
    twice
      .connect()
      .bind('6619a740-8154-43be-a186-0319578e02db')
      .call('IRemoteDispatch.RemoteDispatchNotAutoDone', { s: graph({ root: ADDRESS }) }, { pRetVal: null });
    const report = reportOf(twice.result(), null, '1');
    expect(report.fresh.filter((g) => g.rule.id === 'IOI-001')).toHaveLength(1);
    expect(auditText(report, PLAIN)).toMatch(/also +IRemoteDispatch.RemoteDispatchNotAutoDone carries an object graph/);
  });

  test('a finding of another rule with the same cause is named by the one that stands', () => {
    const holder = message(call('Svc', DELEGATE, object('System.Collections.Generic.ComparisonComparer`1')));
    const net = played(holder, 3);
    const result = net.result();
    expect(result.findings.filter((f) => f.rule.id === 'IOI-004')).toEqual([]);
    const report = reportOf(result, null, '1');
    const [stands] = auditToJson(report).findings.filter((f) => f.rule === 'IOI-003');
    expect(stands.covers).toMatchObject([
      { rule: 'IOI-004', key: 'System.DelegateSerializationHolder', clientCount: 3 },
    ]);
    expect(auditText(report, PLAIN)).toContain('also    IOI-004, ');
    // alone it is told
    expect(played(message(call('Svc', DELEGATE)), 1).of('IOI-004')).toHaveLength(1);
  });

  test('secrets in the clear stand for what else is readable', () => {
    const secret = message(call('Svc', object('Login', { Password: 'hunter2' })));
    const net = played(both(message(call('Svc', ADDRESS)), secret), 2);
    const [f, ...more] = net.of('DCOM-002');
    expect(more).toEqual([]);
    expect(f.evidence).toContain('Password = ');
    expect(f.covered.map((c) => [c.rule.id, c.key])).toEqual([['DCOM-002', 'readable']]);
  });

  test('clients that bring a channel of their own are one cause; a channel elsewhere is another', () => {
    const net = new Network();
    for (let i = 1; i <= 30; i++) {
      net.client = `10.7.0.${i}`;
      message(call('Svc', objRef([`tcp://10.7.0.${i}:90${i}/`])))(net);
    }
    message(call('Svc', objRef(['tcp://192.0.2.9:1/'])))(net);
    const found = net.of('IOI-005');
    expect(found.map((f) => [f.key, f.clients.count])).toEqual([
      ['of clients tcp', 30],
      ['tcp://192.0.2.9:1/', 1],
    ]);
    expect(found[0].evidenceTopics.count).toBe(30);
  });

  test('a finding is as sure as its surest sight, and as bad as its worst', () => {
    const sights = ['inferred', 'clear', 'inferred'] as const;
    for (const order of [
      sights,
      [...sights].reverse(),
      ['clear', 'inferred'] as const,
      ['inferred', 'decrypted'] as const,
    ]) {
      const left = [...order];
      const rule: Rule = {
        ...RULES[0],
        prefilter: undefined,
        call(_, report) {
          const confidence = left.shift();
          const severity = confidence === 'inferred' ? 'low' : 'high';
          report({ key: 'x', evidence: `e${left.length}`, confidence, severity });
        },
      };
      const net = new Network({}, [rule]);
      for (let i = 0; i < order.length; i++) buffer(graph({ root: ADDRESS }))(net);
      const [f] = net.findings();
      expect([f.confidence, f.severity]).toEqual([order.find((c) => c !== 'inferred'), 'high']);
    }
    const guess: Rule = {
      ...RULES[0],
      prefilter: undefined,
      call: (_, report) => report({ key: 'x', evidence: 'e', confidence: 'inferred' }),
    };
    const net = new Network({}, [guess]);
    buffer(graph({ root: ADDRESS }))(net);
    expect(net.findings()[0].confidence).toBe('inferred');
  });
});

/** What clrscope 0.1.0 wrote for the sample, when each client and detail made a finding of its own. */
const OLD = [
  ['e07856326098b0fd2d5fdf069ea33d4a', 'critical'],
  ['d7233660c4f1e6cd7b401eedbfbff527', 'high'],
  ['fe3974b1eeb462f5be099ae213be8bed', 'high'],
  ['f2c7216c790670398bb260511d919a50', 'high'],
  ['8c9041f4cddcf3d1dc444db23c154a7b', 'high'],
  ['1e5b160e9f146076a557eb5f2072f4a1', 'high'],
  ['810ff901b8e8f37d5048f9623787951f', 'high'],
  ['2d6292d5bc7f898f6f47b5f2c1677471', 'medium'],
  ['d0e37b40ab5bac6b6783f4f814d82eb1', 'low'],
  ['b02199d8dc74b6c5c8e23d2d57d91fe5', 'low'],
  ['7a1b7b172809533aa4ec460b71a92b2e', 'low'],
  ['280d69a28d592273970a75cad4635576', 'low'],
  ['6b911b54c3c8b6f64536358058ea5686', 'info'],
  ['43a4d858c41bb97423571ffa30d580e8', 'info'],
] as const;

describe('baselines of before findings were folded', () => {
  const baselineOf = (text: string): ReturnType<typeof readBaseline> => readBaseline(JSON.parse(text));
  const old = (items: readonly (readonly [string, string])[]): string =>
    JSON.stringify({ findings: items.map(([fingerprint, severity]) => ({ fingerprint, severity })) });

  test('still know what they knew', async () => {
    const result = await auditOf(SAMPLE);
    const report = reportOf(result, baselineOf(old(OLD)), '1');
    expect(report.fresh.map((f) => f.rule.id)).toEqual([]);
    expect(report.absent).toEqual([]);
    const list = reportOf(result, baselineOf(JSON.stringify(OLD.map(([fingerprint]) => fingerprint))), '1');
    expect(list.fresh).toEqual([]);
  });

  test('and nothing else', async () => {
    const result = await auditOf(SAMPLE);
    const report = reportOf(result, baselineOf(old(OLD.filter(([, severity]) => severity !== 'critical'))), '1');
    expect(report.fresh.map((f) => f.rule.id)).toEqual(['IOI-005']);
    expect(reportOf(result, baselineOf('["0123"]'), '1')).toMatchObject({ known: [], absent: ['0123'] });
  });

  test('new ones know a finding whoever calls the server, until it becomes worse', async () => {
    const baseline = baselineOf(JSON.stringify(auditToJson(reportOf(await auditOf(SAMPLE), null, '1'))));
    const many = reportOf(await auditOf(multiplied(SAMPLE, '10.20.0.10', 5)), baseline, '1');
    expect([many.fresh, many.absent]).toEqual([[], []]);
    expect(failsOn(many, 'info')).toBe(false);
    const milder = new Map([...baseline].map(([fingerprint]) => [fingerprint, 'low'] as const));
    const worse = reportOf(await auditOf(SAMPLE), milder, '1');
    expect(worse.known.every((f) => f.severity === 'low' || f.severity === 'info')).toBe(true);
    expect(worse.fresh.map((f) => f.severity)).toContain('critical');
    expect(failsOn(worse, 'critical')).toBe(true);
  });

  test('what a finding stands for is known with it', () => {
    const secret = message(call('Svc', object('Login', { Password: 'hunter2' })));
    const first = played(both(message(call('Svc', ADDRESS)), secret), 1).result();
    const baseline = baselineOf(JSON.stringify(auditToJson(reportOf(first, null, '1'))));
    const later = reportOf(played(message(call('Svc', ADDRESS)), 1).result(), baseline, '1');
    expect(later.fresh).toEqual([]);
    expect(later.known.some((f) => f.rule.id === 'DCOM-002' && f.server === SERVER)).toBe(true);
  });
});
