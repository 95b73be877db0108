/**
 * Streams of values that are kept long after they were read. Decoded they take many times their bytes: those that were
 * read longest ago are let go, and read again when somebody asks for them.
 */
import { type StateStore, stateKey } from '../../../src/core/context.js';
import { Cursor } from '../../../src/core/cursor.js';
import { Recording } from '../../../src/core/recording.js';
import type { NrbfStream } from '../format/model.js';
import { readNrbf } from './read.js';

/** What a stream takes in memory once it was read, in bytes a byte, about: records and members are objects. */
const DECODED_COST = 32;
/** What all streams of a capture may take that are kept: little, as the young that live cost more than those that die. */
const MOST_DECODED = 1 << 20;

/** A stream that is there whenever it is asked for. */
export interface KeptNrbf {
  readonly stream: NrbfStream;
}

/** Reads the stream that a source begins with, and keeps it; the cursor stands at the source's beginning. */
export function readKept(c: Cursor, capture: StateStore): KeptNrbf {
  const { source } = c;
  const { limits } = c.recording;
  const decoded = capture.get(DECODED);
  const kept: Kept = {
    decoded: null,
    cost: source.bytes.length * DECODED_COST,
    get stream() {
      return kept.decoded ?? decoded.read(kept, new Cursor(source, new Recording(false, limits)));
    },
  };
  decoded.read(kept, c);
  return kept;
}

interface Kept extends KeptNrbf {
  decoded: NrbfStream | null;
  readonly cost: number;
}

const DECODED = stateKey('nrbf.decoded-streams', () => new DecodedStreams());

/** The streams of a capture that are kept decoded, in the order of their reading. */
class DecodedStreams {
  private kept: Kept[] = [];
  private head = 0;
  private cost = 0;

  /** Reads a stream and keeps it; lets go of others first, so that there is one large one at a time. */
  read(stream: Kept, c: Cursor): NrbfStream {
    this.cost += stream.cost;
    while (this.cost > MOST_DECODED && this.head < this.kept.length) {
      const oldest = this.kept[this.head++];
      this.cost -= oldest.cost;
      oldest.decoded = null;
    }
    if (this.head > 64 && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head);
      this.head = 0;
    }
    this.kept.push(stream);
    stream.decoded = readNrbf(c);
    return stream.decoded;
  }
}
