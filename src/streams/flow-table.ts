/**
 * What is remembered of every flow of a capture, ours or not: an open-addressing hash table on typed arrays,
 * keyed by both addresses and ports, since gigabytes of flows of no interest must cost next to nothing each.
 */
import { SECRET } from '../core/id-map.js';

/** A cell that holds no flow: all of its first word. */
const EMPTY = 0;
/** Not known yet whether the flow is ours. */
export const UNDECIDED = 1;
/** Not ours, or over: its packets are dropped at sight. */
export const IGNORED = 2;
/** Ours, or being looked at: `follower` says who follows it. */
export const LIVE = 3;

/** `flags`: the first sequence number of direction 0 or 1 is known. */
export const FIRST_KNOWN = 1;
/** `flags`: direction 0 or 1 sent the SYN. */
export const CLIENT = 4;
/** `flags`: one of the ports was named by the user. */
export const FORCED = 16;

/** `flags`: what direction 0 or 1 sent first is not the protocol's; the other's answer may be. */
export const STRANGE = 32;
/** `flags`: a connection to a watched port that nothing answered yet. */
export const WATCHED = 128;
/** `flags`: a server greeted its client as `StreamProtocol.greeting` has it. */
export const GREETED = 256;

const SMALLEST = 1 << 8;
/** How many times as large a table becomes: moving flows takes longer than room that is not used. */
const GROWTH = 16;

/** Words of a cell in front of the key: state and flags, first sequence numbers, clock at the last sight, follower. */
const META = 0;
const FIRST = 1;
const SEEN = 3;
const FOLLOWER = 4;
const KEY = 5;

/**
 * Flows of one address family, a cell each: all that a packet asks for lies in one line of the processor's cache.
 * A "slot" is the index of a cell's first word; it is valid until the next `find`.
 */
export class FlowTable {
  /** Key words a flow: the lower end's address, the higher end's, then both ports. */
  readonly key: Int32Array;
  private cells: Int32Array;
  /** A cell's words as a power of two. */
  private readonly shift: number;
  /** Cells less one: there are a power of two of them. */
  private mask: number;
  private count = 0;

  /**
   * @param width words of a key: 3 for IPv4, 9 for IPv6
   * @param most flows at most
   * @param moved told when a followed flow gets another slot
   * @param full told when flows are forgotten
   */
  constructor(
    private readonly width: number,
    private readonly most: number,
    private readonly moved: (live: number, slot: number) => void,
    private readonly full: () => void,
  ) {
    const size = Math.min(SMALLEST, cellsFor(most));
    this.shift = Math.ceil(Math.log2(KEY + width));
    this.key = new Int32Array(width);
    this.cells = new Int32Array(size << this.shift);
    this.mask = size - 1;
  }

  state(slot: number): number {
    return this.cells[slot + META] & 3;
  }

  setState(slot: number, state: number): void {
    this.cells[slot + META] = (this.cells[slot + META] & ~3) | state;
  }

  flags(slot: number): number {
    return this.cells[slot + META] >> 2;
  }

  setFlags(slot: number, flags: number): void {
    this.cells[slot + META] = (this.cells[slot + META] & 3) | (flags << 2);
  }

  /**
   * Whether a segment without SYN of a direction is dropped at sight: its flow is not ours, or nothing in it can tell
   * whose this is.
   * @param tellsNothing whether it has no payload, or one that is not part of the stream
   */
  drops(slot: number, direction: 0 | 1, tellsNothing: boolean): boolean {
    const meta = this.cells[slot + META];
    if ((meta & 3) !== UNDECIDED) return (meta & 3) === IGNORED;
    return (meta & (WATCHED << 2)) === 0 && (tellsNothing || (meta & ((STRANGE << 2) << direction)) !== 0);
  }

  /** First sequence number of a direction's payload. */
  first(slot: number, direction: 0 | 1): number {
    return this.cells[slot + FIRST + direction] >>> 0;
  }

  setFirst(slot: number, direction: 0 | 1, sequence: number): void {
    this.cells[slot + FIRST + direction] = sequence;
  }

  /** Who follows a flow whose state is LIVE. */
  follower(slot: number): number {
    return this.cells[slot + FOLLOWER];
  }

  setFollower(slot: number, live: number): void {
    this.cells[slot + FOLLOWER] = live;
  }

  /** The slot of a three-word key, made where there is none (then the state is UNDECIDED, without flags). */
  find3(a: number, b: number, c: number, now: number): number {
    const { cells, mask, shift } = this;
    let cell = hash3(a, b, c) & mask;
    for (;;) {
      const slot = cell << shift;
      if (
        cells[slot + KEY + 2] === c &&
        cells[slot + KEY] === a &&
        cells[slot + KEY + 1] === b &&
        cells[slot] !== EMPTY
      ) {
        cells[slot + SEEN] = now;
        return slot;
      }
      if (cells[slot] === EMPTY) break;
      cell = (cell + 1) & mask;
    }
    const { key } = this;
    key[0] = a;
    key[1] = b;
    key[2] = c;
    return this.insert(cell << shift, now);
  }

  /** The slot of the key in `key`, as `find3`. */
  find(now: number): number {
    const slot = this.probe(this.key, 0);
    if (this.cells[slot] === EMPTY) return this.insert(slot, now);
    this.cells[slot + SEEN] = now;
    return slot;
  }

