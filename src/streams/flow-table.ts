/**
 * What is remembered of every flow of a capture, ours or not: an open-addressing hash table on typed arrays,
 * keyed by both addresses and ports, since gigabytes of flows of no interest must cost next to nothing each.
 */

/** A slot that holds no flow. */
export const EMPTY = 0;
/** Not known yet whether the flow is ours. */
export const UNDECIDED = 1;
/** Not ours, or over: its packets are dropped at sight. */
export const IGNORED = 2;
/** Ours, or being looked at: `live` says who follows it. */
export const LIVE = 3;

/** `flags`: the first sequence number of direction 0 or 1 is known. */
export const FIRST_KNOWN = 1;
/** `flags`: direction 0 or 1 sent the SYN. */
export const CLIENT = 4;
/** `flags`: one of the ports was named by the user. */
export const FORCED = 16;

const SMALLEST = 1 << 12;

/** Flows of one address family. Indices into its arrays ("slots") are valid until the next `find`. */
export class FlowTable {
  /** Key words a flow: the lower end's address, the higher end's, then both ports. */
  readonly key: Int32Array;
  private keys: Int32Array;
  state: Uint8Array;
  flags: Uint8Array;
  /** First sequence number of the payload, for directions 0 and 1. */
  first: Uint32Array;
  /** Who follows the flow, -1 for nobody. */
  live: Int32Array;
  /** Clock at the last sight. */
  private seen: Uint32Array;
  private mask: number;
  private count = 0;

  /**
   * @param width words of a key: 3 for IPv4, 9 for IPv6
   * @param limit slots at most
   * @param moved told when a followed flow gets another slot
   */
  constructor(
    private readonly width: number,
    private readonly limit: number,
    private readonly moved: (live: number, slot: number) => void,
  ) {
    const size = Math.min(SMALLEST, limit);
    this.key = new Int32Array(width);
    this.keys = new Int32Array(width * size);
    this.state = new Uint8Array(size);
    this.flags = new Uint8Array(size);
    this.first = new Uint32Array(2 * size);
    this.live = new Int32Array(size);
    this.seen = new Uint32Array(size);
    this.mask = size - 1;
  }

  /** The slot of a three-word key, made where there is none (then `state` is UNDECIDED and `flags` 0). */
  find3(a: number, b: number, c: number, now: number): number {
    const { keys, state } = this;
    let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    let slot = (h ^ (h >>> 13)) & this.mask;
    for (;;) {
      const at = slot * 3;
      if (keys[at + 2] === c && keys[at] === a && keys[at + 1] === b && state[slot] !== EMPTY) {
        this.seen[slot] = now;
        return slot;
      }
      if (state[slot] === EMPTY) break;
      slot = (slot + 1) & this.mask;
    }
    const { key } = this;
    key[0] = a;
    key[1] = b;
    key[2] = c;
    return this.insert(slot, now);
  }

  /** The slot of the key in `key`, as `find3`. */
  find(now: number): number {
    const slot = this.probe(this.key, 0);
    if (this.state[slot] === EMPTY) return this.insert(slot, now);
    this.seen[slot] = now;
    return slot;
  }

  /** Bytes that the table takes. */
  get size(): number {
    return (this.mask + 1) * (this.width * 4 + 18);
  }

  private insert(at: number, now: number): number {
    let slot = at;
    if (this.count * 2 > this.mask) {
      const key = this.key.slice();
      this.rebuild(now);
      slot = this.probe(key, 0);
      this.key.set(key);
    }
    this.keys.set(this.key, slot * this.width);
    this.state[slot] = UNDECIDED;
    this.flags[slot] = 0;
    this.live[slot] = -1;
    this.seen[slot] = now;
    this.count++;
    return slot;
  }

  private probe(key: Int32Array, from: number): number {
    const { keys, state, width, mask } = this;
    let h = 0;
    if (width === 3)
      h =
        Math.imul(key[from], 0x9e3779b1) ^ Math.imul(key[from + 1], 0x85ebca77) ^ Math.imul(key[from + 2], 0xc2b2ae3d);
    else for (let i = 0; i < width; i++) h = Math.imul(h ^ key[from + i], 0x9e3779b1) ^ (h >>> 16);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    let slot = (h ^ (h >>> 13)) & mask;
    for (; state[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const at = slot * width;
      let i = 0;
      while (i < width && keys[at + i] === key[from + i]) i++;
      if (i === width) break;
    }
    return slot;
  }

  /** Makes the table four times as large; at its limit forgets the half of the flows that was idle longest, but for followed ones. */
  private rebuild(now: number): void {
    const old = { keys: this.keys, state: this.state, flags: this.flags, first: this.first, live: this.live };
    const { seen, width } = this;
    const size = old.state.length;
    const grown = Math.min(size * 4, this.limit);
    const oldest = grown > size ? 0xffffffff : this.medianAge(now);
    this.keys = new Int32Array(width * grown);
    this.state = new Uint8Array(grown);
    this.flags = new Uint8Array(grown);
    this.first = new Uint32Array(2 * grown);
    this.live = new Int32Array(grown);
    this.seen = new Uint32Array(grown);
    this.mask = grown - 1;
    this.count = 0;
    for (let from = 0; from < size; from++) {
      if (old.state[from] === EMPTY) continue;
      if (old.state[from] !== LIVE && (now - seen[from]) >>> 0 >= oldest) continue;
      const slot = this.probe(old.keys, from * width);
      for (let i = 0; i < width; i++) this.keys[slot * width + i] = old.keys[from * width + i];
      this.state[slot] = old.state[from];
      this.flags[slot] = old.flags[from];
      this.first[2 * slot] = old.first[2 * from];
      this.first[2 * slot + 1] = old.first[2 * from + 1];
      this.live[slot] = old.live[from];
      this.seen[slot] = seen[from];
      if (old.state[from] === LIVE) this.moved(old.live[from], slot);
      this.count++;
    }
  }

  private medianAge(now: number): number {
    const { seen, state } = this;
    const ages: number[] = [];
    const step = Math.max(1, Math.floor(seen.length / 4096));
    for (let i = 0; i < seen.length; i += step) if (state[i] !== EMPTY) ages.push((now - seen[i]) >>> 0);
    ages.sort((a, b) => a - b);
    return ages[ages.length >> 1] ?? 0;
  }
}
