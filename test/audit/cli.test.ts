/** The command: formats, exit codes, baselines. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { failsOn, RULES, readBaseline, reportOf, ruleOf } from '../../src/analysis/audit/index.js';
import { auditToJson } from '../../src/output/audit/json.js';
import { auditText, ruleList, ruleText } from '../../src/output/audit/text.js';
import { clrscope, ROOT } from '../cli.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { auditOf, graph, Network, object } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PLAIN = { color: false, width: 100 };
const built = existsSync(`${ROOT}dist/bundle/cli/main.js`);

describe('rules', () => {
  test('ids are unique, in order, and of the shape that baselines and dashboards keep', () => {
    const ids = RULES.map((r) => r.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const rule of RULES) {
      expect(rule.id).toMatch(/^(IOI|DCOM|REM|RPC)-0\d\d$/);
      for (const text of [rule.title, rule.shows, rule.why, rule.fix]) expect(text.length).toBeGreaterThan(15);
      for (const cwe of rule.cwe) expect(cwe).toMatch(/^CWE-\d+$/);
      for (const attack of rule.attack) expect(attack).toMatch(/^T\d{4}(\.\d{3})?$/);
      expect(rule.call ?? rule.pdu).toBeDefined();
    }
    expect(ruleOf('ioi-001')?.id).toBe('IOI-001');
    expect(ruleOf('nothing')).toBeUndefined();
  });

  test('are listed and explained', () => {
    expect(ruleList(RULES, PLAIN).trimEnd().split('\n')).toHaveLength(RULES.length);
    const text = ruleText(ruleOf('DCOM-001')!, PLAIN);
    for (const word of ['shows', 'why', 'do', 'see', 'CVE-2021-26414']) expect(text).toContain(word);
  });
});

describe('baselines', () => {
  test('a report, a list of findings, a list of fingerprints; nothing else', () => {
    const known = (text: string): unknown => [...readBaseline(JSON.parse(text))];
    expect(known('{"findings":[{"fingerprint":"a","severity":"low"}],"known":[{"fingerprint":"b"}]}')).toEqual([
      ['a', 'low'],
      ['b', null],
    ]);
    expect(known('[{"fingerprint":"a","covers":[{"fingerprint":"c"}]},"b"]')).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
    ]);
    for (const wrong of ['{}', '[1]', '[{"rule":"x"}]', 'null'])
      expect(() => readBaseline(JSON.parse(wrong))).toThrow(Error);
  });

  test('known findings are kept apart and fail nothing', () => {
    const net = new Network();
    net
      .connect()
      .bind('c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4')
      .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: object('A') }) });
    const result = net.result();
    const first = reportOf(result, null, '1');
    expect(failsOn(first, 'high')).toBe(true);
    expect(failsOn(first, 'critical')).toBe(false);
    const again = reportOf(result, readBaseline(JSON.parse(JSON.stringify(auditToJson(first)))), '1');
    expect(again.fresh).toEqual([]);
    expect(failsOn(again, 'info')).toBe(false);
    expect(auditText(again, PLAIN)).toContain(`Known already: ${result.findings.length} findings`);
  });
});

describe('report', () => {
  test('worst first, a finding a paragraph, inventory at the end', async () => {
    const text = auditText(reportOf(await auditOf(`${TRAFFIC}/clear-ndr.pcap`), null, '1'), PLAIN);
    expect(text.split('\n')[0]).toBe(
      'clear-ndr.pcap, 16 calls: 10 findings: 1 critical, 4 high, 1 medium, 2 low, 2 info',
    );
    const order = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFO', 'What the captures expose'].map((w) => text.indexOf(w));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(text).toContain('10.20.0.10 → 10.20.0.20:49664, frame 30');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('the inventory has what the truth file says', async () => {
    const { inventory } = await auditOf(`${TRAFFIC}/clear-ndr.pcap`);
    const truth = JSON.stringify(JSON.parse(readFileSync(`${TRAFFIC}/clear-ndr.json`, 'utf8')));
    const [clsid] = inventory.classes.keys();
    expect(truth).toContain(`"clsid":"${clsid}"`);
    expect([...inventory.servers.keys()]).toEqual(['10.20.0.20']);
    expect([...inventory.servers.get('10.20.0.20')!.processIds]).toEqual(['4242']);
    expect([...inventory.servers.get('10.20.0.20')!.comVersions]).toEqual(['5.7']);
    expect([...inventory.types.values()].map((t) => [t.name, t.assembly, [...t.kinds]])).toEqual([
      ['Svc', 'v', ['exposed', 'called']],
      ['Address', 'v', ['sent']],
    ]);
    expect([...inventory.uris.keys()]).toContain('svc.rem');
  });

  test.skipIf(!isHere('ntlmv1-privacy.pcap'))('accounts and their mechanisms', async () => {
    const { inventory } = await auditOf(`${TRAFFIC}/ntlmv1-privacy.pcap`);
    const [[user, account]] = inventory.accounts;
    expect(user).toBe('LAB\\ioi');
    expect([...account.mechanisms].join()).toContain('NTLMv1');
    expect([...account.levels]).toContain('PKT_PRIVACY');
  });
});

describe.skipIf(!built)('clrscope audit', () => {
  const file = `${TRAFFIC}/clear-ndr.pcap`;

  test('exit codes', () => {
    expect(clrscope(['audit', file]).code).toBe(0);
    expect(clrscope(['audit', '--fail-on', 'critical', file]).code).toBe(1);
    expect(clrscope(['audit', '--fail-on', 'critical', '--rule', 'IOI-001', file]).code).toBe(0);
    for (const wrong of [
      ['--fail-on', 'bad'],
      ['--rule', 'X-1'],
      ['-T', 'xml'],
      ['--baseline', '/nowhere'],
    ])
      expect(clrscope(['audit', ...wrong, file]).code).toBe(2);
    expect(clrscope(['audit']).code).toBe(2);
    expect(clrscope(['audit', '--list-rules']).code).toBe(0);
    expect(clrscope(['audit', '--explain', 'RPC-004']).out).toContain('RPC-004');
  });

  test('a baseline made by -T json -o makes the next run pass', () => {
    const baseline = join(folder, 'known.json');
    expect(clrscope(['audit', '-T', 'json', '-o', baseline, file]).out).toBe('');
    const again = clrscope(['audit', '--baseline', baseline, '--fail-on', 'info', file]);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/^.*: no new findings\n/);
    writeFileSync(baseline, '[]');
    expect(clrscope(['audit', '--baseline', baseline, '--fail-on', 'info', file]).code).toBe(1);
  });
});
