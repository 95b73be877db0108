/** The library's `for await`: the same calls from a path, bytes and streams, no faster than they are taken. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { as, u32 } from '../../dissectors/ndr/types.js';
import { pulled } from '../../src/core/pulled.js';
import {
  calls,
  callToJson,
  encode,
  filter,
  frames,
  INTERFACES,
  ObjectTable,
  operation,
  pdus,
  readCalls,
  readPdus,
  UnreadableInput,
  UserError,
} from '../../src/index.js';
import { ROOT } from '../cli.js';

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;
const bytes = new Uint8Array(readFileSync(CAPTURE));

afterEach(() => vi.restoreAllMocks());

/** Chunks of a stream; tells how many were taken, and whether it was closed. */
function stream(parts: readonly Uint8Array[]) {
  const seen = { taken: 0, closed: false };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (const part of parts) {
        seen.taken++;
        yield part;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, chunks: chunks() };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const names = (list: readonly { readonly operation: { readonly name: string } | null }[]): (string | undefined)[] =>
  list.map(({ operation }) => operation?.name);

describe('calls, PDUs and frames', () => {
  it('are the same from a path, from bytes, from a stream, and by callback', async () => {
    const wanted: string[] = [];
    await readCalls(CAPTURE, (call, number) => void wanted.push(`${number} ${call.operation?.name}`));
    expect(wanted.length).toBeGreaterThan(5);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, i) =>
      bytes.subarray(100 * i, 100 * i + 100),
    );
    for (const input of [CAPTURE, bytes, stream(pieces).chunks])
      expect((await all(calls(input))).map((call, i) => `${i + 1} ${call.operation?.name}`)).toEqual(wanted);
    let count = 0;
    await readPdus(CAPTURE, () => void count++);
    expect(await all(pdus(bytes))).toHaveLength(count);
    const found = await all(frames(bytes));
    expect(found.map(({ number }) => number)).toEqual(found.map((_, i) => i + 1));
    expect(found.flatMap((frame) => frame.pdus)).toHaveLength(count);
    expect(found[0].roots[0][0].field.name).toBe('frame');
  });

  it('that a filter finds are those of its frames', async () => {
    const only = filter('dcerpc.opnum == 3');
    const found = await all(calls(bytes, { filter: only }));
    expect(new Set(found.map(({ opnum }) => opnum))).toEqual(new Set([3]));
    const everything = await all(calls(bytes));
    expect(names(found)).toEqual(names(everything.filter(({ opnum }) => opnum === 3)));
    expect((await all(frames(bytes, { filter: only }))).every((frame) => frame.pdus.length > 0)).toBe(true);
  });

  it('tell how the capture ended', async () => {
    const ends: (string | undefined)[] = [];
    await all(calls(bytes.subarray(0, bytes.length - 5), { onEnd: ({ damage }) => ends.push(damage?.message) }));
    expect(ends).toHaveLength(1);
    expect(ends[0]).toBeTypeOf('string');
  });

  it('are no more once the loop is left, and the stream is closed', async () => {
    const { seen, chunks } = stream([bytes, ...Array.from({ length: 50 }, () => new Uint8Array(1 << 16))]);
    for await (const _ of calls(chunks)) break;
    expect(seen.closed).toBe(true);
    expect(seen.taken).toBeLessThan(10);
    let count = 0;
    await readCalls(bytes, () => ++count < 2);
    expect(count).toBe(2);
  });

  it('leave a stream that never ends, and one that waits', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield bytes;
      await new Promise(() => {});
    }
    for await (const _ of calls(endless())) break;
  });

  it('take interfaces, and what decodes as them, in any spelling', async () => {
    const managed = INTERFACES.find(({ name }) => name === 'IManagedObject')!;
    const mine = { ...managed, name: 'IMine', uuid: managed.uuid.toUpperCase() };
    const found = await all(calls(bytes, { interfaces: [mine] }));
    const own = found.filter(({ iface }) => iface?.name === 'IMine');
    expect(new Set(names(own))).toEqual(new Set(['GetObjectIdentity', 'GetSerializedBuffer']));
    const { contextId, object } = own[0];
    for (const key of [String(contextId), object!.toUpperCase()])
      for (const told of ['IDispatch', '00020400-0000-0000-C000-000000000046']) {
        const asTold = await all(calls(bytes, { decodeAs: new Map([[key, told]]) }));
        expect(asTold[found.indexOf(own[0])].iface?.name).toBe('IDispatch');
      }
  });

  it('throw behind what came where reading failed', async () => {
    const broken = async function* () {
      yield bytes.subarray(0, 4000);
      throw new Error('connection reset');
    };
    const seen: number[] = [];
    const read = async () => {
      for await (const pdu of pdus(broken())) seen.push(pdu.transport.frames.length);
    };
    await expect(read()).rejects.toThrow(/^stream: reading failed: connection reset/);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('take an ArrayBuffer, and filters know the fields of interfaces that are handed in', async () => {
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(await all(pdus(buffer))).toHaveLength((await all(pdus(bytes))).length);
    const op = operation('counter', 'Read', { out: { count: as(u32, { name: 'counter.count' }) } });
    const ICounter = {
      ...{ name: 'ICounter', uuid: '7e4a3c5a-5d0c-5b4c-9d2e-1f0e7a9b3c11', version: '0.0' },
      spec: '',
      orpc: true,
      ops: { 3: op },
    };
    expect(() => filter('counter.count > 5')).toThrow('counter.count');
    expect(() => filter('counter.count > 5', [ICounter])).not.toThrow();
  });

  it('throw what went wrong', async () => {
    await expect(all(calls('no such file'))).rejects.toThrow(UnreadableInput);
    await expect(all(calls(new Uint8Array(0)))).rejects.toThrow(/^bytes: it is empty/);
    await expect(all(pdus(stream([Uint8Array.of(1, 2, 3, 4)]).chunks))).rejects.toThrow(/^stream: it is not a capture/);
    const wrong = { filter: { ...filter('frame'), matches: () => expect.fail('in the filter') } };
    await expect(all(frames(bytes, wrong))).rejects.toThrow('in the filter');
  });
});

