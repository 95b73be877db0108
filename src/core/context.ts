/**
 * State by key. Dissectors keep what they learn (binds, open calls, interface pointers, keys) in stores that
 * belong to a connection or to the whole capture; each declares its own slot and nobody else's type is known here.
 */

import type { Piece } from './source.js';

/** Names a slot and says how it begins. */
export interface StateKey<T> {
  readonly name: string;
  readonly initial: () => T;
}

/** Declares a slot. */
export function stateKey<T>(name: string, initial: () => T): StateKey<T> {
  return { name, initial };
}

/** A bag of slots. */
export class StateStore {
  private readonly slots = new Map<StateKey<unknown>, unknown>();

  /** The slot's content, made at first sight. */
  get<T>(key: StateKey<T>): T {
    let value = this.slots.get(key as StateKey<unknown>) as T | undefined;
    if (value === undefined) {
      value = key.initial();
      this.slots.set(key as StateKey<unknown>, value);
    }
    return value;
  }
}

/** An address and a port; the address as people write it. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * What a connection speaks: protocol sequences as C706 and MS-RPCE name them, .NET remoting over TCP and HTTP, and what
 * carries others: SMB (its pipes are `ncacn_np`) and channels of NegotiateStream.
 */
export type Transport =
  | 'ncacn_ip_tcp'
  | 'ncadg_ip_udp'
  | 'ncacn_np'
  | 'ncacn_http'
  | 'nrtp_tcp'
  | 'nrtp_http'
  | 'smb'
  | 'nns';

/** A transport connection (TCP), or a pair of endpoints (UDP). `ends[direction]` sent what goes in that direction. */
export interface Connection {
  /** Counts from 0 in the order of first packets. */
  readonly id: number;
  /** A server's greeting may tell it, behind the client's first PDU. */
  transport: Transport;
  /** Name of the protocol that its PDUs are cut for: `StreamProtocol.name`; null for datagrams. */
  readonly protocol: string | null;
  /** The pipe of `ncacn_np`, as `\pipe\srvsvc`; the server behind a proxy of `ncacn_http`; null for others. */
  readonly endpoint: string | null;
  /** Of RPC over HTTP those of the channel that requests come by, as soon as that is seen. */
  ends: readonly [Endpoint, Endpoint];
  /** Which end calls and which answers. Set by SYN or by the first PDU that tells; a guess until then. */
  client: 0 | 1;
  /** True where the capture begins in the middle of the connection. */
  readonly midstream: boolean;
  readonly state: StateStore;
}

/** Connections that one host tried to an endpoint, and that never came about. */
export interface Attempt {
  /** The port is that of the first SYN. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** SYNs, with those that were sent again. */
  readonly syns: number;
  readonly outcome: 'no answer' | 'reset';
  /** Frames of the SYNs, and of the last RST; the first of many. */
  readonly frames: readonly number[];
  /** When the first SYN was captured. */
  readonly time: Time;
}

/** When a frame was captured: whole seconds since 1970 (UTC), NaN where its file tells no time, and nanoseconds. */
export interface Time {
  readonly sec: number;
  readonly nsec: number;
  /** Units a second in which its file tells it, where that is known. */
  readonly units?: number | undefined;
}

/** What the transport hands to a dissector: one PDU's bytes and where they were seen. */
export interface TransportPdu {
  readonly connection: Connection;
  readonly direction: 0 | 1;
  /** The PDU as captured; shorter than `length` where its end was lost. Owned by the receiver. */
  readonly bytes: Uint8Array;
  /** What the PDU says its length is. */
  readonly length: number;
  /** Where the bytes lie in the capture file. */
  readonly pieces: readonly Piece[];
  /** 1-based numbers of the frames that carried it, in order; the last completed it. */
  readonly frames: readonly number[];
  /** When the last of them was captured. */
  readonly time: Time;
  /** Set where bytes before this PDU in its direction were lost or never captured. */
  readonly afterGap: boolean;
}
