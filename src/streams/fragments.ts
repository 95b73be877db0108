/**
 * Reassembly of fragments of IP (RFC 791 3.2, RFC 8200 4.5), CAPWAP (RFC 5415 4.4) and 802.11 (802.11 10.5), bounded. The
 * bytes that came first win.
 */
import type { HeaderKind } from '../core/headers/layer.js';
import type { Piece } from '../core/source.js';
import type { Budget } from './types.js';

/** What the largest IP datagram carries. */
const MAX_PAYLOAD = 65535;
/** Fragments of one datagram; 65535 bytes in the smallest fragments of 8 would be 8192. */
const MAX_FRAGMENTS = 8192;
/** What keeping a fragment's place costs, about. */
const COST = 64;
const LIFETIME = 60;
/** Bytes that a datagram has room for at first, and at most where it gets those of another that is done with. */
const ROOM = 2048;
const MOST_SPARE = 4 * ROOM;

const NONE: Uint8Array = new Uint8Array(0);

/** A run of a datagram's payload that is there, as much of it as was captured. */
interface Run extends Piece {
  /** Its length on the wire. */
  readonly sent: number;
}

/** Where the addresses lie in the header that fragments of one datagram have alike. */
export interface Addresses {
  readonly at: number;
  readonly length: number;
}

/** A datagram being put together. */
interface Datagram {
  readonly hash: number;
  readonly version: 4 | 6;
  readonly id: number;
  readonly protocol: number;
  readonly addresses: Addresses;
  readonly carries: HeaderKind | null;
  /** Fragments of it so far, where these tell no more than their number. */
  parts: number;
  /** When its first fragment came, in seconds. */
  readonly sec: number;
  /** Length of the header (without fragment header) in front of the payload in `bytes`. */
  readonly start: number;
  /** Header of the fragment that came first, then the payload; grows. */
  bytes: Uint8Array;
  /** In order of their places. */
  readonly runs: Run[];
  /** Length of the payload, -1 until the last fragment was seen. */
  total: number;
  /** Bytes of the payload that are there, on the wire. */
  covered: number;
  cost: number;
  /** Another one with the same hash. */
  next: Datagram | null;
}

/** A datagram whose fragments are all there, or as many as came. Its bytes are valid until the next fragment is taken. */
export interface Whole {
  readonly version: 4 | 6;
  /** A header with the addresses, then the payload; what is behind `captured` belongs to nobody. */
  readonly bytes: Uint8Array;
  /** Where the payload begins. */
  readonly start: number;
  /** End of what was captured, and of what was sent. */
  readonly captured: number;
  readonly end: number;
  readonly protocol: number;
  /** What the payload is where that is no matter of IP's protocols; else null. */
  readonly carries: HeaderKind | null;
  readonly pieces: readonly Piece[];
}

/** One fragment as it comes. One object, filled anew for each. */
export interface FragmentIn {
  bytes: Uint8Array;
  version: 4 | 6;
  /** Where the header with the addresses is, and how long (without a fragment header). */
  header: number;
  headerLength: number;
  addresses: Addresses;
  id: number;
  protocol: number;
  carries: HeaderKind | null;
  /** Where the fragment's payload lies in `bytes`, how much was captured of it, and its length on the wire. */
  start: number;
  captured: number;
  length: number;
  /** Its place in the datagram's payload. */
  at: number;
  last: boolean;
  frame: number;
  sec: number;
  fileOffset: number;
}

type FragmentLimit = 'fragmented' | 'fragmentedBytes';

/** Datagrams under reassembly. */
export class Fragments {
  /** By hash of what fragments of one datagram have in common, in the order of their first fragments. */
  private readonly open = new Map<number, Datagram>();
  private count = 0;
  /** Room for the next datagram: that of one which was handed on. */
  private spare = NONE;

  constructor(
    private readonly limit: number,
    private readonly budget: Budget,
    /** Takes a datagram that is given up, and the limit that asked for it. */
    private readonly givenUp: (prefix: Whole | null, limit: FragmentLimit | null) => void,
  ) {}

