/** A call's line where there is little room: what came of the call is what is read first. */
import { expect, test } from 'vitest';
import { callLine } from '../../src/output/calls/line.js';
import { lineWidth } from '../../src/output/line-width.js';
import { paint } from '../../src/output/terminal.js';
import { callsOf } from '../analysis/support.js';
import { ROOT } from '../cli.js';

const plain = paint(false);

test('codes of errors stay where arguments, names of errors and of interfaces give way', async () => {
  let failed = 0;
  for (const call of await callsOf(`${ROOT}samples/managed-object/capture.pcap`)) {
    const whole = callLine(call, plain, Number.POSITIVE_INFINITY);
    const [code] = /✗ (?:fault )?0x[0-9a-f]{8}/.exec(whole) ?? [];
    for (const room of [54, 70, 90]) {
      const line = callLine(call, plain, room);
      // as wide as a terminal of 80 columns leaves
      expect(lineWidth(line)).toBeLessThanOrEqual(room);
      if (lineWidth(whole) <= room) expect(line).toBe(whole);
      if (code === undefined) continue;
      failed++;
      expect(line).toContain(code);
      if (!line.includes(whole.slice(whole.indexOf(code)))) expect(line).toMatch(/\(…?\)/);
    }
  }
  expect(failed).toBeGreaterThan(5);
});

test('arguments give way to a result', async () => {
  const calls = await callsOf(`${ROOT}samples/managed-object/capture.pcap`);
  const created = calls.find(({ operation }) => operation?.name === 'RemoteCreateInstance')!;
  expect(callLine(created, plain, 56)).toMatch(/\(…\) → OXID/);
});
