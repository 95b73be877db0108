/**
 * Every limit of the table at its bound: nothing is said where it is just kept to, and one note where one more comes,
 * which names the option; what is not the limit's stays as it was.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, LIMITS, type LimitName, limitMessage, limitsWith } from '../../src/core/limits.js';
import { CALL_CASES } from './calls.js';
import type { Case } from './case.js';
import { COPY_CASES } from './copies.js';
import { PIPE_CASES } from './pipes.js';
import { REPORT_CASES } from './reports.js';
import { STREAM_CASES } from './streams.js';
import { VALUE_CASES } from './values.js';

const CASES = { ...STREAM_CASES, ...CALL_CASES, ...PIPE_CASES, ...VALUE_CASES, ...REPORT_CASES, ...COPY_CASES };

test('every limit has a case here', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(LIMITS).sort());
});

describe.each(Object.entries(CASES) as [LimitName, Case][])('%s', (name, one) => {
  const limits = { ...one.with, [name]: one.limit };

  test('at the bound nothing is said, and nothing is missing', () => {
    const { told, out } = one.run(limits, false);
    expect(told).toEqual([]);
    expect(out).toEqual(one.run({ ...one.with }, false).out);
    expect(out.length).toBeGreaterThan(0);
  });

  test('beyond it one note names the option, and all else is there', () => {
    const free = one.run({ ...one.with }, true);
    expect(free.told).toEqual([]);
    const { told, out } = one.run(limits, true);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(limitMessage(name, limitsWith(limits)));
    const left = [...out];
    const lost = free.out.filter((text) => {
      const at = left.indexOf(text);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
    expect(lost).toHaveLength(one.lost);
  });
});

test('defaults are sane numbers, and names are the options', () => {
  for (const [name, n] of Object.entries(DEFAULT_LIMITS)) {
    expect(Number.isSafeInteger(n) && n > 0, name).toBe(true);
    expect(limitMessage(name as LimitName, DEFAULT_LIMITS)).toMatch(/^more than \d+ .+: .+ \(--limit [a-z-]+=N\)$/);
  }
});