  /** Takes a fragment; returns the datagram that it completes. */
  take(f: FragmentIn): Whole | null {
    if (f.length <= 0 || f.at + f.length > MAX_PAYLOAD) return null;
    const hash = hashOf(f);
    let datagram = this.find(f, hash);
    if (datagram === null) {
      if (this.count >= this.limit) this.dropOldest(f.sec, 'fragmented');
      datagram = this.begin(f, hash);
    }
    if (datagram.runs.length >= MAX_FRAGMENTS) return null;
    if (f.last && datagram.total < 0) datagram.total = f.at + f.length;
    this.add(datagram, f);
    if (datagram.total < 0 || datagram.covered < datagram.total) return null;
    this.forget(datagram);
    return join(datagram);
  }

  /**
   * Finds the place of a fragment that tells its number alone: they come one behind the other, and a first one begins
   * anew. Returns false where one in front of it is missing, or it came before.
   */
  place(f: FragmentIn, number: number): boolean {
    const datagram = this.find(f, hashOf(f));
    if (number === 0) {
      if (datagram !== null) this.forget(datagram);
      // alone it was sent again, else its number came round
      if (datagram !== null && datagram.parts > 1) this.givenUp(join(datagram), null);
      f.at = 0;
      return true;
    }
    if (datagram?.parts !== number) return false;
    datagram.parts++;
    f.at = datagram.covered;
    return true;
  }

  /** The same where the fragment itself lies in a datagram that was put together: each of its pieces on its own. */
  takePieces(f: FragmentIn, pieces: readonly Piece[]): Whole | null {
    const { at, start, captured, length, last } = f;
    const end = start + captured;
    let whole: Whole | null = null;
    for (const piece of pieces) {
      const from = Math.max(piece.at, start);
      const to = Math.min(piece.at + piece.length, end);
      if (from >= to) continue;
      const isLast = to === end;
      f.start = from;
      f.at = at + from - start;
      f.captured = to - from;
      f.length = isLast ? length - (from - start) : f.captured;
      f.last = last && isLast;
      f.frame = piece.frame;
      f.fileOffset = piece.fileOffset + from - piece.at;
      whole = this.take(f) ?? whole;
    }
    return whole;
  }

  /**
   * Gives up a datagram that waits longest. Returns whether there was one.
   * @param sec now; what waited for longer than a receiver would have (RFC 8200 4.5: 60 s) is no loss to speak of
   */
  dropOldest(sec: number, limit: FragmentLimit): boolean {
    for (const datagram of this.open.values()) {
      this.forget(datagram);
      this.givenUp(join(datagram), Math.abs(sec - datagram.sec) >= LIFETIME ? null : limit);
      return true;
    }
    return false;
  }

  /** Gives up all that is left. */
  end(): void {
    for (const first of [...this.open.values()])
      for (let d: Datagram | null = first; d !== null; d = d.next) {
        this.budget.used -= d.cost;
        this.givenUp(join(d), null);
      }
    this.open.clear();
    this.count = 0;
  }

  private find(f: FragmentIn, hash: number): Datagram | null {
    let datagram = this.open.get(hash) ?? null;
    while (datagram !== null && !belongs(f, datagram)) datagram = datagram.next;
    return datagram;
  }

  private begin(f: FragmentIn, hash: number): Datagram {
    const room = f.headerLength + Math.max(f.at + f.length, ROOM);
    // a fragment in a datagram lies in the room that this one left
    const isFree = this.spare.length >= room && this.spare !== f.bytes;
    const bytes = isFree ? this.spare : new Uint8Array(room);
    this.spare = NONE;
    for (let i = 0; i < f.headerLength; i++) bytes[i] = f.bytes[f.header + i];
    const datagram: Datagram = {
      hash,
      version: f.version,
      id: f.id,
      protocol: f.protocol,
      addresses: f.addresses,
      carries: f.carries,
      parts: 1,
      sec: f.sec,
      start: f.headerLength,
      bytes,
      runs: [],
      total: -1,
      covered: 0,
      cost: bytes.length + 256,
      next: this.open.get(hash) ?? null,
    };
    this.open.set(hash, datagram);
    this.budget.used += datagram.cost;
    this.count++;
    return datagram;
  }

