/** The values of a field, as filters write them, and that the reading ends where it is told to. */
import { expect, test } from 'vitest';
import { filter, knownFields, listen, readValues } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { columns } from '../columns.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const known = knownFields();

async function valuesOf(name: string): Promise<string[]> {
  const values: string[] = [];
  await readValues(SAMPLE, known.get(name)!, (value) => void values.push(value));
  return values;
}

test.each(['dcerpc.opnum', 'ip.src', 'dcerpc.cn_ack_reason', 'dcom.oxid', 'dcerpc.obj_id', 'tcp.port'])(
  '%s: those that a column has, and each finds its frames',
  async (name) => {
    const values = await valuesOf(name);
    const printed = (await columns(SAMPLE, [name])).flatMap(([cell]) => (cell === '' ? [] : cell.split(',')));
    expect(values).toEqual(printed);
    for (const value of new Set(values)) {
      let frames = 0;
      await listen(SAMPLE, { frame: () => void frames++ }, { filter: filter(`${name} == ${value}`) });
      expect(frames, value).toBeGreaterThan(0);
    }
  },
);

test('texts are written as filters write them, long ones are left out', async () => {
  const values = await valuesOf('nrbf.type');
  expect(values).toContain('"System.Runtime.Remoting.ObjRef"');
  expect(values.every((value) => value.length <= 102)).toBe(true);
});

test('ends where it is told to', async () => {
  const values: string[] = [];
  await readValues(SAMPLE, known.get('ip.src')!, (value) => values.push(value) < 3);
  expect(values).toHaveLength(3);
});
