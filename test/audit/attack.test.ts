/** Attack: whatever is in the traffic, no rule throws, and no report breaks. CLRSCOPE_THOROUGH=1 tries far more. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RULES, reportOf } from '../../src/analysis/audit/index.js';
import type { TransportPdu } from '../../src/core/context.js';
import { auditHtml } from '../../src/output/audit/html.js';
import { auditToJson } from '../../src/output/audit/json.js';
import { auditToSarif } from '../../src/output/audit/sarif.js';
import { auditText } from '../../src/output/audit/text.js';
import { callsOf } from '../analysis/support.js';
import { isHere, REAL, TRAFFIC } from '../traffic.js';
import { auditOf } from './support.js';

const ROUNDS = process.env.CLRSCOPE_THOROUGH === '1' ? 2000 : 25;

/** Always the same numbers. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Flips, zeroes and cuts a few PDUs, headers spared. */
function damage(seed: number): (pdu: TransportPdu) => TransportPdu {
  const next = random(seed);
  return (pdu) => {
    if (pdu.bytes.length < 40 || next(3) > 0) return pdu;
    const bytes = pdu.bytes.slice();
    for (let i = next(4); i >= 0; i--) bytes[16 + next(bytes.length - 16)] = [0, 1, 0xff, next(256)][next(4)];
    return next(10) === 0 ? { ...pdu, bytes: bytes.subarray(0, 16 + next(bytes.length - 16)) } : { ...pdu, bytes };
  };
}

describe('attack', () => {
  const files = ['clear-ndr', 'activation', 'dispatch', 'odd-bstr', 'ntlm-integrity-vt', 'clear-ndr64']
    .filter((name) => isHere(`${name}.pcap`))
    .map((name) => `${TRAFFIC}/${name}.pcap`);
  const probes = `${REAL}/clr-client-probes.pcap`;
  test.each(existsSync(probes) ? [...files, probes] : files)('%s, damaged', { timeout: 600_000 }, async (file) => {
    const fired = new Set<string>();
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const report = reportOf(await auditOf(file, true, damage(seed)), new Map(), '1');
      for (const { rule } of report.fresh) fired.add(rule.id);
      auditText(report, { color: true, width: 80 });
      JSON.stringify(auditToJson(report));
      JSON.stringify(auditToSarif(report));
      expect(auditHtml(report)).toContain('</html>');
    }
    expect(fired.size).toBeGreaterThan(4);
    expect(fired.size).toBeLessThan(RULES.length);
  });

  test.skipIf(!isHere('ntlm-privacy-vt.pcap'))(
    'verification trailers are found behind sealed and fragmented stubs',
    async () => {
      const calls = await callsOf(`${TRAFFIC}/ntlm-privacy-vt.pcap`);
      const trailers = calls.map((c) => c.request?.trailer ?? null);
      const found = trailers.filter((t) => t !== null);
      expect(found.length).toBeGreaterThan(5);
      for (const [i, t] of trailers.entries()) if (t?.iid != null) expect(t.iid).toBe(calls[i].iid);
      expect(found.some((t) => t.iid !== null && t.header !== null)).toBe(true);
    },
  );
});
