/**
 * From the bytes of one direction of a stream, in order, to PDUs. A hole ends one PDU, not the stream: where the
 * header was seen the next PDU's place is known; else it is searched for.
 */
import { type Measuring, type StreamProtocol, TO_THE_END } from '../core/dissector.js';
import type { Piece } from '../core/source.js';
import { framesOf, Gathered } from './gathered.js';
import { Past } from './past.js';
import { addPieces, type Budget, type CutSink, type Segment } from './types.js';

/** Bytes that a search may look at for each byte of a segment, beside so many: headers that lead far and nowhere are made. */
const LOOKS = 16;
const MORE_LOOKS = 1 << 18;

/** At a PDU's beginning or inside one. */
const IN_STEP = 0;
/** Passing over the rest of a PDU that has a hole. */
const SKIPPING = 1;
/** Searching every byte for the next PDU. */
const SEARCHING = 2;
/** Looking at the beginning of every segment only: it is not sure yet that the stream is ours. */
const STARTS = 3;

/** Cuts one direction. */
export class Cutter {
  private mode = IN_STEP;
  /** Bytes of the PDU (or of what may become its header) so far. */
  private readonly got: Gathered;
  /** The PDU's length, 0 until its header is complete; infinite while nothing tells it. */
  private need = 0;
  private readonly measuring: Measuring = { at: 0, state: 0 };
  private lastsToTheEnd = false;
  private skip = 0;
  private afterGap = false;
  /** Bytes of the stream so far, missing ones included. */
  private position = 0;
  /** Position of what would be byte 0 of the segment at hand. */
  private base = 0;
  private readonly past: Past;

  constructor(
    /** Whose PDUs are cut; it may change while none has begun. */
    public protocol: StreamProtocol,
    budget: Budget,
    private readonly sink: CutSink,
    remembered: Budget,
  ) {
    this.got = new Gathered(budget);
    this.past = new Past(remembered);
  }

  /** Whether a PDU was recognised whose end is still to come. */
  get inside(): boolean {
    return this.need > 0 || this.mode === SKIPPING;
  }

  /** What a PDU that is not complete takes of the budget. */
  get cost(): number {
    return this.got.cost;
  }

  /** The stream begins in the middle: nobody knows where a PDU begins. */
  startAnywhere(): void {
    this.mode = SEARCHING;
    this.afterGap = true;
  }

  /** The stream begins in the middle, but a PDU was seen to begin here. */
  startAfterGap(): void {
    this.afterGap = true;
  }

  /** The other direction told whose stream it is: what was gathered until then may be enough for a header of it. */
  reconsider(): void {
    const { begin, have } = this.got;
    if (have < this.protocol.headerLength) return;
    const segment = this.got.segment(0, have);
    this.clear();
    this.recut(segment, begin);
  }

  /** The next bytes. */
  data(segment: Segment): void {
    this.base = this.position - segment.start;
    this.position += segment.captured;
    if (this.mode === STARTS) {
      if (this.lengthAt(segment.bytes, segment.start, segment.start + segment.captured) === 0) {
        this.sink.missed();
        return;
      }
      this.mode = IN_STEP;
    }
    this.cut(segment);
  }

  private cut(segment: Segment): void {
    const end = segment.start + segment.captured;
    let at = segment.start;
    while (at < end) {
      if (this.mode === SKIPPING) at = this.pass(at, end);
      else if (this.mode === SEARCHING) at = this.search(segment, at, end);
      else if (this.need > 0) at = this.fill(segment, at, end);
      else if (this.got.have > 0 || end - at < this.protocol.headerLength) at = this.fillHeader(segment, at, end);
      else at = this.first(segment, at, end);
      if (at < 0) return;
    }
  }

  /**
   * Passes over the next bytes as far as they are of PDUs of which nothing is wanted, without making a segment of them:
   * `captured` bytes from `start` on are here, `length` were on the wire. Returns how many these are.
   */
  passOver(bytes: Uint8Array, start: number, captured: number, length: number): number {
    let passed = 0;
    while (passed < length) {
      if (this.mode !== SKIPPING) {
        if (this.mode !== IN_STEP || this.got.have > 0 || this.need > 0 || this.afterGap) break;
        const whole = this.sink.lengthUnwanted(bytes, start + passed, start + captured);
        if (whole === 0) break;
        this.mode = SKIPPING;
        this.skip = whole;
      }
      // what was not captured is passed over where it lies inside one
      const n = this.skip > length - passed ? length - passed : Math.min(this.skip, captured - passed);
      if (n <= 0) break;
      this.pass(0, n);
      passed += n;
    }
    this.position += passed;
    return passed;
  }

