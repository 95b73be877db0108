import { describe, expect, test } from 'vitest';
import { objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { attemptText, Refusals } from '../../src/analysis/refusals.js';
import { objectsText } from '../../src/output/objects-text.js';
import { CLIENT, Network, SERVER } from '../audit/support.js';

describe('what was asked for in vain', () => {
  test('is told by the audit, one finding for each cause', () => {
    const net = new Network();
    net.connect().bind('c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4', { refused: true });
    net.connect().bind('c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4', { refused: true });
    net.attempt().attempt();
    const found = net.of('RPC-008');
    expect(found.map((f) => [f.count, f.evidence]).sort()).toEqual([
      [2, `${SERVER}:49664 was tried in vain: 3 SYNs, no answer`],
      [2, 'bind of IManagedObject 0.0 refused: abstract syntax not supported'],
    ]);
    expect(found.every((f) => f.severity === 'info' && f.client === CLIENT && f.server === SERVER)).toBe(true);
  });

  test('stands below the objects of a capture', () => {
    const refusals = new Refusals();
    const attempt = {
      client: { address: CLIENT, port: 5000 },
      server: { address: 'fe80::1', port: 49664 },
      syns: 1,
      outcome: 'reset',
      frames: [16, 17],
      time: { sec: 0, nsec: 0 },
    } as const;
    refusals.attempts.push(attempt);
    const report = objectsReport(new ObjectTable(), 'x.pcap', refusals);
    expect(report.unreached).toEqual([attempt]);
    expect(attemptText(attempt)).toBe('[fe80::1]:49664 was tried in vain: 1 SYN, reset');
    expect([...objectsText(report, false)].join('')).toContain(
      `${CLIENT}: [fe80::1]:49664 was tried in vain: 1 SYN, reset  in 16, 17`,
    );
  });
});
