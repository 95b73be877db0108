/**
 * What the transport must know of a protocol to cut its PDUs out of streams and datagrams: fixed-offset peeks,
 * cheap enough to ask of every segment of a capture.
 */

/** A protocol whose PDUs follow each other in a byte stream. */
export interface StreamProtocol {
  /** Bytes that must be there before `claims` and `pduLength` can be asked. */
  readonly headerLength: number;
  /** Upper bound of `pduLength`. */
  readonly maxLength: number;
  /** Whether a PDU begins at `at`. Must be strict: it also finds the next PDU after a hole. */
  claims(bytes: Uint8Array, at: number): boolean;
  /** Length in bytes, header included, of the PDU that begins at `at` and that `claims` accepted. */
  pduLength(bytes: Uint8Array, at: number): number;
}

/** A protocol whose PDUs are datagrams. */
export interface DatagramProtocol {
  /** Whether the payload `start` to `end` is a PDU of the protocol. */
  claims(bytes: Uint8Array, start: number, end: number): boolean;
}