  /** `length` bytes are missing here. */
  gap(length: number, sure: boolean): void {
    if (this.mode === SKIPPING || (this.mode === IN_STEP && this.need > 0)) {
      const left = this.mode === SKIPPING ? this.skip : this.need - this.got.have;
      if (this.mode === IN_STEP) this.cutShort();
      this.mode = left === Number.POSITIVE_INFINITY || length > left ? SEARCHING : length < left ? SKIPPING : IN_STEP;
      this.skip = left - length;
    } else {
      if (this.got.have > 0 && this.mode === IN_STEP) this.sink.truncated(this.got.have, 0, this.got.lastFrame);
      this.clear();
      this.mode = sure ? SEARCHING : STARTS;
    }
    this.position += length;
    this.afterGap = true;
  }

  /** No more bytes come. */
  finish(): void {
    if (this.mode === IN_STEP && this.lastsToTheEnd) this.complete();
    else if (this.mode === IN_STEP && this.need > 0) this.cutShort();
    else if (this.mode === IN_STEP && this.got.have > 0) this.sink.truncated(this.got.have, 0, this.got.lastFrame);
    this.clear();
    this.past.forget();
  }

  /**
   * Whether bytes sent again differ from those that came first, as far as these are still here.
   * @param back how many bytes before the next expected one `bytes[start]` stands
   */
  differs(back: number, bytes: Uint8Array, start: number, length: number): boolean {
    const from = this.position - back;
    if (this.mode === IN_STEP && this.got.have > 0) {
      const { have, buffer } = this.got;
      const begin = this.position - have;
      for (let i = Math.max(0, begin - from); i < length; i++)
        if (buffer[from + i - begin] !== bytes[start + i]) return true;
    }
    return this.past.differs(from, bytes, start, length);
  }

  /** The length of the PDU that begins at `at`, its header being here; 0 where none does, infinite where nothing tells it. */
  private lengthAt(bytes: Uint8Array, at: number, end: number): number {
    this.measuring.at = 0;
    this.measuring.state = 0;
    if (end - at < this.protocol.headerLength || !this.protocol.claims(bytes, at, end)) return 0;
    return this.measured(bytes, at, end);
  }

  private measured(bytes: Uint8Array, at: number, end: number): number {
    const within = Math.min(end, at + this.protocol.maxLength);
    const length = this.protocol.pduLength(bytes, at, within, this.measuring, this.sink.known(this.afterGap));
    this.lastsToTheEnd = length === TO_THE_END;
    if (length < 0) return Number.POSITIVE_INFINITY;
    // only now it may be known whose PDU it is
    return length >= this.protocol.headerLength && length <= this.protocol.maxLength ? length : 0;
  }

  /** A PDU should begin at `at`, and its header is all in this segment. */
  private first(segment: Segment, at: number, end: number): number {
    const { bytes } = segment;
    const length = this.lengthAt(bytes, at, end);
    if (length === 0) return this.lost(at);
    if (this.isUnwanted(bytes, at, end, length)) {
      this.mode = SKIPPING;
      this.skip = length;
      return at;
    }
    if (length > end - at) {
      this.need = length;
      return this.fill(segment, at, end);
    }
    const pieces: Piece[] = [];
    addPieces(pieces, 0, segment, at, length);
    this.got.lastFrame = segment.frame;
    this.got.lastTime = segment.time;
    this.got.begin = this.base + at;
    this.got.acknowledges = segment.acknowledges;
    this.emit(bytes.slice(at, at + length), length, pieces);
    return at + length;
  }

  private fillHeader(segment: Segment, at: number, end: number): number {
    const { headerLength } = this.protocol;
    const n = Math.min(headerLength - this.got.have, end - at);
    this.got.append(segment, this.base, at, n, headerLength);
    if (this.got.have < headerLength) return at + n;
    const length = this.lengthAt(this.got.buffer, 0, this.got.have);
    if (length !== 0) return this.begun(length, at, n);
    if (!this.sink.unclaimed()) return -1;
    this.mode = SEARCHING;
    this.afterGap = true;
    this.got.dropFirst();
    return at + n;
  }

  /**
   * What was gathered begins a PDU of this length.
   * @param at where the `n` bytes that were gathered last stand in the segment at hand
   * @returns where to go on in the segment
   */
  private begun(length: number, at: number, n: number): number {
    const { have, buffer } = this.got;
    const isUnwanted = this.isUnwanted(buffer, 0, have, length);
    this.need = length;
    if (length > have) {
      if (!isUnwanted) return at + n;
      this.mode = SKIPPING;
      this.skip = length - have;
      this.clear();
      return at + n;
    }
    const surplus = have - length;
    // more than the segment gave: whose stream it is, was told by more bytes than its first PDU has
    const earlier = surplus > n ? this.got.segment(length, have - n) : null;
    this.got.keepFirst(length);
    if (isUnwanted) this.clear();
    else this.complete();
    if (earlier === null) return at + n - surplus;
    this.recut(earlier, this.got.begin + length);
    return at;
  }

