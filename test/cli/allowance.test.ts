/** How much JSON a capture may become. */
import { describe, expect, it } from 'vitest';
import { Allowance } from '../../src/cli/allowance.js';
import type { Job } from '../../src/cli/job.js';
import { limitsWith } from '../../src/core/limits.js';

function allowance(output: number, full = false) {
  const told: string[] = [];
  const note = (_: string, { message }: { message: string }): number => told.push(message);
  const job = { full, limits: limitsWith({ output }), note } as unknown as Job;
  return { told, allowance: new Allowance('a.pcap', job) };
}

describe('allowance of output', () => {
  it('gives a hundred characters a byte and what the limit says, tells once, and goes on', () => {
    const { told, allowance: a } = allowance(1000);
    expect(
      a.fit(
        10,
        () => 'x'.repeat(2000),
        () => 's',
      ),
    ).toHaveLength(2000);
    expect(
      a.fit(
        0,
        () => 'xx',
        () => 's',
      ),
    ).toBe('s');
    expect(
      a.fit(
        0,
        () => 'xx',
        () => 's',
      ),
    ).toBe('s');
    expect(told).toEqual([a.note.message]);
    expect(told[0]).toContain('--limit output=N');
    expect(
      a.fit(
        1,
        () => 'x'.repeat(98),
        () => 's',
      ),
    ).toHaveLength(98);
  });

  it('a text that is too long for memory is not even made, with --full neither', () => {
    const { told, allowance: a } = allowance(1, true);
    const never = (): string => {
      throw new Error('made');
    };
    expect(a.fit(0, never, () => 's', 2 ** 27)).toBe('s');
    expect(told).toEqual([a.note.message]);
  });

  it('with --full there is no end', () => {
    const { told, allowance: a } = allowance(1, true);
    expect(
      a.fit(
        0,
        () => 'x'.repeat(1000),
        () => 's',
      ),
    ).toHaveLength(1000);
    expect(told).toEqual([]);
  });
});
