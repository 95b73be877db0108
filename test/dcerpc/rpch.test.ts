/** RPC over HTTP (MS-RPCH): channels of HTTP as one connection, and the RTS PDUs that set it up. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ptype } from '../../dissectors/dcerpc/pdu.js';
import { protocols } from '../../dissectors/index.js';
import { pass } from '../../src/analysis/pass.js';
import { latin1Bytes } from '../../src/core/bytes.js';
import { communityId } from '../../src/core/connection.js';
import { bindAckBody, bindBody } from '../../src/encode/pdu.js';
import { callToJson } from '../../src/output/calls/json.js';
import { fromTo } from '../../src/output/ends.js';
import { CONNECTION_TABLE, ConnectionRow } from '../../src/output/tables/connections.js';
import { PduRows } from '../../src/view/worker/pdu-rows.js';
import { Texts } from '../../src/view/worker/texts.js';
import { concat, u16, u32 } from '../bytes.js';
import { capture, half, OFFER, pdu, REQUEST, RESPONSE, Talk } from '../worst/talk.js';

const BIND = pdu(Ptype.bind, 1, bindBody(true, 5840, 0, [OFFER]));
const ACK = pdu(Ptype.bindAck, 1, bindAckBody(true, 5840, 7, '49700', [{ syntax: OFFER.syntaxes[0] }]));
const CALL = half(0, 2, REQUEST);
const ANSWER = half(1, 2, RESPONSE);

const le = (n: number) => u32(n, true);
const cookie = (n: number) => concat(le(3), new Uint8Array(16).fill(n));
const VERSION = concat(le(6), le(1));
const window = concat(le(0), le(65536));
const timeout = concat(le(2), le(120_000));

function rts(flags: number, ...commands: Uint8Array[]): Uint8Array {
  return pdu(Ptype.rts, 0, concat(u16(flags, true), u16(commands.length, true), ...commands));
}
const a1 = (vc: number) => rts(0, VERSION, cookie(vc), cookie(100), window);
const b1 = (vc: number) =>
  rts(
    0,
    VERSION,
    cookie(vc),
    cookie(101),
    concat(le(4), le(1 << 30)),
    concat(le(5), le(300_000)),
    concat(le(12), new Uint8Array(16)),
  );
const A3 = rts(0, timeout);
const C2 = rts(0, VERSION, window, timeout);
const PING = rts(1);

const request = (method: string, length: number) =>
  latin1Bytes(`${method} /rpc/rpcproxy.dll?srv.lab:593 HTTP/1.1\r\nHost: proxy\r\nContent-Length: ${length}\r\n\r\n`);
const OK = latin1Bytes('HTTP/1.1 200 Success\r\nContent-Type: application/rpc\r\nContent-Length: 1073741824\r\n\r\n');
const NO = latin1Bytes('HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\n<h1>no</h1>');

/** What a capture tells: PDUs, calls, notes. */
async function told(packets: readonly Uint8Array[]) {
  const [said, calls, notes]: [string[], string[], string[]] = [[], [], []];
  await pass(
    capture(packets),
    protocols(),
    { record: true },
    {
      pdu: ({ says, header, recording }) => {
        said.push(says ?? String(header?.type));
        notes.push(...recording.notes.map(({ code }) => code));
      },
      call: ({ operation, connection: { transport, endpoint }, response }) =>
        calls.push(`${transport} ${endpoint} ${operation?.name} ${response === null ? 'unanswered' : 'answered'}`),
      note: ({ code }) => notes.push(code),
    },
  );
  return { said, calls, notes };
}

/** Both channels up to the call; the answer comes on the other one. */
function conversation(packets: Uint8Array[], vc: number): void {
  const [out, into] = [new Talk(packets, 10 * vc), new Talk(packets, 10 * vc + 1)];
  out.send(0, request('RPC_OUT_DATA', 0));
  out.send(1, NO);
  out.send(0, concat(request('RPC_OUT_DATA', 76), a1(vc)));
  into.send(0, request('RPC_IN_DATA', 2 ** 30));
  into.send(0, b1(vc));
  out.send(1, concat(OK, A3));
  out.send(1, C2);
  into.send(0, BIND);
  out.send(1, ACK);
  into.send(0, CALL);
  out.send(1, concat(ANSWER, PING));
}

