/**
 * The protocols whose PDUs are cut out of streams: how each is dissected on the spot, and described later from plain
 * data. To add one, list it here; dissectors/README.md walks through it.
 */
import { type Connection, StateStore, type TransportPdu } from '../src/core/context.js';
import type { StreamProtocol } from '../src/core/dissector.js';
import type { LimitName } from '../src/core/limits.js';
import type { Call } from './call.js';
import { dissectPdu } from './dcerpc/dissect.js';
import { DCERPC_STREAM } from './dcerpc/pdu.js';
import { callOf } from './dcerpc/plain/call.js';
import { capturedRpc, describeRpc, type PlainRpc } from './dcerpc/plain/pdu.js';
import { closeAssociation } from './dcerpc/retention.js';
import { HTTP_STREAM } from './http/index.js';
import { tellNoLimits } from './limits.js';
import { type Learnt, NNS_CHANNEL } from './nns/channel.js';
import { nnsStream } from './nns/frame.js';
import { closeNns, dissectNns } from './nns/nns.js';
import type { Dissect, Pdu } from './pdu.js';
import { type PlainCall, type PlainConnection, plainConnection } from './plain-call.js';
import { closeChannel } from './remoting/calls.js';
import { NRTP_STREAM } from './remoting/frame.js';
import { dissectHttp } from './remoting/http.js';
import { dissectNrtp } from './remoting/nrtp.js';
import {
  type KnownChannel,
  type KnownHttp,
  knownChannel,
  knownHttp,
  recallChannel,
  recallHttp,
  remotingCallOf,
} from './remoting/plain.js';
import { closeRpch, dissectRpch } from './rpch/rpch.js';
import { rpchStream } from './rpch/stream.js';
import type { Session } from './session.js';
import { closeSmb, dissectSmb } from './smb/dissect.js';
import { smbStream } from './smb/files.js';
import { type PlainSmb, recallSmb } from './smb/plain.js';

/** A protocol of streams. */
interface Part {
  readonly stream: StreamProtocol;
  /**
   * @param emit is also handed `known` where only the dissection tells it
   * @param limits limits that the PDU is known to meet
   */
  dissect(
    pdu: TransportPdu,
    session: Session,
    record: boolean,
    emit: (pdu: Pdu, known?: () => unknown) => void,
    limits?: readonly LimitName[],
  ): void;
  /** Nothing more comes on the connection. */
  closed(connection: Connection, session: Session): void;
  /** What the dissection of a PDU will ask for, as plain data. */
  known(pdu: TransportPdu, session: Session): unknown;
  /** Tells a connection and a capture of which nothing is known what was known. */
  recall(known: unknown, connection: Connection, session: Session): void;
  callOf(plain: PlainCall, session: Session): Call;
}

/** Of a protocol that carries no other: a PDU is dissected, and that is all. */
function alone(dissect: Dissect): Part['dissect'] {
  return (pdu, session, record, emit, limits) => emit(dissect(pdu, session, record, limits));
}

const DCERPC: Part = {
  stream: DCERPC_STREAM,
  dissect: alone(dissectPdu),
  closed: (connection, { capture }) => closeAssociation(connection, capture),
  known: () => null,
  recall: () => {},
  callOf,
};

const NRTP: Part = {
  stream: NRTP_STREAM,
  dissect: alone(dissectNrtp),
  closed: (connection, { capture }) => closeChannel(connection, capture),
  known: (pdu) => knownChannel(pdu),
  recall: (known, connection, session) => recallChannel(known as KnownChannel, connection, session),
  callOf: remotingCallOf,
};

const HTTP: Part = {
  ...NRTP,
  stream: HTTP_STREAM,
  dissect: alone(dissectHttp),
  known: (pdu) => knownHttp(pdu),
  recall: (known, connection, session) => recallHttp(known as KnownHttp, connection, session),
};

const NNS: Part = {
  stream: nnsStream(NRTP_STREAM),
  dissect: (pdu, session, record, emit, limits) => dissectNns(pdu, session, NRTP_STREAM, record, emit, limits),
  closed: (connection, { capture }) => closeNns(connection, capture),
  known: () => null,
  recall(known, connection) {
    connection.state.get(NNS_CHANNEL).recalled = known as Learnt;
  },
  // its calls are those of what runs inside
  callOf,
};

const SMB: Part = {
  stream: smbStream(DCERPC_STREAM),
  dissect: (pdu, session, record, emit) => dissectSmb(pdu, session, DCERPC_STREAM, record, emit),
  closed: closeSmb,
  known: () => null,
  recall: (known, connection) => recallSmb(known as PlainSmb, connection),
  callOf,
};

const RPCH: Part = {
  stream: rpchStream(DCERPC_STREAM),
  dissect: (pdu, session, record, emit) => dissectRpch(pdu, session, DCERPC_STREAM, record, emit),
  closed: closeRpch,
  known: () => null,
  recall: () => {},
  // its calls are those of what runs inside
  callOf,
};

/** Every protocol of streams, in the order in which they are asked whose one is. */
export const PARTS: readonly Part[] = [DCERPC, NRTP, HTTP, NNS, SMB, RPCH];
const BY_NAME = new Map(PARTS.map((part) => [part.stream.name, part]));

/** The protocol of a connection; datagrams are DCE/RPC's. */
export function partOf({ protocol }: Pick<Connection, 'protocol'>): Part {
  return (protocol === null ? undefined : BY_NAME.get(protocol)) ?? DCERPC;
}

/** A PDU with all that its description is made of, as plain data: of DCE/RPC, or of another protocol. */
export type PlainPdu = PlainRpc | PlainMessage;

/** A PDU of another protocol than DCE/RPC. */
export interface PlainMessage {
  readonly transport: Omit<TransportPdu, 'connection'>;
  readonly connection: PlainConnection;
  /** `Part.known`. */
  readonly known: unknown;
  readonly limits: readonly LimitName[];
}

/** A PDU as it was dissected on the spot, and as plain data. */
export interface Captured {
  readonly pdu: Pdu;
  readonly plain: PlainPdu;
}

/** Dissects a PDU in the order of the capture, and makes it plain. */
export function captured(
  transport: TransportPdu,
  session: Session,
  record: boolean,
  emit: (captured: Captured) => void,
): void {
  const part = partOf(transport.connection);
  if (part === DCERPC) {
    emit(capturedRpc(transport, session, record));
    return;
  }
  const connection = plainConnection(transport.connection);
  const known = part.known(transport, session);
  const { connection: _, ...facts } = transport;
  part.dissect(transport, session, record, (pdu, told = () => known) => {
    emit({ pdu, plain: { transport: facts, connection, known: told(), limits: [...pdu.limits] } });
  });
}

/** Dissects a plain PDU; `sessionOf` makes the session of a capture of which nothing is known. */
export function describePdu(plain: PlainPdu, sessionOf: (capture: StateStore) => Session, record: boolean): Pdu {
  const part = partOf(plain.connection);
  if (part === DCERPC) return describeRpc(plain as PlainRpc, sessionOf, record);
  const session = sessionOf(new StateStore());
  const connection: Connection = { ...plain.connection, state: new StateStore() };
  for (const store of [session.capture, connection.state]) tellNoLimits(store);
  part.recall(plain.known, connection, session);
  let described: Pdu | undefined;
  part.dissect(
    { ...plain.transport, connection },
    session,
    record,
    (pdu) => {
      described ??= pdu;
    },
    plain.limits,
  );
  return described as Pdu;
}