  private forget(datagram: Datagram): void {
    this.budget.used -= datagram.cost;
    this.count--;
    if (datagram.bytes.length <= MOST_SPARE) this.spare = datagram.bytes;
    const first = this.open.get(datagram.hash) as Datagram;
    if (first === datagram) {
      if (datagram.next === null) this.open.delete(datagram.hash);
      else this.open.set(datagram.hash, datagram.next);
      return;
    }
    let before = first;
    while (before.next !== datagram) before = before.next as Datagram;
    before.next = datagram.next;
  }

  private add(datagram: Datagram, f: FragmentIn): void {
    const { runs } = datagram;
    let from = datagram.start + f.at;
    const end = from + f.length;
    let i = runs.length;
    while (i > 0 && runs[i - 1].at + runs[i - 1].sent > from) i--;
    while (from < end) {
      const other = runs[i];
      const to = other === undefined ? end : Math.min(end, other.at);
      if (from < to) this.insert(datagram, i++, f, from, to);
      if (other === undefined) break;
      from = Math.max(to, other.at + other.sent);
      i++;
    }
  }

  /** Keeps of a fragment what stands at `from` to `to` in the datagram's bytes. */
  private insert(datagram: Datagram, i: number, f: FragmentIn, from: number, to: number): void {
    const { runs, start } = datagram;
    const skipped = from - start - f.at;
    const source = f.start + skipped;
    const length = Math.max(0, Math.min(f.captured - skipped, to - from));
    const run = { at: from, length, sent: to - from, frame: f.frame, fileOffset: f.fileOffset + skipped };
    if (i === runs.length) runs.push(run);
    else runs.splice(i, 0, run);
    const needed = from + length;
    let added = COST;
    if (needed > datagram.bytes.length) {
      const grown = new Uint8Array(Math.min(start + MAX_PAYLOAD, Math.max(needed, datagram.bytes.length * 2)));
      grown.set(datagram.bytes);
      added += grown.length - datagram.bytes.length;
      datagram.bytes = grown;
    }
    if (length < 64) for (let k = 0; k < length; k++) datagram.bytes[from + k] = f.bytes[source + k];
    else datagram.bytes.set(f.bytes.subarray(source, source + length), from);
    datagram.covered += to - from;
    datagram.cost += added;
    this.budget.used += added;
  }
}

function hashOf(f: FragmentIn): number {
  const { at, length } = f.addresses;
  const from = f.header + at;
  const b = f.bytes;
  let h = f.id ^ (f.protocol << 24) ^ f.version;
  for (let i = from; i < from + length; i += 4)
    h = Math.imul(h ^ ((b[i] << 24) | (b[i + 1] << 16) | (b[i + 2] << 8) | b[i + 3]), 0x9e3779b1) ^ (h >>> 15);
  return h | 0;
}

function belongs(f: FragmentIn, d: Datagram): boolean {
  if (f.id !== d.id || f.protocol !== d.protocol || f.carries !== d.carries || f.addresses !== d.addresses)
    return false;
  const { at, length } = f.addresses;
  for (let i = at; i < at + length; i++) if (f.bytes[f.header + i] !== d.bytes[i]) return false;
  return true;
}

/** Header and payload as far as it is there without a hole; null where not even the beginning is. */
function join(datagram: Datagram): Whole | null {
  const { version, bytes, runs, start, protocol, carries, total } = datagram;
  let captured = start;
  let n = 0;
  for (let isWhole = true; isWhole && n < runs.length; n++) {
    const { at, length, sent } = runs[n];
    if (at !== captured || length === 0) break;
    captured += length;
    isWhole = length === sent;
  }
  if (n === 0) return null;
  const end = Math.max(start + total, captured);
  return {
    version,
    bytes,
    start,
    captured,
    end,
    protocol,
    carries,
    pieces: n === runs.length ? runs : runs.slice(0, n),
  };
}
