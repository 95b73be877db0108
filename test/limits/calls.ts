/** Limits of the dissection of calls. */

import type { Call } from '../../dissectors/call.js';
import { ASSOCIATION } from '../../dissectors/dcerpc/association.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { CallList } from '../../src/analysis/calls.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { bindAckBody, bindBody, type Offer, pduBytes, requestHead, responseHead } from '../../src/encode/pdu.js';
import { concat } from '../bytes.js';
import { hex, laboratory } from '../dcerpc/support.js';
import { type Case, type Cases, limitNotes, type Outcome, times } from './case.js';

const [FIRST, LAST, WHOLE] = [1, 2, 3];
const IID = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
const IPID = (i: number): string => `0000${i}c02-03c5-07ed-7311-d8a3c2ce6f44`;

/** A request of an operation that nobody decodes. */
function request(callId: number, o: { stub?: number; flags?: number; context?: number; object?: string } = {}) {
  const { flags = WHOLE, context = 0, object = null } = o;
  const body = concat(requestHead(true, 0, context, 77, object), new Uint8Array(o.stub ?? 8));
  return pduBytes({ type: 0, flags: flags | (object === null ? 0 : 0x80), callId, body });
}

function response(callId: number, flags = WHOLE): Uint8Array {
  return pduBytes({ type: 2, flags, callId, body: concat(responseHead(true, 0, 0), new Uint8Array(8)) });
}

/** Connections under dissection; `note` remembers PDUs whose notes are told. */
class Session {
  private readonly pdus: Pdu[] = [];
  private readonly laboratory: ReturnType<typeof laboratory>;

  constructor(limits: Partial<Limits>) {
    this.laboratory = laboratory([], limits);
  }

  connect(transport?: 'ncadg_ip_udp') {
    const { client, server, ends } = this.laboratory.connection(transport);
    const keep = (pdu: Pdu): Pdu => {
      this.pdus.push(pdu);
      return pdu;
    };
    return { client: (b: Uint8Array) => keep(client(b)), server: (b: Uint8Array) => keep(server(b)), ends };
  }

  outcome(out: readonly string[]): Outcome {
    return { told: limitNotes(this.pdus.flatMap((pdu) => pdu.recording.notes)), out };
  }
}

/** Whether both halves of a call are known. */
function halves({ callId, request, response }: Call): string {
  return `${callId}: ${request !== null} ${response !== null}`;
}

/** A bound of `n` calls that begin together and then are answered. */
function begunAndEnded(
  n: number,
  begin: (i: number) => Uint8Array,
  end: (i: number) => Uint8Array,
  o: { limit?: number; answerFirst?: true } = {},
): Case {
  return {
    limit: o.limit ?? n,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client, server } = session.connect();
      const [first, then] = o.answerFirst ? [server, client] : [client, server];
      const ids = times(over ? n + 1 : n, (i) => i + 1);
      for (const i of ids) first(begin(i));
      // those that began last end first: the oldest has to go, not one that is over by then
      return session.outcome(ids.reverse().map((i) => halves(then(end(i)).call!)));
    },
  };
}

/** Stubs in two fragments that begin together and then end. */
function fragmented(n: number, limit = n): Case {
  return {
    limit,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client } = session.connect();
      const ids = times(over ? n + 1 : n, (i) => i + 1);
      for (const i of ids) client(request(i, { flags: FIRST, stub: 100 }));
      const calls = ids.reverse().map((i) => client(request(i, { flags: LAST, stub: 20 })).call!);
      return session.outcome(calls.map((c) => `${c.callId}: ${c.request?.stub?.length}`));
    },
  };
}

/** A datagram of a call without decoded parameters (C706 12.5.2). */
function datagram(activity: number, type: number): Uint8Array {
  const b =
    hex(`04${type === 0 ? '00' : '02'} 08 00 10000000 00000000000000000000000000000000 9ec1fcc370a9d2118b5a00a0c9b7c9c4
    27cb5c172c77d9f3e67e02dfdf769191 00000000 00000000 00000000 4d00 ffff ffff 0800 0000 0000 0000000000000000`);
  b[40] = activity;
  return b;
}

/** Answers of calls in the order of a list, the first of which stays open. */
function listed(limits: Partial<Limits>, behind: number): Outcome {
  const out: string[] = [];
  const seen: Call[] = [];
  const list = new CallList((call, number) => {
    seen.push(call);
    out.push(`${number}: ${call.response !== null}`);
  }, limitsWith(limits));
  const half = { frames: [1], time: { sec: 0, nsec: 0 }, stub: new Uint8Array(100) };
  const base = { in: null, out: null, request: half, fault: null, answering: false, auth: { decrypted: null } };
  const call = (open: boolean): Call => ({ ...base, warnings: [], open, response: open ? null : half }) as never;
  const add = (c: Call): void => list.add({ call: c, completes: 'request' } as unknown as Pdu);
  const first = call(true);
  add(first);
  for (let i = 0; i < behind; i++) add(call(false));
  Object.assign(first, { response: half, open: false });
  add(first);
  list.end();
  return { told: limitNotes(seen.flatMap((c) => c.warnings)), out };
}

