/** The one pass: who is told what, in which order, and what ends it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import { type Listeners, type PassOptions, pass } from '../../src/analysis/pass.js';
import { compileFilter } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { ROOT } from '../cli.js';
import { capture, half, REQUEST, RESPONSE, Talk } from '../worst/talk.js';

const BYTES = new Uint8Array(readFileSync(`${ROOT}samples/managed-object/capture.pcap`));
const only = (text: string) => compileFilter(text, knownFields());

function run(listeners: Listeners, options: PassOptions = {}) {
  return pass(BYTES, protocols(), options, listeners);
}

const frameOf = (pdu: { transport: { frames: readonly number[] } }): number => pdu.transport.frames.at(-1) as number;

describe('a pass', () => {
  it('shows the same PDUs with and without frames, in the order of their frames', async () => {
    const plain: number[] = [];
    const framed: number[] = [];
    await run({ shown: (pdu) => plain.push(frameOf(pdu)) });
    await run({ shown: (pdu) => framed.push(frameOf(pdu)), frame: () => {} });
    expect(plain.length).toBeGreaterThan(10);
    expect(plain).toEqual([...plain].sort((a, b) => a - b));
    expect(framed).toEqual(plain);
  });

  it('tells of every PDU and numbers every call whatever matches, and shows only what does', async () => {
    const seen = { pdus: 0, shown: [] as number[], frames: [] as number[], calls: [] as [number, boolean, unknown][] };
    const filter = only('dcerpc.opnum == 3');
    const listeners: Listeners = {
      pdu: () => void seen.pdus++,
      shown: (pdu) => void seen.shown.push(frameOf(pdu)),
      frame: ({ number }) => void seen.frames.push(number),
      call: (call, number, matches) => void seen.calls.push([number, matches, call.opnum]),
    };
    await run(listeners, { filter });
    let all = 0;
    await run({ pdu: () => void all++ });
    expect(seen.pdus).toBe(all);
    expect(seen.frames.length).toBeGreaterThan(0);
    expect([...new Set(seen.shown)]).toEqual(seen.frames);
    expect(seen.calls.map(([number]) => number)).toEqual(seen.calls.map((_, i) => i + 1));
    for (const [, matches, opnum] of seen.calls) expect(matches).toBe(opnum === 3);
    // by its answer, with which it is over
    const call: Listeners['call'] = ({ response, fault }, _, matches) =>
      void expect(matches).toBe(response !== null || fault !== null);
    await run({ call }, { filter: only('dcerpc.pkt_type in {2, 3}') });
  });

  it('tells nothing more to a listener that ended it, though another call is over too', async () => {
    const packets: Uint8Array[] = [];
    const talk = new Talk(packets);
    talk.bind();
    for (const id of [1, 2]) talk.send(0, half(0, id, REQUEST));
    for (const id of [2, 1]) talk.send(1, half(1, id, RESPONSE));
    const numbers: number[] = [];
    await pass(capture(packets), protocols(), {}, { call: (_, number) => numbers.push(number) > 1 });
    expect(numbers).toEqual([1]);
  });

  it('makes trees where they are wanted, and of what may match, and else none', async () => {
    const trees = async (listeners: Listeners, options?: PassOptions): Promise<boolean[]> => {
      const found = new Set<boolean>();
      await run({ ...listeners, pdu: ({ recording }) => void found.add(recording.roots.length > 0) }, options);
      return [...found];
    };
    expect(await trees({})).toEqual([false]);
    expect(await trees({}, { record: true })).toEqual([true]);
    expect(await trees({ frame: () => {} })).toEqual([true]);
    expect(await trees({}, { filter: only('frame') })).toEqual([false]);
    expect(await trees({}, { filter: only('dcerpc') })).toEqual([true]);
    expect(await trees({}, { filter: only('frame.number < 20 && dcerpc') })).toEqual([true, false]);
    expect(await trees({}, { filter: only('ip.src == 9.9.9.9 && dcerpc'), record: true })).toEqual([false]);
  });

  it('ends where a listener says so, and behind the frames that are wanted', async () => {
    const counted = async (name: 'packet' | 'pdu' | 'shown' | 'frame' | 'call'): Promise<number> => {
      let count = 0;
      await run({ [name]: () => ++count < 2 });
      return count;
    };
    expect(await Promise.all((['packet', 'pdu', 'shown', 'frame'] as const).map(counted))).toEqual([2, 2, 2, 2]);
    // though other calls wait
    const calls: number[] = [];
    const end = await run({ call: (_, number) => calls.push(number) && false });
    expect(calls).toEqual([1]);
    const whole = await run({});
    expect(end.packets).toBeLessThan(whole.packets);
    const frames: number[] = [];
    await run({ frame: ({ number }) => void frames.push(number) }, { most: 3 });
    expect(frames).toEqual([1, 2, 3]);
  });

  it('says when the capture began, before anything else', async () => {
    const told: string[] = [];
    await run({ begin: () => void told.push('begin'), frame: () => void told.push('frame') });
    expect(told.indexOf('begin')).toBe(0);
    expect(told.filter((word) => word === 'begin')).toHaveLength(1);
  });
});