  /** Cuts bytes that were gathered as if they came now. */
  private recut(segment: Segment, position: number): void {
    const { base } = this;
    this.base = position;
    this.cut(segment);
    this.base = base;
  }

  private isUnwanted(bytes: Uint8Array, at: number, end: number, length: number): boolean {
    return length !== Number.POSITIVE_INFINITY && this.sink.passes(bytes, at, end, length, this.afterGap);
  }

  private fill(segment: Segment, at: number, end: number): number {
    if (this.need === Number.POSITIVE_INFINITY) return this.measure(segment, at, end);
    const n = Math.min(this.need - this.got.have, end - at);
    this.got.append(segment, this.base, at, n, this.need);
    if (this.got.have === this.need) this.complete();
    return at + n;
  }

  /** Reads on in a PDU whose length is not known. */
  private measure(segment: Segment, at: number, end: number): number {
    const n = Math.min(end - at, this.protocol.maxLength - this.got.have);
    this.got.append(segment, this.base, at, n, (this.got.have + n) * 2);
    const length = this.lastsToTheEnd ? this.need : this.measured(this.got.buffer, 0, this.got.have);
    if (length === 0) {
      // it is none after all: the next may begin in this segment
      this.got.keepFirst(this.got.have - n);
      if (this.got.have > 0) this.cutShort();
      return this.lost(at);
    }
    if (length > this.got.have && this.got.have >= this.protocol.maxLength) {
      this.cutShort();
      return this.lost(at + n);
    }
    return this.begun(length, at, n);
  }

  private pass(at: number, end: number): number {
    const n = Math.min(this.skip, end - at);
    this.skip -= n;
    if (this.skip === 0) this.mode = IN_STEP;
    return at + n;
  }

  private lost(at: number): number {
    if (!this.sink.unclaimed()) return -1;
    this.mode = SEARCHING;
    this.afterGap = true;
    return at;
  }

  /** Looks for the next PDU; the last bytes, too few for a header, wait in `buffer` for the next segment. */
  private search(segment: Segment, from: number, end: number): number {
    const { headerLength: fewest, surelyBy: headerLength = fewest } = this.protocol;
    const { bytes } = segment;
    let at = from;
    let earlier = this.got.have;
    while (earlier > 0) {
      const n = Math.min(headerLength - this.got.have, end - at);
      this.got.append(segment, this.base, at, n, headerLength);
      at += n;
      if (this.got.have < headerLength) return at;
      const length = this.lengthAt(this.got.buffer, 0, headerLength);
      if (length !== 0) {
        this.mode = IN_STEP;
        return this.begun(length, at - n, n);
      }
      this.got.dropFirst();
      earlier--;
    }
    if (this.got.have > 0) {
      // All that waits is of this segment: go on in the segment itself.
      at -= this.got.have;
      this.clear();
    }
    let looks = LOOKS * (end - at) + MORE_LOOKS;
    for (; at + headerLength <= end && looks > 0; at++) {
      const length = this.lengthAt(bytes, at, end);
      looks -= this.measuring.at;
      if (length === 0) continue;
      const next = at + length;
      if (next + headerLength <= end) {
        // Where bytes behind it are here, a PDU must follow: what looks like a header in a PDU's middle is none.
        const follows = this.lengthAt(bytes, next, end) !== 0;
        looks -= this.measuring.at + length;
        if (!follows) continue;
      }
      this.mode = IN_STEP;
      return at;
    }
    // the rest of a segment that was made for that is passed over
    if (looks <= 0) return end;
    this.got.append(segment, this.base, at, end - at, headerLength);
    return end;
  }

  private complete(): void {
    const { buffer, pieces, have } = this.got;
    const bytes = buffer.length === have ? buffer : buffer.slice(0, have);
    this.clear();
    this.emit(bytes, have, pieces);
  }

  /** Emits what there is of the PDU. */
  private cutShort(): void {
    const { have, pieces, lastFrame } = this.got;
    // where nothing tells its length, it has at least one byte more
    const need = this.need === Number.POSITIVE_INFINITY ? have + 1 : this.need;
    const bytes = this.got.buffer.slice(0, have);
    this.clear();
    this.sink.truncated(have, need, lastFrame);
    this.emit(bytes, need, pieces);
  }

  private emit(bytes: Uint8Array, length: number, pieces: Piece[]): void {
    const { afterGap } = this;
    const { begin: start, acknowledges, lastTime: time, lastFrame } = this.got;
    this.afterGap = false;
    this.past.add(start, bytes);
    const frames = framesOf(pieces, lastFrame);
    const end = start + bytes.length;
    this.sink.pdu({ bytes, length, pieces, frames, time, afterGap, start, end, acknowledges });
  }

  private clear(): void {
    this.got.clear();
    this.need = 0;
    this.lastsToTheEnd = false;
  }
}
