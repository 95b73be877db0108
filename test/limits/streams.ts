/** Limits between packets and PDUs. */
import { pcapngReader } from '../../src/capture/pcapng/pcapng.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { ACK, concat, dcerpcPdu, interfaceBlock, ipv4, option, SYN, sectionHeader, tcp } from '../bytes.js';
import { run } from '../streams/support.js';
import { type Cases, limitNotes, type Outcome, times } from './case.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
/** Payload of a client's connection, its place counted from the first byte; a SYN stands at -1. */
const up = (client: number, at: number, payload?: Uint8Array): Uint8Array =>
  ipv4(CLIENT, SERVER, 6, tcp(50_000 + client, 135, 1000 + at, payload, payload === undefined ? SYN : ACK));
const pdu = (seed: number, length = 100): Uint8Array => dcerpcPdu(length, { seed });

function seen(packets: readonly Uint8Array[], limits: Partial<Limits>): Outcome {
  const { pdus, notes } = run(packets, { link: 101, limits });
  const out = pdus.map(({ bytes: b, length }) => `${b[12] | (b[13] << 8)}: ${b.length} of ${length}`);
  return { told: limitNotes(notes), out };
}

/** A connection whose second PDU comes last, behind `others`. */
function late(others: number, limits: Partial<Limits>): Outcome {
  const behind = times(others, (i) => up(0, 100 * (i + 2), pdu(i + 2)));
  return seen([up(0, -1), up(0, 0, pdu(0)), ...behind, up(0, 100, pdu(1))], limits);
}

/** Datagrams in two fragments; the first is complete at last, the others never. */
function fragments(datagrams: number, limits: Partial<Limits>): Outcome {
  const whole = tcp(50_000, 135, 1000, pdu(1, 8000));
  const part = (id: number, from: number, to: number): Uint8Array =>
    ipv4(CLIENT, SERVER, 6, whole.slice(from, to), {
      id,
      fragmentOffset: from,
      moreFragments: to < whole.length,
    });
  const begun = times(datagrams, (id) => part(id + 1, 4000, whole.length));
  return seen([...begun, part(1, 0, 4000)], limits);
}

/** A pcapng file with that many comments of 36 bytes. */
function commented(comments: number, told: Partial<Limits>): Outcome {
  const options = times(comments, (i) => option(1, Buffer.from(String(i).padStart(36, '0'))));
  const file = concat(sectionHeader(true, concat(...options)), interfaceBlock());
  const reader = pcapngReader(() => true, limitsWith(told));
  reader.read(file, 0, file.length, 0, true);
  return { told: limitNotes(reader.end.notes), out: [...reader.end.comments, `link ${reader.end.linkTypes}`] };
}

export const STREAM_CASES: Cases = {
  metadata: { limit: 3 * (36 + 64), lost: 1, run: (limits, over) => commented(over ? 4 : 3, limits) },
  connections: {
    limit: 4,
    lost: 0,
    run: (limits, over) => {
      const clients = times(over ? 5 : 4, (i) => i);
      const first = clients.flatMap((i) => [up(i, -1), up(i, 0, pdu(i))]);
      // what was given up begins anew
      return seen([...first, ...clients.map((i) => up(i, 100, pdu(100 + i)))], limits);
    },
  },
  flows: {
    limit: 8,
    with: { connections: 4 },
    lost: 0,
    run: (limits, over) => {
      const others = times(over ? 8 : 7, (i) => up(1000 + i, 0, new Uint8Array(100).fill(0x55)));
      return seen([up(0, -1), up(0, 0, pdu(1)), ...others, up(0, 100, pdu(2))], limits);
    },
  },
  buffered: {
    // room for the whole PDU, of which half is there, and the place of one piece
    limit: 3 * (1000 + 64),
    lost: 1,
    run: (limits, over) => {
      const begun = times(over ? 4 : 3, (i) => [up(i, -1), up(i, 0, pdu(i, 1000).slice(0, 500))]).flat();
      const rest = up(0, 500, pdu(0, 1000).slice(500));
      return seen([...begun, rest, up(9, -1), up(9, 0, pdu(9))], limits);
    },
  },
  bufferedPerConnection: { limit: 300, lost: 1, run: (limits, over) => late(over ? 4 : 3, limits) },
  heldSegments: { limit: 3, lost: 1, run: (limits, over) => late(over ? 4 : 3, limits) },
  fragmented: { limit: 3, lost: 1, run: (limits, over) => fragments(over ? 4 : 3, limits) },
  fragmentedBytes: {
    // two headers and the PDU, what keeping the datagram costs, and one fragment's place
    limit: 3 * (20 + 20 + 8000 + 256 + 64),
    lost: 1,
    run: (limits, over) => fragments(over ? 4 : 3, limits),
  },
};

/** A capture's packets: a connection with `calls` requests that nobody answers. */
export function unanswered(calls: number): Uint8Array[] {
  const requests = times(calls, (i) => {
    const request = pdu(i + 1, 32);
    request.set([8, 0, 0, 0, 0, 0, 3, 0], 16);
    return request;
  });
  return [up(0, -1), up(0, 0, concat(...requests))];
}
