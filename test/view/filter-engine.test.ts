/** What the worker proposes while a filter is written; and a filter that another one takes the place of. */
import { expect, test } from 'vitest';
import { propose, readFilter } from '../../src/view/filter/engine.js';
import { Capture } from '../../src/view/worker/capture.js';
import { ROOT } from '../cli.js';

async function read(): Promise<Capture> {
  const capture = new Capture({ url: `${ROOT}samples/managed-object/capture.pcap`, name: 'capture', size: 0 });
  await capture.read(() => {});
  return capture;
}

test('fields that occur come before others, and all of them come', async () => {
  const { proposals, ofFields } = await propose(await read(), 'dcom', 4);
  expect(ofFields).toBe(true);
  const last = proposals.findLastIndex(({ occurs }) => occurs);
  expect(proposals.slice(0, last + 1).every(({ occurs }) => occurs)).toBe(true);
  const occurs = (name: string): boolean | undefined => proposals.find(({ text }) => text === name)?.occurs;
  expect(occurs('dcom.oxid')).toBe(true);
  expect(occurs('ip.addr')).toBe(true);
  expect(occurs('smb2.cmd')).toBe(false);
  expect(occurs('len(')).toBe(false);
  expect((await propose(null, 'dcom', 4)).proposals.some(({ occurs }) => occurs)).toBe(false);
});

test('values that occur, the most frequent first, with what they mean', async () => {
  const capture = await read();
  const { proposals } = await propose(capture, 'dcerpc.pkt_type == ', 19);
  expect(proposals.slice(0, 2)).toEqual([
    { text: '0', says: 'request, 16 ×', occurs: true },
    { text: '2', says: 'response, 15 ×', occurs: true },
  ]);
  expect((await propose(capture, 'dcerpc == ', 10)).proposals).toEqual([]);
});

test('a filter is read with what is wrong of it', () => {
  expect(readFilter('dcerpc.opnum ==').error).toEqual({ reason: 'The filter ends too early', at: 15, length: 1 });
  expect(readFilter(' ')).toEqual({ words: [], error: null });
});

test('the next filter ends the one before', async () => {
  const capture = await read();
  const [first, second] = await Promise.all([
    capture.applyFilter('ip.src == 10.20.0.20', () => {}),
    capture.applyFilter('ip.src == 10.20.0.10', () => {}),
  ]);
  expect(first).toBeNull();
  expect(second).toMatchObject({ pdus: 23 });
  expect(capture.pdus).toHaveLength(23);
});
