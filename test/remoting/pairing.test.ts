/** Whose answer is whose: what one end sends again, answers itself or leaves out never makes a wrong pair unsaid. */
import { describe, expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import type { Limits } from '../../src/core/limits.js';
import { concat, pcapFile, u32 } from '../bytes.js';
import { connection } from '../fields/wire.js';
import { packetsIn, pass } from '../fuzz/way.js';
import { nrtp } from './messages.js';

const HEADER = [0, 1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0];
const text = (t: string): Uint8Array => concat([t.length], Buffer.from(t));

/** BinaryMethodCall without arguments, and BinaryMethodReturn of a number (MS-NRBF 2.2.3). */
const calling = (method: string): Uint8Array =>
  concat(HEADER, [0x15], u32(0x11, true), [0x12], text(method), [0x12], text('T, A'), [0x0b]);
const returning = (n: number): Uint8Array => concat(HEADER, [0x16], u32(0x811, true), [8], u32(n, true), [0x0b]);

const ask = (method: string): Uint8Array => nrtp({ uri: 'x', content: calling(method) });
const answer = (n: number): Uint8Array => nrtp({ operation: 2, content: returning(n) });

const http = (start: string, body: Uint8Array): Uint8Array =>
  concat(
    Buffer.from(`${start}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  );
const post = (method: string): Uint8Array => http('POST /x HTTP/1.1\r\nUser-Agent: MS .NET Remoting', calling(method));
const ok = (n: number): Uint8Array => http('HTTP/1.1 200 OK\r\nServer: MS .NET Remoting', returning(n));

type Said = readonly [0 | 1, Uint8Array];

/** Calls of a conversation, `T.F() → 1` each with the codes of its warnings; messages of these indices were not captured. */
async function callsOf(
  said: readonly Said[],
  port: number,
  lost: readonly number[] = [],
  limits: Partial<Limits> = {},
): Promise<string[]> {
  const packets = connection(40_000, said, port).filter((_, i) => !lost.includes(i - 3));
  const found: Call[] = [];
  pass(await packetsIn(pcapFile(packets)), { record: true, limits, onCall: (call) => void found.push(call) });
  return found.map((call) => {
    const from = call.connection.ends[call.connection.client].port === 40_000 ? '' : 'from the server: ';
    const back = call.response === null ? '' : ` answered in ${call.response.frames.join()}`;
    return `${from}${call.operation?.name}${back} ${call.warnings.map((w) => w.code).join()}`.trim();
  });
}

describe.each([
  { of: 'TCP', port: 9000, ask, answer },
  { of: 'HTTP', port: 80, ask: post, answer: ok },
])('$of', ({ port, ask, answer }) => {
  it('nobody answers himself', async () => {
    const said: Said[] = [
      [0, ask('F')],
      [0, answer(666)],
      [1, answer(3)],
    ];
    expect(await callsOf(said, port)).toEqual(['F answered in 6']);
  });

  it('calls of both ends wait apart', async () => {
    const said: Said[] = [
      [0, ask('Up')],
      [1, ask('Down')],
      [1, answer(1)],
      [0, answer(2)],
    ];
    const calls = await callsOf(said, port);
    expect(calls.map((c) => c.replace('from the server: ', ''))).toEqual(['Up answered in 6', 'Down answered in 7']);
  });

  it('an answer is not taken for that of the next where its call was forgotten', async () => {
    const said: Said[] = [
      [0, ask('F')],
      [0, ask('G')],
      [0, ask('H')],
      [1, answer(1)],
      [1, answer(2)],
      [1, answer(3)],
    ];
    const calls = await callsOf(said, port, [], { openCalls: 2 });
    expect(calls.filter((c) => c.includes('answered'))).toEqual([
      expect.stringContaining('G answered in 8'),
      expect.stringContaining('H answered in 9'),
    ]);
  });

  it('where several waited when an answer was lost, the pair is said to be a guess', async () => {
    const said: Said[] = [
      [0, ask('F')],
      [0, ask('G')],
      [1, answer(1)],
      [1, answer(2)],
    ];
    expect(await callsOf(said, port, [2])).toEqual(['F', 'G answered in 6 answer-unsure']);
  });

  it('where a request was lost while another waited, the pair is said to be a guess', async () => {
    const said: Said[] = [
      [0, ask('F')],
      [0, ask('G')],
      [0, ask('H')],
      [1, answer(1)],
      [1, answer(2)],
      [1, answer(3)],
    ];
    const calls = await callsOf(said, port, [1]);
    expect(calls).toEqual(['F answered in 6', 'H answered in 7 answer-unsure']);
  });
});

it('the response to a page is no answer of a call whose answer was lost', async () => {
  const page = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi');
  const said: Said[] = [
    [0, post('F')],
    [1, ok(1)],
    [0, Buffer.from('GET /x HTTP/1.1\r\nHost: h\r\n\r\n')],
    [1, page],
  ];
  expect(await callsOf(said, 80, [1])).toEqual(['F']);
});

it('a request longer than anything that is kept is there, with a warning', async () => {
  const big = Buffer.from('POST /x HTTP/1.1\r\nUser-Agent: MS .NET Remoting\r\nContent-Length: 100000000\r\n\r\n');
  const [call] = await callsOf([[0, concat(big, calling('F'))]], 80);
  expect(call).toContain('truncated');
});