describe('a run that is pulled', () => {
  it('waits until what it gave is taken', async () => {
    let given = 0;
    const items = pulled<number>(async (give, { ready }) => {
      while (given < 10 && (await ready())) give(++given);
    });
    for await (const item of items) expect(given).toBe(item);
    expect(given).toBe(10);
  });

  it('throws behind the items that were given before', async () => {
    const seen: number[] = [];
    const items = pulled<number>(async (give) => {
      give(1);
      throw new Error('broken');
    });
    await expect(
      (async () => {
        for await (const item of items) seen.push(item);
      })(),
    ).rejects.toThrow('broken');
    expect(seen).toEqual([1]);
  });

  it('does not begin before the first item is asked for', async () => {
    const run = vi.fn(async () => {});
    const items = pulled(run);
    expect(run).not.toHaveBeenCalled();
    await items.next();
    expect(run).toHaveBeenCalledOnce();
  });

  it('of an interface whose hooks throw warn of it by name, and are all there', async () => {
    const managed = INTERFACES.find(({ name }) => name === 'IManagedObject')!;
    const throws = (): never => {
      throw new Error('not mine');
    };
    const hooks = { tells: throws, summarize: throws, complete: throws };
    const ops = Object.fromEntries(Object.entries(managed.ops).map(([n, op]) => [n, { ...op, ...hooks }]));
    const found = await all(calls(bytes, { interfaces: [{ ...managed, name: 'IMine', ops }] }));
    expect(found).toHaveLength((await all(calls(bytes))).length);
    const table = new ObjectTable();
    for (const call of found) table.add(call);
    const [mine] = found.filter(({ iface }) => iface?.name === 'IMine');
    const said = ['complete', 'tells', 'summarize'].map((hook) => ({
      ...{ code: 'interface-threw', offset: null },
      message: `${hook} of IMine.GetObjectIdentity threw: not mine`,
    }));
    for (let times = 0; times < 2; times++) {
      const { operation: name, warnings, summary } = callToJson(mine, 1, 'x', { full: false }, table);
      expect([name, warnings]).toEqual(['GetObjectIdentity', said]);
      expect(summary).toMatch(/⚠ interface-threw/);
    }
  });

  it.each([
    [{ openCalls: -1 }, 'the limit openCalls is a whole number from 1 on (4096 by default), not -1'],
    [{ depth: 1.5 }, 'the limit depth is a whole number from 1 on (64 by default), not 1.5'],
    [{ opencals: 5 }, 'there is no limit opencals (is it openCalls?)'],
    [{ toString: 5 }, 'there is no limit toString; there are metadata, connections, '],
  ])('say what is wrong with limits: %j', async (limits: object, message) => {
    const failure = all(calls(bytes, { limits })).catch((e: unknown) => e);
    expect(await failure).toBeInstanceOf(UserError);
    expect(String(await failure)).toContain(message);
  });

  it('of an interface of the user are encoded, and stay apart from those that are not known', () => {
    const op = operation('counter', 'Read', { in: { count: u32 } });
    const uuid = '7e4a3c5a-5d0c-5b4c-9d2e-1f0e7a9b3c11';
    const ICounter = {
      name: 'ICounter',
      uuid: uuid.toUpperCase(),
      version: '0.0',
      spec: '',
      orpc: false,
      ops: { 3: op },
    };
    const stub = { kind: 'stub', interface: 'ICounter', operation: 'Read', side: 'request', params: { count: 7 } };
    expect([...encode(stub, [ICounter])]).toEqual([7, 0, 0, 0]);
    expect([...encode({ ...stub, iid: uuid }, [ICounter])]).toEqual([7, 0, 0, 0]);
    expect(() => encode(stub)).toThrow('ICounter');
  });
});
