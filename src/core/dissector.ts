/**
 * What the transport must know of a protocol to cut its PDUs out of streams and datagrams: fixed-offset peeks,
 * cheap enough to ask of every segment of a capture.
 */
import type { Connection, StateStore, TransportPdu } from './context.js';

/** A protocol whose PDUs follow each other in a byte stream. */
export interface StreamProtocol {
  /** Bytes that must be there before `claims` and `pduLength` can be asked. */
  readonly headerLength: number;
  /** Upper bound of `pduLength`. */
  readonly maxLength: number;
  /** Whether a PDU begins at `at`. Must be strict: it also finds the next PDU after a hole. */
  claims(bytes: Uint8Array, at: number): boolean;
  /** Whether the first bytes of a stream, `length` of them and too few for `claims`, may be those of a PDU. */
  mayBegin(bytes: Uint8Array, at: number, length: number): boolean;
  /** Length in bytes, header included, of the PDU that begins at `at` and that `claims` accepted. */
  pduLength(bytes: Uint8Array, at: number): number;
}

/** A protocol whose PDUs are datagrams. */
export interface DatagramProtocol {
  /** Whether the payload `start` to `end` is a PDU of the protocol. */
  claims(bytes: Uint8Array, start: number, end: number): boolean;
}

/** A protocol that the engine can run: how its PDUs are cut, and what becomes of each. */
export interface Protocol<P> {
  readonly stream: StreamProtocol;
  readonly datagram: DatagramProtocol;
  /** Starts on a capture; the function it returns dissects its PDUs in order, and never throws. */
  start(capture: StateStore): ProtocolRun<P>;
}

/** Addresses by port. */
export type ToldEndpoints = ReadonlyMap<number, ReadonlySet<string>>;

/** A protocol at work on one capture. */
export interface ProtocolRun<P> {
  /** Endpoints that its PDUs told of so far. */
  readonly told?: ToldEndpoints;
  /** Dissects a PDU; with `record`, its tree is made. */
  dissect(pdu: TransportPdu, record: boolean): P;
  /** Nothing more will come of the connection. */
  closed(connection: Connection): void;
}