  private insert(at: number, now: number): number {
    let slot = at;
    if (this.count >= this.most || this.count * 2 > this.mask) {
      if (this.count >= this.most) this.forgetIdle(now);
      else this.grow();
      slot = this.probe(this.key, 0);
    }
    const { cells, key, width } = this;
    cells[slot + META] = UNDECIDED;
    cells[slot + SEEN] = now;
    for (let i = 0; i < width; i++) cells[slot + KEY + i] = key[i];
    this.count++;
    return slot;
  }

  /** Where the key that stands in `words` from `from` on is, or would be. */
  private probe(words: Int32Array, from: number): number {
    const { cells, width, mask, shift } = this;
    const h = width === 3 ? hash3(words[from], words[from + 1], words[from + 2]) : hash(words, from, width);
    for (let cell = h & mask; ; cell = (cell + 1) & mask) {
      const slot = cell << shift;
      if (cells[slot] === EMPTY) return slot;
      let i = 0;
      while (i < width && cells[slot + KEY + i] === words[from + i]) i++;
      if (i === width) return slot;
    }
  }

  /** Makes the table larger: seldom, and so that most of it is never touched where few flows come. */
  private grow(): void {
    const old = this.cells;
    const size = Math.min((this.mask + 1) * GROWTH, cellsFor(this.most));
    const words = KEY + this.width;
    const cells = new Int32Array(size << this.shift);
    this.cells = cells;
    this.mask = size - 1;
    for (let from = 0; from < old.length; from += 1 << this.shift) {
      if (old[from] === EMPTY) continue;
      const slot = this.probe(old, from + KEY);
      for (let i = 0; i < words; i++) cells[slot + i] = old[from + i];
      if ((old[from] & 3) === LIVE) this.moved(old[from + FOLLOWER], slot);
    }
  }

  /** Forgets the half of the flows that was idle longest, but for followed ones. */
  private forgetIdle(now: number): void {
    this.full();
    const { cells, mask, shift } = this;
    const oldest = this.medianAge(now);
    const words = KEY + this.width;
    let first = 0;
    while (cells[first << shift] !== EMPTY) first++;
    // from behind an empty cell on: what stays closes the gaps in front of it, and none that was passed is looked at again
    for (let n = 1; n <= mask; n++) {
      const from = ((first + n) & mask) << shift;
      const meta = cells[from];
      if (meta === EMPTY) continue;
      cells[from] = EMPTY;
      if ((meta & 3) !== LIVE && (now - cells[from + SEEN]) >>> 0 >= oldest) {
        this.count--;
        continue;
      }
      const slot = this.probe(cells, from + KEY);
      cells[slot] = meta;
      if (slot === from) continue;
      for (let i = 1; i < words; i++) cells[slot + i] = cells[from + i];
      if ((meta & 3) === LIVE) this.moved(cells[from + FOLLOWER], slot);
    }
  }

  /**
   * Of all flows: which ones are forgotten must not depend on where they happen to lie. Ages are counted by their upper
   * bits, then those that share these with the median by the lower ones.
   */
  private medianAge(now: number): number {
    const upper = this.bitsOfAge(now, -1, this.count >> 1);
    const lower = this.bitsOfAge(now, upper.bits, upper.rank);
    return ((upper.bits << 16) | lower.bits) >>> 0;
  }

  /**
   * The upper 16 bits of the age that `rank` others are less than; or the lower ones, among ages with these upper bits.
   * @param upper -1 where they are looked for
   * @returns the bits, and the age's rank among those that share them
   */
  private bitsOfAge(now: number, upper: number, rank: number): { bits: number; rank: number } {
    const { cells, shift } = this;
    const counts = new Uint32Array(1 << 16);
    for (let slot = 0; slot < cells.length; slot += 1 << shift) {
      if (cells[slot] === EMPTY) continue;
      const age = now - cells[slot + SEEN];
      if (upper < 0) counts[age >>> 16]++;
      else if (age >>> 16 === upper) counts[age & 0xffff]++;
    }
    let bits = 0;
    let left = rank;
    while (left >= counts[bits]) left -= counts[bits++];
    return { bits, rank: left };
  }
}

/** Each word goes into what came of a secret and the words before it: nobody can choose flows that fall together. */
function hash3(a: number, b: number, c: number): number {
  return end(next(next(next(SECRET, a), b), c));
}

function hash(words: Int32Array, from: number, width: number): number {
  let h = SECRET;
  for (let i = 0; i < width; i++) h = next(h, words[from + i]);
  return end(h);
}

function next(h: number, word: number): number {
  const mixed = Math.imul(h ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function end(h: number): number {
  const mixed = Math.imul(h, 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** Cells for so many flows: a power of two, at least half of them empty. */
function cellsFor(flows: number): number {
  return 2 ** Math.ceil(Math.log2(2 * flows));
}

/** Fills a nine-word key from an IPv6 header; returns the packet's direction. */
export function fillKey6(key: Int32Array, b: Uint8Array, header: number, source: number, target: number): 0 | 1 {
  let order = 0;
  for (let i = 0; i < 16 && order === 0; i++) order = b[header + 8 + i] - b[header + 24 + i];
  const direction = order < 0 || (order === 0 && source < target) ? 0 : 1;
  const low = header + (direction === 0 ? 8 : 24);
  const high = header + (direction === 0 ? 24 : 8);
  for (let i = 0; i < 4; i++) {
    const l = low + 4 * i;
    const h = high + 4 * i;
    key[i] = (b[l] << 24) | (b[l + 1] << 16) | (b[l + 2] << 8) | b[l + 3];
    key[4 + i] = (b[h] << 24) | (b[h + 1] << 16) | (b[h + 2] << 8) | b[h + 3];
  }
  key[8] = direction === 0 ? (source << 16) | target : (target << 16) | source;
  return direction;
}
