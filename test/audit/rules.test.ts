/** Every rule with hand-made traffic that triggers it, and with its nearest neighbour that does not. */
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/analysis/audit/index.js';
import { CASES } from './cases.js';
import { lookup, refused } from './plays.js';
import { Network } from './support.js';

describe('every rule fires on what it is for, and not on its neighbour', () => {
  test.each(CASES.map(([rule, fires, silent], i) => [`${rule} (${i + 1})`, rule, fires, silent] as const))(
    '%s',
    (_name, rule, fires, silent) => {
      const loud = new Network();
      fires(loud);
      expect(loud.of(rule).length).toBeGreaterThan(0);
      const quiet = new Network();
      silent(quiet);
      expect(quiet.of(rule).map((f) => f.evidence)).toEqual([]);
    },
  );

  test('DCOM-001: a refusal is another cause than what is taken, and says how it was refused', () => {
    const net = new Network();
    refused({ fault: 5 }, 2)(net);
    refused({ fault: 0x8001011b })(net);
    refused({ fault: 0x8009030c })(net);
    refused({ result: 0x80070569 })(net);
    refused({ result: 0x80070005 })(net);
    refused({ result: 0 })(net);
    const [taken, denied, ...more] = net.of('DCOM-001');
    expect(more).toEqual([]);
    expect([taken.severity, taken.key, taken.count]).toEqual(['high', 'taken', 1]);
    expect([denied.severity, denied.key, denied.count]).toEqual(['medium', 'refused', 5]);
    expect(denied.evidence).toBe(
      'IManagedObject.GetObjectIdentity at level CONNECT, refused by the server (fault 0x00000005 ERROR_ACCESS_DENIED)',
    );
    expect(taken.evidence).not.toContain('refused');
  });

  test('RPC-007: what a client was told grows, and the one that was told most stands', () => {
    const net = new Network();
    for (const [client, times] of [
      ['10.7.0.1', 2],
      ['10.7.0.2', 5],
    ] as const) {
      net.client = client;
      lookup(10, { times })(net);
    }
    const [f, ...more] = net.of('RPC-007');
    expect(more).toEqual([]);
    expect(f.evidences.map((e) => e.text)).toEqual([
      'ept_lookup told 10.7.0.2 50 endpoints in 5 calls',
      'ept_lookup told 10.7.0.1 20 endpoints in 2 calls',
    ]);
    expect(f.severity).toBe('low');
  });

  test('rules that are not here are triggered by captures, in table.test.ts', () => {
    const here = new Set(CASES.map(([rule]) => rule));
    const elsewhere = RULES.map((r) => r.id).filter((id) => !here.has(id));
    expect(elsewhere).toEqual([
      'IOI-008',
      'DCOM-003',
      'DCOM-004',
      'DCOM-010',
      'DCOM-012',
      'DCOM-013',
      'RPC-004',
      'RPC-006',
    ]);
  });
});
