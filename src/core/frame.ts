/** One frame of a capture: what filters, columns and printers see of it. */
import type { Time } from './context.js';
import type { Node } from './node.js';
import type { Sieve } from './recording.js';

/** A frame, its layers, and the PDUs that it completed. */
export interface Frame<P = unknown> {
  /** 1-based, as Wireshark counts. */
  readonly number: number;
  readonly time: Time;
  /** The trees of its layers (link, network, transport) first, then those of each PDU. */
  readonly roots: readonly (readonly Node[])[];
  /** The same, where leaves need be there for what is asked for alone. */
  sifted?(asked: Asked): readonly (readonly Node[])[];
  readonly pdus: readonly P[];
  /** It was handed out before, without this PDU. */
  readonly late: boolean;
}

/** What a filter or columns ask of frames. */
export interface Asked extends Sieve {
  /** Whether any field of a frame's layers is asked for. */
  readonly ofLayers: boolean;
  /** Whether any field of its PDUs is. */
  readonly ofPdus: boolean;
}

/** Something that is true or false of a frame: a display filter. */
export interface FrameTest extends Asked {
  /** Whether the frame matches. */
  matches(frame: Frame): boolean;
  /** What is true of every frame that has these layers, or these PDUs, whatever its other part is; null where that decides. */
  foresees(frame: Frame, known: 'layers' | 'pdus'): boolean | null;
}
