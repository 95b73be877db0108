/** Who calls whom, where calls tell it late: lanes of the diagram. */
import { expect, test } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { Hosts, ObjectTable, objectsReport } from '../../src/index.js';
import { Lanes } from '../../src/view/flow/lanes.js';
import { IMANAGED_OBJECT, id64, ipid, made, query } from '../analysis/support.js';

/** Kind and title of every lane, and the ends of every call by their titles. */
function lanesOf(calls: readonly Call[]) {
  const table = new ObjectTable();
  const lanes = new Lanes();
  for (const call of calls) {
    table.add(call);
    lanes.add(call, table);
  }
  lanes.end(objectsReport(table, 'capture'), new Hosts());
  const ends = calls.map((_, at) => lanes.endsOf(at).map((lane) => lanes.all[lane].title));
  return { lanes: lanes.all.map(({ kind, title }) => `${kind} ${title}`), ends };
}

const identity = (object: string, more: Partial<Parameters<typeof made>[0]> = {}): Call =>
  made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', object, ...more });

test('pointers that turn out to be one object share its lane, however late that is told', () => {
  const { lanes, ends } = lanesOf([
    identity(ipid(1), { frame: 1 }),
    identity(ipid(2), { frame: 3 }),
    query(ipid(1), IMANAGED_OBJECT, ipid(2), { frame: 5 }, 7),
  ]);
  expect(lanes).toEqual(['client 10.0.0.1', `object object ${id64(7)}`, `apartment apartment ${id64(9)}`]);
  expect(ends.map(([, to]) => to)).toEqual([`object ${id64(7)}`, `object ${id64(7)}`, `apartment ${id64(9)}`]);
});

test('a call made while another one is served comes from the apartment that serves it', () => {
  const { ends } = lanesOf([
    query(ipid(1), IMANAGED_OBJECT, ipid(2), { frame: 1 }),
    identity(ipid(2), { frame: 10, answer: 20, causality: 'c' }),
    identity(ipid(50), { frame: 12, answer: 14, causality: 'c', client: '10.0.0.2', server: '10.0.0.1' }),
    identity(ipid(50), { frame: 30, causality: 'c', client: '10.0.0.2', server: '10.0.0.1' }),
  ]);
  expect(ends.map(([from]) => from)).toEqual(['10.0.0.1', '10.0.0.1', `apartment ${id64(9)}`, '10.0.0.2']);
});

test('of very many hosts the last ones share a lane', () => {
  const calls = Array.from({ length: 70_000 }, (_, i) =>
    made({ iface: 'epm', operation: 'ept_map', client: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }),
  );
  const { lanes, ends } = lanesOf(calls);
  expect(lanes.length).toBeLessThan(66_000);
  expect(lanes.at(-1)).toBe('others others');
  expect(ends.at(-1)).toEqual(['others', '10.0.0.2:49664']);
});
