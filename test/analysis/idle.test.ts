/** A table that follows a capture: what no call used for long is handed on and forgotten, what is in use stays. */
import { describe, expect, test } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { lazyReport, objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { limitsWith } from '../../src/core/limits.js';
import { IDISPATCH, id64, ipid, made, query, release } from './support.js';

/** Objects of servers of their own, one after the other: each is asked for an interface, called, and given back. */
function lives(count: number, net = '10.1'): Call[] {
  return Array.from({ length: count }, (_, n) => {
    const server = `${net}.${n >> 8}.${n & 255}`;
    const at = (step: number) => ({ server, frame: 10 * n + step });
    return [
      query(ipid(1), IDISPATCH, ipid(2), at(1), n + 1),
      made({ iface: 'IDispatch', operation: 'GetTypeInfoCount', object: ipid(2), ...at(3) }),
      release(ipid(2), 5, at(5)),
    ];
  }).flat();
}

/** What a table that follows told of pointers, early and in the end. */
function followed(calls: readonly Call[], told: Parameters<typeof limitsWith>[0]) {
  const early: unknown[] = [];
  const limits: string[] = [];
  const table: ObjectTable = new ObjectTable(limitsWith(told), (idle, limit) => {
    limits.push(limit);
    for (const { objects, ...apartment } of lazyReport(table, 'made', undefined, idle).apartments)
      for (const object of objects) early.push({ server: apartment.server, oxid: apartment.oxid, object });
  });
  let most = 0;
  for (const call of calls) {
    table.add(call);
    most = Math.max(most, table.objects.size, table.pointers.size, table.apartments.size);
  }
  const report = objectsReport(table, 'made');
  const late = rowsOf(report);
  return { early, late, limits: new Set(limits), most, warnings: report.warnings, table };
}

function rowsOf({ apartments }: ReturnType<typeof objectsReport>): unknown[] {
  return apartments.flatMap(({ objects, server, oxid }) => objects.map((object) => ({ server, oxid, object })));
}

/** The same of a table that keeps all. */
function kept(calls: readonly Call[]): unknown[] {
  const table = new ObjectTable();
  for (const call of calls) table.add(call);
  return rowsOf(objectsReport(table, 'made'));
}

describe('a table that follows', () => {
  test.each([
    ['objects', { objects: 40 }],
    ['pointers', { pointers: 60 }],
    ['apartments', { apartments: 40 }],
    ['details', { details: 400 }],
  ] as const)('tells of all, and keeps few, when there is no room for more %s', (name, told) => {
    const calls = lives(300);
    const { early, late, limits, most, warnings } = followed(calls, told);
    expect(limits).toEqual(new Set([name]));
    expect(warnings).toEqual([]);
    expect([...early, ...late]).toEqual(kept(calls));
    expect(late.length).toBeLessThan(60);
    expect(most).toBeLessThan(200);
  });

  test('keeps what is in use, whenever it began', () => {
    const [begin, use, end] = lives(1, '10.2');
    const used = lives(200).flatMap((call) => [call, use]);
    const all = [begin, ...used, end];
    const { early, late } = followed(all, { objects: 40 });
    expect(early.length).toBeGreaterThan(100);
    expect([...early, ...late]).toHaveLength(201);
    const [old] = kept(all);
    expect(late).toContainEqual(old);
  });

  test('begins anew with what is used after it was forgotten', () => {
    const [, use] = lives(1);
    const { early, late, table } = followed([...lives(100), use], { objects: 20 });
    const first = { server: '10.1.0.0', object: { interfacePointers: [{ ipid: ipid(2), calls: 1 }] } };
    expect(early[0]).toMatchObject({ ...first, object: { oid: id64(1) } });
    expect(late.at(-1)).toMatchObject({ ...first, object: { oid: null } });
    // nothing of what is forgotten is found by its numbers
    expect(table.find(id64(9), id64(50))).toBe(undefined);
    expect(table.known('10.1.0.50', ipid(2))).toBe(undefined);
  });

  test('does not look for idle ones at each call where all are in use', () => {
    const begun = lives(60).filter((_, n) => n % 3 === 0);
    const pings = begun.map((call, n) =>
      made({
        iface: 'IObjectExporter',
        operation: 'ComplexPing',
        server: call.connection.ends[1].address,
        in: { pSetId: id64(7), AddToSet: [id64(n + 1)], DelFromSet: [] },
      }),
    );
    let looked = 0;
    const table = new ObjectTable(limitsWith({ apartments: 40 }), () => void looked++);
    for (const [n, call] of begun.entries()) for (const each of [call, ...pings.slice(0, n + 1)]) table.add(each);
    expect(table.apartments.size).toBeGreaterThanOrEqual(10);
    // of 1,890 calls
    expect(looked).toBeLessThan(30);
  });

  test('keeps of an apartment that is in use no other pointers than its IRemUnknown', () => {
    const calls = Array.from({ length: 400 }, (_, n) => [
      query(ipid(1), IDISPATCH, ipid(2), {}, 1),
      // asked for through the apartment's IRemUnknown, and called as if it were one
      query(ipid(1000 + n), IDISPATCH, null),
      made({ iface: 'IRemUnknown2', operation: 'RemRelease', object: ipid(1000 + n) }),
    ]).flat();
    let looked = 0;
    const table = new ObjectTable(limitsWith({ pointers: 100 }), () => void looked++);
    for (const call of calls) table.add(call);
    expect(table.pointers.size).toBeLessThanOrEqual(26);
    expect(looked).toBeLessThan(60);
  });

  test('gives up nothing where nobody listens: what finds no room is counted', () => {
    const table = new ObjectTable(limitsWith({ objects: 10 }));
    for (const call of lives(30)) table.add(call);
    expect(table.objects.size).toBe(10);
    expect(objectsReport(table, 'made').warnings[0].message).toMatch(/more than 10 objects.*left out \d+ times/);
  });
});