export const CALL_CASES: Cases = {
  contexts: {
    limit: 4,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client, server } = session.connect();
      const ids = times(over ? 5 : 4, (i) => i);
      const offers: Offer[] = ids.map((id) => ({ id, iid: IID, version: '0.0', syntaxes: ['NDR'] }));
      client(pduBytes({ type: 11, callId: 1, body: bindBody(true, 4280, 0, offers) }));
      const results = ids.map(() => ({ syntax: 'NDR' }));
      server(pduBytes({ type: 12, callId: 1, body: bindAckBody(true, 4280, 1, '135', results) }));
      return session.outcome(ids.map((context) => `${context}: ${client(request(context, { context })).call?.iid}`));
    },
  },
  securityContexts: {
    limit: 2,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client, ends } = session.connect();
      for (const contextId of times(over ? 3 : 2, (i) => i)) {
        const auth = { type: 10, level: 5, contextId, value: new TextEncoder().encode('NTLMSSP\0\x01\0\0\0') };
        client(pduBytes({ type: 14, callId: 1, body: bindBody(true, 4280, 0, []), auth }));
      }
      return session.outcome([...ends.state.get(ASSOCIATION).security.keys()].map(String));
    },
  },
  // three with a context each, the last of them still an offer, of which two entries are kept beside it
  contextBytes: {
    limit: 256 * (2 + 3),
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const offers: Offer[] = [{ id: 0, iid: IID, version: '0.0', syntaxes: ['NDR'] }];
      const connections = times(over ? 4 : 3, () => {
        const connection = session.connect();
        connection.client(pduBytes({ type: 11, callId: 1, body: bindBody(true, 4280, 0, offers) }));
        connection.server(
          pduBytes({ type: 12, callId: 1, body: bindAckBody(true, 4280, 1, '135', [{ syntax: 'NDR' }]) }),
        );
        return connection;
      });
      return session.outcome(connections.map(({ client }, i) => `${i}: ${client(request(2)).call?.iid}`));
    },
  },
  openCalls: begunAndEnded(4, (i) => request(i), response),
  // a call costs 1 KB, the PDU that its stub is a part of, and what a short stub may decode to
  openBytes: begunAndEnded(4, (i) => request(i), response, { limit: 4 * (1024 + 32 + 8 * 8) }),
  earlyAnswers: begunAndEnded(3, response, (i) => request(i), { answerFirst: true }),
  assemblies: fragmented(3),
  // a fragment costs its PDU and 256 bytes
  assembledBytes: fragmented(3, 3 * (24 + 100 + 256)),
  stubBytes: {
    limit: 300,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client } = session.connect();
      const long = times(over ? 6 : 3, (i) => request(1, { flags: i === 0 ? FIRST : 0, stub: 100 }));
      for (const fragment of long) client(fragment);
      client(request(2, { flags: FIRST, stub: 100 }));
      const calls = [1, 2].map((i) => client(request(i, { flags: LAST, stub: 0 })).call!);
      return session.outcome(calls.map((c) => `${c.callId}: ${c.request?.stub?.length}`));
    },
  },
  activities: {
    limit: 3,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const { client, server } = session.connect('ncadg_ip_udp');
      const activities = times(over ? 4 : 3, (i) => i);
      for (const i of activities) client(datagram(i, 0));
      return session.outcome(activities.reverse().map((i) => `${i} ${halves(server(datagram(i, 2)).call!)}`));
    },
  },
  ipids: {
    limit: 2,
    lost: 1,
    run: (limits, over) => {
      const session = new Session(limits);
      const bound = session.connect();
      const offers: Offer[] = [{ id: 0, iid: IID, version: '0.0', syntaxes: ['NDR'] }];
      bound.client(pduBytes({ type: 11, callId: 1, body: bindBody(true, 4280, 0, offers) }));
      const objects = times(over ? 3 : 2, IPID);
      for (const [i, object] of objects.entries()) bound.client(request(i + 1, { object }));
      const { client } = session.connect();
      // this connection's bind was not captured
      return session.outcome(
        objects.map((object, i) => `${object}: ${client(request(i + 1, { object, context: 9 })).call?.iid}`),
      );
    },
  },
  waitingCalls: { limit: 3, lost: 1, run: (limits, over) => listed(limits, over ? 4 : 3) },
  // 1 KB and two stubs a call, one of the first, which is open
  waitingBytes: { limit: 4 * 1024 + 100 + 3 * 200, lost: 1, run: (limits, over) => listed(limits, over ? 4 : 3) },
};

/** Fragments that hold nothing cost too: the message of the limit that `count` of them meet. */
export function emptyFragments(count: number, limits: Partial<Limits>): readonly string[] {
  const session = new Session(limits);
  const { client } = session.connect();
  for (let i = 0; i < count; i++) client(request(1, { flags: i === 0 ? FIRST : 0, stub: 0 }));
  return session.outcome([]).told;
}
