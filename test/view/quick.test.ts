/** Filters that the page answers from its lists leave what a pass over the capture leaves. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filter as compileFilter, listen } from '../../src/index.js';
import { Capture } from '../../src/view/worker/capture.js';
import { ROOT, SHARED } from '../cli.js';

const FILTERS = [
  'dcerpc.opnum == 4',
  'dcerpc.opnum',
  '!dcerpc.opnum',
  'dcerpc.opnum in {0, 3..5}',
  'dcerpc.pkt_type == 2 && dcerpc.opnum == 3',
  'dcerpc.pkt_type == 11 || dcerpc.cn_call_id < 3',
  'dcerpc.cn_call_id == 2 && !(dcerpc.pkt_type == 0)',
];

const samples = readdirSync(`${ROOT}samples`)
  .map((name) => `${ROOT}samples/${name}/capture.pcap`)
  .filter((path) => existsSync(path));
const folder = SHARED === null ? null : `${SHARED}/captures/traffic/`;
const traffic = folder === null ? [] : readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name));
const captures = [...samples, ...traffic.map((name) => folder + name)];

test.each(captures)('%s', async (path) => {
  const capture = new Capture({ url: path, name: 'capture', size: 0 });
  const { pdus } = await capture.read(() => {});
  let read = 0;
  await listen(path, { pdu: () => void read++ });
  expect(pdus).toBe(read);
  let quick = 0;
  for (const text of FILTERS) {
    const compiled = compileFilter(text);
    const found = capture.pduRows.match(compiled);
    if (found === null) continue;
    quick++;
    const frames = new Set<number>();
    await listen(
      path,
      { shown: ({ transport }) => void frames.add(transport.frames[transport.frames.length - 1]) },
      { filter: compiled },
    );
    const places = capture.pduRows.inOrder().filter((at) => frames.has(capture.pduRows.frameOf(at)));
    expect([...found], text).toEqual([...places]);
  }
  // datagrams are left to the pass
  expect([0, FILTERS.length]).toContain(quick);
});

test('what asks for more is left to the pass', async () => {
  const capture = new Capture({ url: `${ROOT}samples/managed-object/capture.pcap`, name: 'capture', size: 0 });
  await capture.read(() => {});
  expect(capture.pduRows.match(compileFilter('dcerpc.opnum == 3'))?.length).toBeGreaterThan(0);
  for (const text of ['dcerpc', 'ip.src == 10.0.0.1', 'dcerpc.opnum == 3 && frame.number > 5'])
    expect(capture.pduRows.match(compileFilter(text)), text).toBeNull();
});
