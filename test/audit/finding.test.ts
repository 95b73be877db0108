/** What is kept of sights: bounds, and what stands for what. */
import { describe, expect, test } from 'vitest';
import { FindingList, KEPT, type Sight } from '../../src/analysis/audit/finding.js';
import type { Found } from '../../src/analysis/audit/found.js';
import { RULES, type Rule } from '../../src/analysis/audit/index.js';

/** What a rule found, and where. */
type One = Found & Sight & { readonly rule: Rule };

const sight = (more: Partial<One> & { at?: number }): One => ({
  rule: RULES[0],
  key: 'x',
  evidence: 'e',
  confidence: 'clear',
  capture: 'a.pcap',
  frames: [1],
  time: { sec: more.at ?? 0, nsec: 0 },
  client: '10.0.0.1',
  server: '10.0.0.2',
  serverPort: 135,
  operation: null,
  communityId: '1:',
  ...more,
});

function findingsOf(sights: readonly One[]) {
  const list = new FindingList(100);
  for (const one of sights) list.add(one.rule, one, one);
  return list.sorted();
}

describe('a finding', () => {
  test('is as old as its earliest sight and as new as its latest, in whatever order captures came', () => {
    for (const times of [
      [5, 1, 9],
      [1, 5, 9],
      [9, 5, 1],
    ])
      expect(findingsOf(times.map((at) => sight({ at })))).toMatchObject([{ first: { sec: 1 }, last: { sec: 9 } }]);
  });

  test('lists frames of its first captures, each its own, and counts the others', () => {
    const captures = Array.from({ length: KEPT.captures + 2 }, (_, i) => `${i}.pcap`);
    const [found] = findingsOf(captures.map((capture, i) => sight({ capture, frames: [i + 1] })));
    expect(found.captureCount).toBe(captures.length);
    expect(found.places.map(({ capture, frames, frameCount }) => [capture, frames, frameCount])).toEqual(
      captures.slice(0, KEPT.captures).map((capture, i) => [capture, [i + 1], 1]),
    );
  });

  test('stands for another of the same cause, but not for a worse one', () => {
    const covers = { rule: RULES[1].id, key: 'y' };
    const of = (severity: 'critical' | 'high' | 'medium') =>
      findingsOf([sight({ covers, severity: 'high' }), sight({ rule: RULES[1], key: 'y', severity })]).map(
        (f) => `${f.rule.id} ${f.covered.length}`,
      );
    expect(of('medium')).toEqual([`${RULES[0].id} 1`]);
    expect(of('high')).toEqual([`${RULES[0].id} 1`]);
    expect(of('critical')).toEqual([`${RULES[1].id} 0`, `${RULES[0].id} 0`]);
  });

  test('shows the most telling evidence first: worse, then heavier, then surer', () => {
    const [found] = findingsOf([
      sight({ evidence: 'guessed', confidence: 'inferred', severity: 'low' }),
      sight({ evidence: 'light', severity: 'low' }),
      sight({ evidence: 'heavy', severity: 'low', weight: 1 }),
      sight({ evidence: 'worst', severity: 'high', confidence: 'inferred' }),
    ]);
    expect(found.evidences.map((e) => e.text)).toEqual(['worst', 'heavy', 'light', 'guessed']);
    expect(found.evidence).toBe('worst');
  });

  test('asks where evidence lies for what it keeps alone', () => {
    const asked: string[] = [];
    const bytes = (source: string) => () => {
      asked.push(source);
      return { source, offset: 0, length: 1, file: [] };
    };
    const [found] = findingsOf(
      [1, 1, 2, 2].map((weight, i) => sight({ weight, topic: 'same', bytes: bytes(`sight ${i}`) })),
    );
    expect(found.bytes?.source).toBe('sight 2');
    expect(asked).toEqual(['sight 0', 'sight 2']);
  });

  test('tells every distinct client, port and operation once, from the first on', () => {
    const sights = Array.from({ length: 2 * (KEPT.ports + 4) }, (_, i) => {
      const n = i >> 1;
      return sight({ client: `10.0.1.${n}`, serverPort: 1000 + n, operation: `I.Op${n}`, communityId: `1:${n}` });
    });
    const [found] = findingsOf(sights);
    expect(found.clients.first(100)).toEqual(Array.from({ length: KEPT.ports + 4 }, (_, n) => `10.0.1.${n}`));
    expect(found.ports).toEqual(Array.from({ length: KEPT.ports }, (_, n) => 1000 + n));
    expect(found.operations).toHaveLength(KEPT.operations);
    expect(found.communityIds).toHaveLength(KEPT.communityIds);
    expect([...found.formerFingerprints()]).toHaveLength(KEPT.ports + 4);
  });
});
