/** Statistics: counts, response times, bounds. */
import { describe, expect, it } from 'vitest';
import { Durations } from '../../src/analysis/stats/durations.js';
import { Stats } from '../../src/analysis/stats/stats.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { statsText } from '../../src/output/stats/text.js';
import { made } from './support.js';

describe('response times', () => {
  it('are exact while they are few', () => {
    const d = new Durations();
    for (let i = 100; i > 0; i--) d.add(i);
    expect([d.min, d.median(), d.quantile(0.95), d.max]).toEqual([1, 50.5, 95, 100]);
  });

  it('are the nearest rank: never below the share that is asked for', () => {
    const d = new Durations();
    for (const seconds of [3, 1, 2, 7, 5]) d.add(seconds);
    // a fifth each: 0.5 of five are two and a half, so that it takes the third
    expect([0, 0.2, 0.21, 0.5, 0.6, 0.61, 0.95].map((q) => d.quantile(q))).toEqual([1, 1, 2, 3, 3, 5, 7]);
    expect(d.median()).toBe(3);
  });

  it('stay within 2 % when they are many', () => {
    const d = new Durations();
    for (let i = 1; i <= 100_000; i++) d.add(i / 1e6);
    for (const q of [0.01, 0.5, 0.95, 0.999]) expect(Math.abs(d.quantile(q)! / (q / 10) - 1)).toBeLessThan(0.02);
    expect([d.min, d.max]).toEqual([1e-6, 0.1]);
    expect(d.histogram(d.min, d.max, 12).reduce((a, b) => a + b)).toBe(100_000);
  });

  it('are nothing without calls, and zero for answers in the same microsecond', () => {
    const d = new Durations();
    expect([d.median(), d.quantile(0.5)]).toEqual([null, null]);
    d.add(0);
    expect(d.quantile(0.5)).toBe(0);
    expect(d.histogram(0, 0, 3)).toEqual([1, 0, 0]);
  });
});

describe('tables', () => {
  const stats = new Stats();
  stats.add(made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', frame: 1 }));
  stats.add(made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', frame: 3, result: 0x80004002 }));
  stats.add(made({ iface: 'IManagedObject', operation: 'GetSerializedBuffer', frame: 5, fault: 0x6be }));
  stats.add(made({ iface: 'IObjectExporter', operation: 'SimplePing', frame: 7, result: 0x778 }));
  stats.add(made({ iface: 'IManagedObject', operation: 'GetSerializedBuffer', frame: 9, answer: null }));
  const report = stats.report(['a.pcap']);

  it('count failures, faults among them, and silence', () => {
    expect(report.interfaces[0]).toMatchObject({
      interface: 'IManagedObject',
      calls: 4,
      failed: 2,
      faults: 1,
      unanswered: 1,
      times: { count: 3, min: 1, median: 1, p95: 1, max: 1 },
    });
    expect(report.interfaces[1]).toMatchObject({ interface: 'IObjectExporter', failed: 1 });
    expect(report.operations).toHaveLength(3);
    expect(report.faults).toEqual([{ status: '0x000006be', name: 'RPC_S_CALL_FAILED', count: 1 }]);
    expect(report.hresults.map((h) => h.name)).toEqual(['E_NOINTERFACE', 'OR_INVALID_SET']);
  });

  it('print', () => {
    const text = statsText(report, false);
    expect(text).toContain('IManagedObject.GetObjectIdentity');
    expect(text).toContain('E_NOINTERFACE');
    expect(text.split('\n').every((line) => line === line.trimEnd())).toBe(true);
  });

  it('leave out columns that a narrow terminal has no room for', () => {
    const text = statsText(report, false, 60);
    expect(text).toContain('failed');
    expect(text).not.toContain('bytes in');
  });

  it('print a row on several lines where a narrow terminal has no room for what tells rows apart', () => {
    const between = new Stats();
    const client = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1';
    const server = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:2';
    between.add(made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', client, server }));
    const lines = statsText(between.report(['a.pcap']), false, 80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const at = lines.findIndex((line) => line.startsWith(`  ${client}`));
    expect(lines[at - 2]).toBe('  client');
    expect(lines[at - 1]).toMatch(/^ {6}server +authentication +calls/);
    const count = lines[at - 1].indexOf('calls') + 'calls'.length;
    expect(lines[at + 1].slice(0, count)).toMatch(/^ {6}\[2001:db8:aaaa:bbbb:cccc:dddd:eeee:2\]:49664 .* 1$/);
  });

  it('have a bound', () => {
    const many = new Stats();
    for (let i = 0; i < DEFAULT_LIMITS.statsRows + 10; i++)
      many.add(
        made({
          iface: 'IManagedObject',
          operation: 'GetObjectIdentity',
          client: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
        }),
      );
    const { conversations, calls, warnings } = many.report([]);
    expect(conversations).toHaveLength(DEFAULT_LIMITS.statsRows);
    expect(calls).toBe(DEFAULT_LIMITS.statsRows + 10);
    expect(warnings).toEqual([{ code: 'limit', message: expect.stringContaining('10 times') }]);
  });
});
