/** Tables of objects and pointers against what `objects` tells. */
import { expect, test } from 'vitest';
import { objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { OBJECT_TABLE, POINTER_TABLE } from '../../src/output/tables/objects.js';
import { IDISPATCH, ipid, made, query } from '../analysis/support.js';

const ask = { iface: 'IManagedObject', operation: 'GetObjectIdentity', object: ipid(2), answer: null };

/** The one object of calls, and its pointers, by columns. */
function tablesOf(...names: string[]) {
  const table = new ObjectTable();
  // of the pointer that is asked for another one, nobody says which it is
  for (const call of [query(ipid(1), IDISPATCH, ipid(2)), made(ask), { ...made(ask), oneWay: true }]) table.add(call);
  const [apartment] = objectsReport(table, 'made.pcap').apartments;
  const cells = <Row>({ columns }: { columns: readonly { name: string; of(row: Row): unknown }[] }, row: Row) =>
    names.flatMap((name) => columns.filter((c) => c.name === name).map((c) => c.of(row)));
  return apartment.objects.map((object) => ({
    object: cells(OBJECT_TABLE, { capture: '', server: '', apartment, object, remoting: [], isForgotten: false }),
    pointers: object.interfacePointers.map((pointer) =>
      cells(POINTER_TABLE, { capture: '', apartment, object, pointer }),
    ),
  }));
}

test('calls that want no answer are not among those without one', () => {
  const [{ object, pointers }] = tablesOf('calls', 'unanswered');
  expect(object).toEqual([2, 1]);
  expect(pointers).toEqual([
    [2, 1],
    [0, 0],
  ]);
});

test('an interface that nobody told is null', () => {
  const [{ object }] = tablesOf('interfaces');
  expect(object).toEqual([['IDispatch', null]]);
});
