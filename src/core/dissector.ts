/**
 * What the transport must know of protocols to cut their PDUs out of streams and datagrams: peeks, cheap enough to ask
 * of every segment of a capture; and how a protocol is run on what was cut.
 */
import type { Connection, Endpoint, StateStore, Time, Transport, TransportPdu } from './context.js';
import type { Note } from './node.js';
import type { Piece } from './source.js';

/** The length of a PDU that the bytes at hand do not tell yet. */
export const NOT_YET = -1;
/** The length of a PDU that lasts until its stream ends. */
export const TO_THE_END = -2;

/**
 * How far the length of a PDU was found out, for protocols that have to read on for it. Both are 0 when a PDU begins,
 * and the protocol's own to use, so that no byte is looked at twice.
 */
export interface Measuring {
  /** Counts from where the PDU begins. */
  at: number;
  state: number;
}

/** A protocol whose PDUs follow each other in a byte stream. */
export interface StreamProtocol {
  readonly name: string;
  /** What its connections are called. */
  readonly transport: Transport;
  /**
   * Set where its messages carry other protocols: `all` of them, so that who has what is inside needs them no more, or
   * `some` of them, as those of SMB that are about pipes.
   */
  readonly carries?: 'all' | 'some';
  /** What servers may say in front of their first PDU, and what the connection is called then. */
  readonly greeting?: { readonly bytes: Uint8Array; readonly transport: Transport };
  /** The ports of its servers, where it is looked for on no others. */
  readonly ports?: ReadonlySet<number>;
  /** Bytes that must be there before `opens`, `claims` and `pduLength` can be asked. */
  readonly headerLength: number;
  /** Bytes that `claims` needs to be sure, where that are more: a PDU is not found behind a hole by fewer. */
  readonly surelyBy?: number;
  /** Upper bound of `pduLength`, and of what is kept of a PDU whose length is not known. */
  readonly maxLength: number;
  /** Whether a stream of which nothing is known is this protocol's, by what stands from `at` to `end`. Must be strict. */
  opens(bytes: Uint8Array, at: number, end: number): boolean;
  /** Whether a PDU begins at `at` of a stream that is the protocol's: it also finds the next PDU after a hole. */
  claims(bytes: Uint8Array, at: number, end: number): boolean;
  /**
   * Whether the first bytes of a stream, `length` of them and too few for `opens`, may be those of a PDU. What it refuses of
   * one byte or two, `opens` need not be asked.
   */
  mayBegin(bytes: Uint8Array, at: number, length: number): boolean;
  /**
   * Length in bytes, header included, of the PDU that begins at `at` and that `claims` accepted; `NOT_YET` where what is
   * there (up to `end`) does not tell it: asked again when more is. 0 where it can be none. There is no
   * `connection` before its first PDU, and for the first one behind a hole.
   */
  pduLength(bytes: Uint8Array, at: number, end: number, measuring: Measuring, connection?: Connection | null): number;
  /**
   * Whether nothing of a PDU of this length is wanted, as far as what is there of it (up to `end`) tells: it is passed
   * over. `connection` is null before its first PDU, and for the first one behind a hole.
   */
  passes?(bytes: Uint8Array, at: number, end: number, length: number, connection: Connection | null): boolean;
  /**
   * All of it at a glance: the length of the PDU that begins at `at`, header included, where what is there shows that nothing
   * of it is wanted. 0 where it does not: then the others are asked.
   */
  lengthUnwanted?(bytes: Uint8Array, at: number, end: number, connection: Connection): number;
}

/** A protocol whose PDUs are datagrams. */
export interface DatagramProtocol {
  /** Whether the payload `start` to `end` is a PDU of the protocol. */
  claims(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Protocols that the engine can run: how their PDUs are cut, and what becomes of each. */
export interface Protocol<P> {
  /** Those of streams, in the order in which they are asked. */
  readonly streams: readonly StreamProtocol[];
  readonly datagram: DatagramProtocol;
  /**
   * Starts on a capture; what it returns dissects PDUs in order, and never throws.
   * @param callsAlone whether PDUs that no call comes of may be left out
   */
  start(capture: StateStore, carriers: Carriers, callsAlone?: boolean): ProtocolRun<P>;
}

/** Addresses by port. */
export type ToldEndpoints = ReadonlyMap<number, ReadonlySet<string>>;

/** Protocols at work on one capture. */
export interface ProtocolRun<P> {
  /** Endpoints that PDUs told of so far. */
  readonly told?: ToldEndpoints;
  /** Dissects a PDU into what it is made of; with `record`, trees are made. What is carried in it follows by itself. */
  dissect(pdu: TransportPdu, record: boolean, emit: (dissected: P) => void): void;
  /** Nothing more will come of the connection. */
  closed(connection: Connection): void;
  /** How many messages so far were about nothing that is looked for: no PDU was made of them. */
  passedOver(): number;
  /** What is to be said of the capture, once all of its connections are over. */
  notes(): readonly Note[];
}

/** Makes streams that lie inside PDUs of other protocols: in pipes of SMB, in sealed channels. */
export interface Carriers {
  /** A stream of a protocol; its PDUs are dissected as those of TCP are, as soon as they are whole. */
  open(protocol: StreamProtocol, between: CarriedBetween): CarriedStream;
}

/** Between whom a carried stream is. */
export interface CarriedBetween {
  readonly ends: readonly [Endpoint, Endpoint];
  readonly client: 0 | 1;
  /** Its beginning was not captured. */
  readonly midstream: boolean;
  /** What it goes by instead of the protocol's own transport. */
  readonly transport?: Transport;
  /** The pipe, as `\pipe\srvsvc`, or the server behind a proxy. */
  readonly endpoint?: string;
}

/** Bytes of a carried stream, and where they were seen. */
export interface CarriedBytes {
  readonly bytes: Uint8Array;
  /** Where runs of `bytes` lie in the capture; `fileOffset` is -1 where they were made (decrypted). */
  readonly pieces: readonly Piece[];
  /** The frame that completed them, and its time. */
  readonly frame: number;
  readonly time: Time;
}

/** A stream inside PDUs of another protocol. */
export interface CarriedStream {
  readonly connection: Connection;
  /** The next bytes that `ends[direction]` sent. They are copied where they are kept. */
  data(direction: 0 | 1, carried: CarriedBytes): void;
  /** Bytes are missing here; nobody knows how many. */
  gap(direction: 0 | 1): void;
  /** Nothing more comes: what is not whole comes out, and its protocol is told that the connection is closed. */
  end(): void;
}
