import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTable, LIVE } from '../../src/streams/flow-table.js';

const MOST = 64;

/** What is known of a flow, in a table that a child could write. */
interface Known {
  seen: number;
  readonly id: number;
  live: boolean;
}

describe('a table of flows', () => {
  for (const width of [3, 9])
    it(`of ${width} words a key: at its limit the half is forgotten that was idle longest, but for followed ones`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(9)), { minLength: 400, maxLength: 600 }), (steps) => {
          const known = new Map<number, Known>();
          const slots = new Map<number, number>();
          let full = 0;
          const table = new FlowTable(
            width,
            MOST,
            (live, slot) => slots.set(live, slot),
            () => full++,
          );
          let now = 0;
          let forgot = 0;
          for (const [key, chance] of steps) {
            now++;
            const followed = [...known.values()].filter(({ live }) => live).length;
            if (!known.has(key) && known.size >= MOST) {
              const ages = [...known.values()].map(({ seen }) => now - seen).sort((a, b) => a - b);
              const oldest = ages[known.size >> 1];
              for (const [k, { seen, live }] of known) if (!live && now - seen >= oldest) known.delete(k);
              forgot++;
            }
            table.key.fill(key);
            const slot = width === 3 ? table.find3(key, key, key, now) : table.find(now);
            const before = known.get(key);
            // whether it is the flow that it was, and nothing that lay there before
            expect(table.flags(slot) === 1).toBe(before !== undefined);
            if (before !== undefined) {
              expect(table.first(slot, 0)).toBe(before.id);
              before.seen = now;
              continue;
            }
            const flow = { seen: now, id: now, live: chance === 0 && followed < MOST / 4 };
            known.set(key, flow);
            table.setFlags(slot, 1);
            table.setFirst(slot, 0, flow.id);
            if (!flow.live) continue;
            table.setState(slot, LIVE);
            table.setFollower(slot, key);
            slots.set(key, slot);
          }
          expect(full).toBe(forgot);
          for (const [key, { live }] of known) {
            if (!live) continue;
            table.key.fill(key);
            expect(table.find(now)).toBe(slots.get(key));
          }
        }),
        { numRuns: 100 },
      );
    });

  it('grows to a hundred thousand flows, and forgets by ages of more than 16 bits', () => {
    let full = 0;
    const most = 100_000;
    const table = new FlowTable(
      3,
      most,
      () => {},
      () => full++,
    );
    for (let i = 0; i < most; i++) table.setFlags(table.find3(i, -i, i, i + 1), 1);
    const last = table.find3(-1, -1, -1, most + 1);
    expect(full).toBe(1);
    expect(table.flags(last)).toBe(0);
    const isKnown = (i: number): boolean => table.flags(table.find3(i, -i, i, most + 2)) === 1;
    // ages are 1 to 100,000: those from the median on are forgotten
    expect([0, 49_998, 49_999, 50_000, 99_999].map(isKnown)).toEqual([false, false, false, true, true]);
  });
});
