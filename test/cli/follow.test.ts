/** `clrscope follow`: what both sides said, of a connection, an object, or one cause. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/open.js';
import { type FollowOptions, followCommand } from '../../src/cli/follow.js';
import type { CallJson } from '../../src/output/schemas/call.js';
import type { SaidJson } from '../../src/output/schemas/message.js';
import { ethernet, type FilePacket, ipv4, pcapFile, tcp } from '../bytes.js';
import { ROOT } from '../cli.js';
import { columns } from '../columns.js';
import { catchPrinted } from '../printed.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-follow-'));
afterAll(() => rmSync(folder, { recursive: true }));

const printed = catchPrinted();
const fileOf = (sample: string): string => `${ROOT}samples/${sample}/capture.pcap`;

async function run(sample: string, options: Partial<FollowOptions>): Promise<string> {
  printed.clear();
  await followCommand([fileOf(sample)], { color: 'never', T: 'text', ...options });
  return printed.out;
}

async function messages(sample: string, options: Partial<FollowOptions>): Promise<SaidJson[]> {
  const out = await run(sample, { T: 'ndjson', ...options });
  return out === ''
    ? []
    : out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

const callsOf = (sample: string): CallJson[] =>
  readFileSync(`${ROOT}samples/${sample}/calls.ndjson`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Frames of calls, of both sides. */
const framesOf = (calls: readonly CallJson[]): number[][] =>
  calls.flatMap(({ frames: { request, response } }) =>
    [request, response].filter((frames) => frames.length > 0),
  ) as number[][];