describe('RPC over HTTP', () => {
  it('is one connection, whose channels the cookie joins', async () => {
    const packets: Uint8Array[] = [];
    conversation(packets, 1);
    expect(await told(packets)).toEqual({
      said: [
        'RPC_OUT_DATA /rpc/rpcproxy.dll?srv.lab:593',
        '401 Unauthorized',
        'RPC_OUT_DATA /rpc/rpcproxy.dll?srv.lab:593',
        'RTS  CONN/A1',
        'RPC_IN_DATA /rpc/rpcproxy.dll?srv.lab:593',
        'RTS  CONN/B1',
        '200 Success',
        'RTS  CONN/A3',
        'RTS  CONN/C1 or C2',
        ...['11', '12', '0', '2'],
        'RTS  ping',
      ],
      calls: ['ncacn_http srv.lab:593 GetObjectIdentity answered'],
      notes: [],
    });
  });

  it('has each PDU come from and go to the ends of its own channel', async () => {
    const packets: Uint8Array[] = [];
    conversation(packets, 1);
    const ways: string[] = [];
    await pass(
      capture(packets),
      protocols(),
      {},
      {
        pdu: ({ header, transport }) => {
          if (header === null || header.type === Ptype.rts) return;
          ways.push(
            fromTo(transport)
              .map(({ address }) => address)
              .join(' → '),
          );
        },
      },
    );
    const [out, into] = ['10.0.0.10', '10.0.0.11'];
    const server = ways[1].split(' ')[0];
    // bind, bind_ack, request, response
    expect(ways).toEqual([`${into} → ${server}`, `${server} → ${out}`, `${into} → ${server}`, `${server} → ${out}`]);
  });

  it('has who calls at the end of the channel that requests come by, whichever was seen first', async () => {
    const packets: Uint8Array[] = [];
    conversation(packets, 1);
    const told: unknown[] = [];
    const texts = new Texts();
    const rows = new PduRows(texts);
    let connection: ConnectionRow | null = null;
    await pass(
      capture(packets),
      protocols(),
      {},
      {
        pdu(pdu) {
          rows.add(pdu);
          connection ??= ConnectionRow.of('capture', pdu);
          connection.pdu(pdu);
        },
        call(call) {
          const { client, server, communityId: id } = callToJson(call, 1, 'capture');
          told.push(client.address, id === communityId({ transport: 'ncacn_ip_tcp', ends: [client, server] }));
        },
      },
    );
    const [out, into] = ['10.0.0.10', '10.0.0.11'];
    expect(told).toEqual([into, true]);
    const cell = (name: string) => CONNECTION_TABLE.columns.find((c) => c.name === name)!.of(connection!);
    const ends = [
      { address: cell('client_address') as string, port: cell('client_port') as number },
      { address: cell('server_address') as string, port: cell('server_port') as number },
    ] as const;
    expect(ends[0].address).toBe(into);
    expect(cell('community_id')).toBe(communityId({ transport: 'ncacn_ip_tcp', ends }));
    const [asks, answers] = [...Array(rows.length).keys()]
      .map((at) => rows.row(at))
      .filter(({ half }) => half !== null);
    expect(asks.source).toBe(`${into}:50000`);
    expect(answers.destination).toBe(`${out}:50000`);
  });

  it('several at a time stay apart, whatever segments they come in', async () => {
    const alone: Uint8Array[] = [];
    for (const vc of [1, 2, 3]) conversation(alone, vc);
    const mixed = [1, 2, 3].map((vc) => {
      const packets: Uint8Array[] = [];
      conversation(packets, vc);
      return packets;
    });
    const woven = mixed[0].flatMap((_, i) => mixed.map((packets) => packets[i]));
    for (const packets of [alone, woven]) {
      const { calls, notes } = await told(packets);
      expect(calls).toEqual(Array(3).fill('ncacn_http srv.lab:593 GetObjectIdentity answered'));
      expect(notes).toEqual([]);
    }
    // a byte at a time
    const packets: Uint8Array[] = [];
    const [out, into] = [new Talk(packets, 1), new Talk(packets, 2)];
    out.send(0, concat(request('RPC_OUT_DATA', 76), a1(1)), 1);
    into.send(0, concat(request('RPC_IN_DATA', 2 ** 30), b1(1), BIND), 1);
    out.send(1, concat(OK, A3, C2, ACK), 1);
    into.send(0, CALL, 1);
    out.send(1, ANSWER, 1);
    expect((await told(packets)).calls).toEqual(['ncacn_http srv.lab:593 GetObjectIdentity answered']);
  });

  it('of version 1 goes both ways in one connection, behind a greeting', async () => {
    const packets: Uint8Array[] = [];
    const talk = new Talk(packets);
    talk.send(0, latin1Bytes('RPC_CONNECT srv.lab:593 HTTP/1.1\r\nHost: proxy\r\n\r\n'));
    talk.send(1, latin1Bytes('HTTP/1.1 200 Connection established\r\n\r\n'));
    talk.send(1, latin1Bytes('ncacn_http/1.0'));
    talk.send(0, BIND);
    talk.send(1, ACK);
    talk.send(0, CALL);
    talk.send(1, ANSWER);
    const { calls, notes } = await told(packets);
    expect(calls).toEqual(['ncacn_http srv.lab:593 GetObjectIdentity answered']);
    expect(notes).toEqual([]);
  });

  it('reads whatever commands an RTS PDU has, and says what is none', async () => {
    const every = [
      window,
      concat(le(1), le(5), le(6), new Uint8Array(16)),
      ...[timeout, cookie(7), concat(le(4), le(9)), concat(le(5), le(9)), VERSION, le(7)],
      ...[concat(le(8), le(3), new Uint8Array(3)), le(9), le(10)],
      concat(le(11), le(0), [10, 0, 0, 1], new Uint8Array(12)),
      concat(le(11), le(1), new Uint8Array(28)),
      ...[concat(le(12), new Uint8Array(16)), concat(le(13), le(3)), concat(le(14), le(1))],
    ];
    const packets: Uint8Array[] = [];
    const talk = new Talk(packets);
    talk.send(0, concat(request('RPC_OUT_DATA', 76), rts(2, ...every)));
    talk.send(0, rts(2, le(99)));
    const { said, notes } = await told(packets);
    expect(said[1]).toMatch(
      /^RTS {2}ReceiveWindowSize, FlowControlAck, .*ClientAddress, ClientAddress, .*PingTrafficSentNotify$/,
    );
    expect(notes).toEqual(['malformed']);
  });

  it('takes whatever comes', async () => {
    const parts = fc.oneof(
      fc.constantFrom(
        request('RPC_OUT_DATA', 76),
        request('RPC_IN_DATA', 2 ** 30),
        OK,
        NO,
        a1(1),
        b1(1),
        a1(2),
        A3,
        BIND,
        CALL,
        ANSWER,
        ACK,
        PING,
      ),
      fc.uint8Array({ maxLength: 60 }),
    );
    const sent = fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom(0, 1),
      parts,
      fc.integer({ min: 1, max: 90 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { maxLength: 14 }), async (script) => {
        const packets: Uint8Array[] = [];
        const talks = [0, 1, 2].map((n) => new Talk(packets, n));
        for (const talk of talks) talk.send(0, request('RPC_IN_DATA', 5));
        for (const [n, side, bytes, size] of script) talks[n].send(side as 0 | 1, bytes, size);
        await told(packets);
      }),
      { numRuns: 60 },
    );
  });
});
