/**
 * One direction of a TCP connection (RFC 9293 3.4): segments in any order become bytes in order. The bytes that
 * came first win. What never comes is waited for a while, then handed on as a hole of known length.
 */
import type { Limits } from '../core/limits.js';
import type { Piece } from '../core/source.js';
import type { Cutter } from './cut.js';
import { addPieces, type Budget, type Segment } from './types.js';

/**
 * Packets of the connection to wait for missing bytes that the receiver has already acknowledged. They were sent and
 * passed the capture by, or they stand a little behind: taps and several cores that write one file put packets of one
 * moment in any order, seldom more than a handful, so that bytes come some packets behind their acknowledgement. Less
 * than that and calls fall to pieces of which all bytes are there; more only keeps what stands behind the hole waiting.
 */
export const PATIENCE_ACKED = 16;
/** Packets of the connection to wait for missing bytes otherwise. */
const PATIENCE = 128;
/** What holding a segment costs beside its bytes, about. */
const HELD_COST = 400;
const NOTHING = new Uint8Array(0);
/** A segment this far behind belongs to a connection whose beginning was not captured. */
const FAR_BEHIND = 1 << 24;

/** A SYN, or what a receiver wants, this far in front of the first segment still belongs to it. */
const NEAR = 65536;

/** A segment (or the part of one that was new) that came before what is in front of it. */
interface Held {
  /** Where it stands, in bytes of the stream. */
  readonly at: number;
  readonly segment: Segment;
}

/** Whom an assembly tells. */
export interface AssemblySink {
  /** Bytes were sent again and differ; the first stay. */
  conflict(frame: number): void;
  /** A bound was met: missing bytes were given up before their time. */
  limit(name: 'heldSegments' | 'bufferedPerConnection', frame: number): void;
}

/** Puts one direction in order and feeds its cutter. */
export class TcpAssembly {
  /** Whether `next` is known. */
  started = false;
  /** The sequence number expected next. */
  private next = 0;
  /** The same in bytes from where the assembly began; sequence numbers wrap, this does not. */
  private position = 0;
  private held: Held[] = [];
  private heldBytes = 0;
  /** Packets of the connection seen since the hole in front stopped shrinking. */
  private waited = 0;
  /** Where the stream ends (FIN), -1 while not known. */
  private finish = -1;
  /** Position that the receiver has acknowledged. */
  private acked = -1;
  /** The lowest sequence number that the receiver wanted next before this direction was seen; -1 where it did not say. */
  private wanted = -1;

  constructor(
    readonly cutter: Cutter,
    private readonly budget: Budget,
    private readonly limits: Limits,
    private readonly sink: AssemblySink,
    /** Whether a hole may be searched behind byte by byte: only once the stream is known to be ours. */
    private readonly sure: () => boolean,
  ) {}

  /** The first payload byte has this sequence number. */
  start(sequence: number): void {
    this.started = true;
    this.next = sequence >>> 0;
  }

  /**
   * Begins with a segment whose SYN was not captured: where its receiver still wanted bytes a little in front of it,
   * these were displaced, or lost.
   */
  startInMiddle(sequence: number): void {
    const distance = (sequence - this.wanted) | 0;
    this.start(this.wanted >= 0 && distance > 0 && distance <= NEAR ? this.wanted : sequence);
    this.cutter.startAnywhere();
  }

  /** Whether the stream begins with this sequence number, and nothing of it has come. */
  isOutset(sequence: number): boolean {
    return this.position === 0 && sequence >>> 0 === this.next && this.held.length === 0;
  }

  /** True once all bytes up to the FIN are there. */
  get finished(): boolean {
    return this.finish >= 0 && this.position >= this.finish;
  }

  /** Whether bytes are missing that later ones wait for. */
  get waiting(): boolean {
    return this.held.length > 0;
  }

  /** Whether the receiver has acknowledged what is missing. */
  get isAcknowledged(): boolean {
    return this.held.length > 0 && this.acked >= this.held[0].at;
  }

