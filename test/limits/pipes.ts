/** Limits of what is known of SMB, and of what its pipes carry. */
import type { Pdu } from '../../dissectors/pdu.js';
import type { Limits } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import type { FilePacket } from '../bytes.js';
import { pass } from '../fuzz/way.js';
import { type Said, SMB2_PIPES } from '../smb/golden.js';
import {
  BIND,
  captureOf,
  createRequest,
  createResponse,
  nbss,
  openPipe,
  rpcRequest,
  smb2,
  treeConnect,
  valuesOf,
  write,
} from '../smb/support.js';
import { type Case, type Cases, limitNotes, type Outcome, times } from './case.js';

/** Reads packets; `told` says what a PDU shows, nothing of others. */
function outcome(packets: readonly FilePacket[], limits: Partial<Limits>, shows: (pdu: Pdu) => string | null): Outcome {
  const notes: Note[] = [];
  const out: string[] = [];
  const onPdu = (pdu: Pdu): void => {
    notes.push(...pdu.recording.notes);
    const shown = shows(pdu);
    if (shown !== null) out.push(shown);
  };
  const raw = packets.map(({ bytes }) => ({ link: 1, bytes, length: bytes.length, sec: 0, nsec: 0 }));
  const passed = pass(raw, { record: true, limits, onPdu });
  return { told: limitNotes([...notes, ...passed.notes]), out };
}

/** One connection on which `more` things more are begun than a limit has room for. */
function oneOver(
  limit: number,
  said: (ids: readonly number[]) => readonly Said[],
  shows: (pdu: Pdu) => string | null,
): Case {
  return {
    limit,
    lost: 1,
    run: (limits, over) => outcome(captureOf(said(times(over ? limit + 1 : limit, (i) => i + 1))), limits, shows),
  };
}

const file = (i: number): string => `${i}1111111-2222-3333-4444-555555555555`;
const reversed = (ids: readonly number[]): number[] => [...ids].reverse();
/** What CREATE requests show of a field. */
const ofCreates =
  (name: string) =>
  (pdu: Pdu): string | null =>
    pdu.says?.startsWith('Create Request') ? `${pdu.says}: ${valuesOf([pdu], name)}` : null;
const create = (id: number, o: { tree?: number; session?: number } = {}): Said => [
  0,
  nbss(smb2(5, createRequest(`file ${id}`), { id, ...o })),
];

/** The setup of a session, by another number. */
const setup = (session: number): Said[] =>
  SMB2_PIPES.slice(2, 6).map(([from, message], i) => {
    const bytes = message.slice();
    if (i > 0) bytes.set([session, 0, 0, 0, 0, 0, 0, 0], 4 + 40);
    return [from, bytes];
  });

/** A call in a pipe, by the endpoint that is known of it. */
const calls = (pdu: Pdu): string | null =>
  pdu.call?.response === null && pdu.call.request !== null
    ? `${pdu.call.connection.endpoint}: ${pdu.call.request.stub?.length} ${pduSummary(pdu)}`
    : null;

export const PIPE_CASES: Cases = {
  smbSessions: oneOver(
    2,
    (ids) => [...ids.flatMap(setup), ...ids.map((session) => create(session, { session }))],
    ofCreates('smb2.acct'),
  ),
  smbTrees: oneOver(
    2,
    (ids) => [...ids.flatMap((tree) => treeConnect(2, { tree })), ...ids.map((tree) => create(tree, { tree }))],
    ofCreates('smb2.tree'),
  ),
  // those that began last are used first: the oldest has to go, not one that is over by then
  smbPipes: oneOver(
    2,
    (ids) => [
      ...treeConnect(2),
      ...ids.flatMap((i) => openPipe(`pipe ${i}`, i, file(i))),
      ...reversed(ids).flatMap((i) => [write(10 + i, BIND, file(i)), write(20 + i, rpcRequest(i), file(i))]),
    ],
    calls,
  ),
  smbRequests: oneOver(
    2,
    (ids) => [
      ...treeConnect(2),
      ...ids.map((id) => create(id)),
      ...reversed(ids).map((id): Said => [1, nbss(smb2(5, createResponse(file(id)), { id, answer: true }))]),
    ],
    (pdu) => (pdu.says?.startsWith('Create Response') ? pdu.says : null),
  ),
  smbBytes: {
    // a tree of each connection, and a request that waits
    limit: 4 * 1024,
    lost: 1,
    run(limits, over) {
      const [first, ...others] = times(over ? 4 : 3, (i) => captureOf([...treeConnect(2), create(9)], 40_000 + i));
      const packets = [...first.slice(0, -1), ...others.flatMap((o) => o.slice(0, -1)), ...first.slice(-1)];
      return outcome(packets, limits, ofCreates('smb2.tree'));
    },
  },
  carriedBytes: {
    // room for the whole PDU, of which a part is there, and the place of one piece
    limit: 3 * (124 + 64),
    lost: 1,
    run(limits, over) {
      const ids = times(over ? 4 : 3, (i) => i + 1);
      const request = rpcRequest(1, new Uint8Array(100));
      const said = [
        ...treeConnect(2),
        ...ids.flatMap((i) => [...openPipe(`pipe ${i}`, i, file(i)), write(10 + i, BIND, file(i))]),
        ...ids.map((i) => write(20 + i, request.slice(0, 50), file(i))),
        ...reversed(ids).map((i) => write(30 + i, request.slice(50), file(i))),
      ];
      return outcome(captureOf(said), limits, calls);
    },
  },
};