describe('follow', () => {
  it('a connection, by the number that tshark gives it', async () => {
    const rows = await columns(fileOf('managed-object'), ['frame.number', 'tcp.stream', 'dcerpc.pkt_type']);
    const wanted = rows.filter(([, stream, type]) => stream === '1' && type !== '').map(([number]) => Number(number));
    const found = await messages('managed-object', { connection: '1' });
    expect(found.map(({ frames }) => frames.at(-1))).toEqual(wanted);
    expect(new Set(found.map(({ from, src }) => `${from} ${src.split(':')[0]}`))).toEqual(
      new Set(['client 10.20.0.10', 'server 10.20.0.20']),
    );
    const [call] = callsOf('managed-object').filter(({ operation }) => operation === 'GetObjectIdentity');
    const answer = found.find(({ frames }) => frames[0] === call.frames.response[0]);
    expect(answer).toMatchObject({ from: 'server', operation: 'GetObjectIdentity', values: call.out });
  });

  it('one cause: whole calls, and of all connections', async () => {
    const calls = callsOf('managed-object');
    const id = '619699cf-e198-8ad9-f06c-144a025b413f';
    const found = await messages('managed-object', { causality: `{${id.toUpperCase()}}` });
    expect(found.map(({ frames }) => frames)).toEqual(framesOf(calls.filter(({ causality }) => causality === id)));
    expect(found.every(({ causality }) => causality === id)).toBe(true);
  });

  it('an object by its OID: who handed it out, calls on its pointers, by way of remoting too, and its release', async () => {
    const found = await messages('object-remoted', { object: '0x00000000C1A551C0' });
    expect([...new Set(found.map(({ operation }) => operation))]).toEqual([
      'RemoteCreateInstance',
      'RemQueryInterface',
      'GetObjectIdentity',
      'GetSerializedBuffer',
      'get_Count',
      'Place',
      'Cancel',
      'RemRelease',
    ]);
  });

  it('an object by an IPID, and by its URI', async () => {
    const ipid = '00001002-0c34-0000-a000-000000000002';
    const byIpid = await messages('object-remoted', { object: ipid });
    expect(byIpid.filter(({ object }) => object === ipid).map(({ operation }) => operation)).toContain(
      'GetObjectIdentity',
    );
    expect(await messages('object-remoted', { object: ipid.toUpperCase() })).toEqual(byIpid);
    // who handed it out is in it, and its release
    expect(byIpid.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['RemQueryInterface', 'GetObjectIdentity', 'GetSerializedBuffer', 'RemRelease']),
    );
    // its end is all that text shows of it
    for (const object of ['…000002', '000002']) expect(await messages('object-remoted', { object })).toEqual(byIpid);
    expect(await messages('object-remoted', { object: '…00000f' })).toEqual([]);
    for (const object of ['/shop/orders_1.rem', 'tcp://10.9.0.20:8085/Shop/orders_1.rem'])
      expect((await messages('object-remoted', { object })).map(({ operation }) => operation)).toEqual(
        ['get_Count', 'Place', 'Cancel'].flatMap((name) => [name, name]),
      );
  });

  it('for people: a line a message, and its values below', async () => {
    const out = await run('object-remoted', { object: '/shop/orders_1.rem' });
    expect(out).toMatch(
      /^Frame 49 {2}0\.018 s {2}10\.9\.0\.10:50002 → 10\.9\.0\.20:8085 {2}Request {2}Shop\.Orders\.get_Count\(\)\n {4}\w+ = /,
    );
    expect(await run('managed-object', { T: 'json', causality: '619699cf-e198-8ad9-f06c-144a025b413f' })).toMatch(
      /^\[\n{.*}\n\]\n$/s,
    );
  });

  it('says where there is nothing, and what it wants', async () => {
    expect(await messages('managed-object', { object: '0x0000000000000001' })).toEqual([]);
    expect(printed.err).toContain('no call in it is about that');
    expect(await messages('managed-object', { connection: '99' })).toEqual([]);
    const streams = (await columns(fileOf('managed-object'), ['tcp.stream'])).map(([stream]) => Number(stream));
    const last = Math.max(...streams);
    expect(printed.err).toMatch(
      new RegExp(
        `: 71 packets with 46 PDUs, and there is no TCP connection 99; the capture has ${last + 1}: 0 to ${last}\n$`,
      ),
    );
    expect(await messages('managed-object', { connection: `${last + 1}` })).toEqual([]);
    expect(printed.err).toContain(`no TCP connection ${last + 1};`);
    const file = join(folder, 'with-web.pcap');
    const packets: FilePacket[] = [
      { bytes: ethernet(ipv4('10.1.1.1', '10.1.1.2', 6, tcp(50_000, 80, 1, Buffer.from('GET')))) },
    ];
    await readCapture(fileOf('managed-object'), ({ bytes, start, end }) => {
      packets.push({ bytes: bytes.slice(start, end) });
    });
    writeFileSync(file, pcapFile(packets));
    printed.clear();
    await followCommand([file], { color: 'never', T: 'text', connection: '0' });
    expect(printed.err).toMatch(/with 46 PDUs, and none of them in TCP connection 0, which carries something else\n$/);
    expect(await messages('managed-object', { connection: 'udp:0' })).toEqual([]);
    expect(printed.err).toMatch(/there is no UDP conversation 0; there are none\n$/);
    for (const options of [{}, { connection: '1', object: 'x' }, { connection: '-1' }, { causality: 'x' }]) {
      await expect(run('managed-object', options).then(() => process.exitCode ?? 0)).rejects.toThrow();
    }
  });

  it('a double of negative zero with its sign', async () => {
    // bind, bind_ack, IDispatch.Invoke, its answer with a VARIANT
    const said = [
      `05000b03100000004800000001000000b810b81000000000010000000000010000040200 00000000c000000000000046 00000000
       045d888aeb1cc9119fe808002b104860 02000000`,
      `05000c03100000003c00000001000000b810b810341200000400313335000000010000000000 0000
       045d888aeb1cc9119fe808002b104860 02000000`,
      `050000831000000080000000020000005800000000000600 0bcc00006806ec04aaaabbbbccccdddd 050007000000000000000000
       11111111222233334444555555555555 00000000 fcffffff ${'00'.repeat(16)} 09040000 03000000 ${'00'.repeat(28)}`,
      `050002031000000074000000020000005c00000000000000 0000000000000000 04000200 00000000 0000000000000000 0500000000000000
       0500000000000000 0000000000000080 ${'00'.repeat(28)} 09000280 07000000 00000000 0e000280`,
    ].map((text) => Buffer.from(text.replace(/\s/g, ''), 'hex'));
    const at = [1, 1];
    const packets = said.map((bytes, i): FilePacket => {
      const side = i % 2;
      const [from, to] = side === 0 ? [50_000, 49_700] : [49_700, 50_000];
      const packet = tcp(from, to, at[side], bytes);
      at[side] += bytes.length;
      return { bytes: ethernet(ipv4(`10.1.1.${1 + side}`, `10.1.1.${2 - side}`, 6, packet)) };
    });
    const file = join(folder, 'minus-zero.pcap');
    writeFileSync(file, pcapFile(packets));
    printed.clear();
    await followCommand([file], { color: 'never', T: 'ndjson', connection: '0' });
    expect(printed.out).toContain('"pVarResult":{"vt":"VT_R8","value":-0.0,');
  });
});