  /** The earliest frame that bytes are held of; Infinity where there are none. */
  get earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { segment } of this.held) if (segment.frame < earliest) earliest = segment.frame;
    return earliest;
  }

  /** Adds the frames that bytes are held of. */
  addHeld(frames: Set<number>): void {
    for (const { segment } of this.held) frames.add(segment.frame);
  }

  /** Bytes of the stream that were handed on or given up. */
  get delivered(): number {
    return this.position;
  }

  /** Position of a sequence number; -1 where it makes no sense, or the stream's beginning is not known. */
  positionOf(sequence: number): number {
    if (!this.started) return -1;
    const distance = (sequence - this.next) | 0;
    return distance > FAR_BEHIND || distance < -FAR_BEHIND ? -1 : this.position + distance;
  }

  /** What is held back, behind missing bytes or of a PDU that is not complete, takes of the budget. */
  get cost(): number {
    return this.heldBytes + this.held.length * HELD_COST + this.cutter.cost;
  }

  /** Whether a first sequence number is that of this very stream: the SYN was captured behind its data. */
  beganAt(sequence: number): boolean {
    const distance = (this.next - sequence) | 0;
    return distance >= 0 && distance - this.position <= NEAR && distance >= this.position;
  }

  /**
   * Takes the front of a payload as far as nothing of it is wanted: `captured` bytes from `start` on are here, `length`
   * were on the wire. Returns how many it took; the others have to be taken as a segment.
   */
  pass(sequence: number, bytes: Uint8Array, start: number, captured: number, length: number): number {
    if (!this.started || sequence !== this.next || this.held.length > 0) return 0;
    const passed = this.cutter.passOver(bytes, start, captured, length);
    if (passed > 0) {
      this.waited = 0;
      this.position += passed;
      this.next = (this.next + passed) >>> 0;
    }
    return passed;
  }

  /** Takes a segment's payload. */
  take(sequence: number, segment: Segment): void {
    const distance = (sequence - this.next) | 0;
    if (distance === 0 && this.held.length === 0) {
      this.deliver(segment);
      return;
    }
    if (distance < 0) {
      if (distance < -FAR_BEHIND) this.restart(sequence, segment);
      else this.again(-distance, segment);
      return;
    }
    this.hold(this.position + distance, segment);
    this.drain();
    const { heldSegments, bufferedPerConnection } = this.limits;
    const tooMany = this.held.length > heldSegments;
    if (tooMany || this.heldBytes > bufferedPerConnection) {
      this.sink.limit(tooMany ? 'heldSegments' : 'bufferedPerConnection', segment.frame);
      this.giveUp();
    }
  }

  /** A FIN at this sequence number. */
  end(sequence: number): void {
    const distance = (sequence - this.next) | 0;
    if (distance >= 0) this.finish = this.position + distance;
  }

  /** The other end has acknowledged everything before this sequence number. */
  acknowledged(sequence: number): void {
    if (!this.started && (this.wanted < 0 || ((sequence - this.wanted) | 0) < 0)) this.wanted = sequence;
    if (this.held.length === 0) return;
    const at = this.position + ((sequence - this.next) | 0);
    if (at > this.acked) this.acked = at;
  }

  /** A packet of the connection went by: is the hole in front worth waiting for? */
  tick(): void {
    if (this.held.length === 0) return;
    this.waited++;
    const patience = this.isAcknowledged ? PATIENCE_ACKED : PATIENCE;
    if (this.waited >= patience) this.giveUp();
  }

  /** Hands on everything that is held, holes and all. */
  flush(): void {
    while (this.held.length > 0) this.giveUp();
  }

  private giveUp(): void {
    const { at } = this.held[0];
    this.gap(at - this.position);
    this.drain();
  }

  private gap(length: number): void {
    this.position += length;
    this.next = (this.next + length) >>> 0;
    this.cutter.gap(length, this.sure());
  }

  private deliver(segment: Segment): void {
    const { captured, length } = segment;
    this.waited = 0;
    this.position += captured;
    this.next = (this.next + captured) >>> 0;
    this.cutter.data(segment);
    // Cut by the snap length: what is missing will not come again.
    if (captured < length) this.gap(length - captured);
  }

  private drain(): void {
    let n = 0;
    while (n < this.held.length && this.held[n].at <= this.position) {
      const { segment } = this.held[n++];
      this.release(segment);
      this.deliver(segment);
    }
    if (n > 0) this.held.splice(0, n);
  }

  private release(segment: Segment): void {
    this.heldBytes -= segment.captured;
    this.budget.used -= segment.captured + HELD_COST;
  }

  /** A segment that begins `back` bytes before what is expected: sent again, as a whole or in part. */
  private again(back: number, segment: Segment): void {
    const old = Math.min(back, segment.captured);
    if (this.cutter.differs(back, segment.bytes, segment.start, old)) this.sink.conflict(segment.frame);
    if (segment.length <= back) return;
    const rest = part(segment, back, segment.length);
    if (this.held.length === 0) this.deliver(rest);
    else {
      this.hold(this.position, rest);
      this.drain();
    }
  }

  /** Sequence numbers that make no sense here: the port pair was used again and its SYN was not captured. */
  private restart(sequence: number, segment: Segment): void {
    this.flush();
    this.cutter.finish();
    this.cutter.startAnywhere();
    this.start(sequence);
    this.finish = -1;
    this.acked = -1;
    this.deliver(segment);
  }

  /** Puts copies of those bytes that are new among the held ones. */
  private hold(at: number, segment: Segment): void {
    const end = at + segment.length;
    let i = this.held.length;
    while (i > 0 && endOf(this.held[i - 1]) > at) i--;
    let from = at;
    while (from < end) {
      const other = this.held[i];
      const to = other === undefined ? end : Math.min(end, other.at);
      if (from < to) {
        this.insert(i++, from, kept(part(segment, from - at, to - at)));
        from = to;
      }
      if (other === undefined || other.at >= end) break;
      const common = Math.min(end, endOf(other));
      if (!sameBytes(segment, from - at, other.segment, from - other.at, common - from))
        this.sink.conflict(segment.frame);
      from = Math.max(from, common);
      i++;
    }
  }

  private insert(i: number, at: number, segment: Segment): void {
    if (i === this.held.length) this.held.push({ at, segment });
    else this.held.splice(i, 0, { at, segment });
    this.heldBytes += segment.captured;
    this.budget.used += segment.captured + HELD_COST;
  }
}

function endOf(held: Held): number {
  return held.at + held.segment.length;
}

/** Bytes `from` to `to` of a segment. */
function part(segment: Segment, from: number, to: number): Segment {
  const captured = Math.max(0, Math.min(segment.captured, to) - from);
  return { ...segment, start: segment.start + from, captured, length: to - from };
}

/** The same bytes for as long as they are wanted: a segment's own are its packet's. */
function kept(segment: Segment): Segment {
  const { start, captured, length, frame, time, acknowledges } = segment;
  const pieces: Piece[] | null = segment.pieces === null ? null : [];
  if (pieces !== null) addPieces(pieces, 0, segment, start, captured);
  const bytes = captured > 0 ? segment.bytes.slice(start, start + captured) : NOTHING;
  const fileDelta = segment.fileDelta + start;
  return { bytes, start: 0, captured, length, frame, fileDelta, pieces, time, acknowledges };
}

function sameBytes(a: Segment, from: number, b: Segment, fromB: number, length: number): boolean {
  const n = Math.min(length, a.captured - from, b.captured - fromB);
  for (let i = 0; i < n; i++) if (a.bytes[a.start + from + i] !== b.bytes[b.start + fromB + i]) return false;
  return true;
}
