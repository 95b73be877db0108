/** One frame of a capture: what filters, columns and printers see of it. */
import type { Time } from './context.js';
import type { Node } from './node.js';

/** A frame, its layers, and the PDUs that it completed. */
export interface Frame<P = unknown> {
  /** 1-based, as Wireshark counts. */
  readonly number: number;
  readonly time: Time;
  /** The trees of its layers (link, network, transport) first, then those of each PDU. */
  readonly roots: readonly (readonly Node[])[];
  readonly pdus: readonly P[];
  /** It was handed out before, without this PDU. */
  readonly late: boolean;
}
