/**
 * Reassembly of IP fragments (RFC 791 3.2, RFC 8200 4.5), bounded. The bytes that came first win.
 */
import type { Piece } from '../core/source.js';
import type { Budget } from './types.js';

/** What the largest IP datagram carries. */
const MAX_PAYLOAD = 65535;
/** Fragments of one datagram; 65535 bytes in the smallest fragments of 8 would be 8192. */
const MAX_FRAGMENTS = 8192;
const COST = 96;

interface Fragment {
  readonly at: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly frame: number;
  readonly fileOffset: number;
}

/** A datagram being put together. */
interface Datagram {
  readonly fragments: Fragment[];
  /** The IP header (without fragment header) of the fragment that came first. */
  readonly header: Uint8Array;
  readonly protocol: number;
  /** Length of the payload, -1 until the last fragment was seen. */
  total: number;
  /** Bytes of the payload that are there, on the wire. */
  covered: number;
  cost: number;
}

/** A datagram whose fragments are all there, or as many as came: an IP header, then its payload. */
export interface Whole {
  readonly bytes: Uint8Array;
  /** Where the payload begins. */
  readonly start: number;
  /** End of what was captured, and of what was sent. */
  readonly captured: number;
  readonly end: number;
  readonly protocol: number;
  readonly pieces: readonly Piece[];
}

/** One fragment as it comes. */
export interface FragmentIn {
  readonly bytes: Uint8Array;
  /** Addresses, protocol and identification as text: fragments with the same belong together. */
  readonly key: string;
  readonly header: Uint8Array;
  readonly protocol: number;
  /** Where the fragment's payload lies in `bytes`, and its length on the wire. */
  readonly start: number;
  readonly captured: number;
  readonly length: number;
  /** Its place in the datagram's payload. */
  readonly at: number;
  readonly last: boolean;
  readonly frame: number;
  readonly fileOffset: number;
}

/** Datagrams under reassembly. */
export class Fragments {
  private readonly open = new Map<string, Datagram>();

  constructor(
    private readonly limit: number,
    private readonly budget: Budget,
    /** Takes a datagram that is given up; `forced` where a bound asked for it. */
    private readonly givenUp: (prefix: Whole | null, forced: boolean) => void,
  ) {}

  /** Takes a fragment; returns the datagram that it completes. */
  take(f: FragmentIn): Whole | null {
    if (f.length <= 0 || f.at + f.length > MAX_PAYLOAD) return null;
    let datagram = this.open.get(f.key);
    if (datagram === undefined) {
      if (this.open.size >= this.limit) this.dropOldest();
      datagram = { fragments: [], header: f.header.slice(), protocol: f.protocol, total: -1, covered: 0, cost: 0 };
      this.open.set(f.key, datagram);
    }
    if (datagram.fragments.length >= MAX_FRAGMENTS) return null;
    if (f.last && datagram.total < 0) datagram.total = f.at + f.length;
    this.add(datagram, f);
    if (datagram.total < 0 || datagram.covered < datagram.total) return null;
    this.forget(f.key, datagram);
    return join(datagram);
  }

  /** Gives up the datagram that waits longest. Returns whether there was one. */
  dropOldest(): boolean {
    for (const [key, datagram] of this.open) {
      this.forget(key, datagram);
      this.givenUp(join(datagram), true);
      return true;
    }
    return false;
  }

  /** Gives up all that is left. */
  end(): void {
    for (const [key, datagram] of this.open) {
      this.forget(key, datagram);
      this.givenUp(join(datagram), false);
    }
  }

  private forget(key: string, datagram: Datagram): void {
    this.open.delete(key);
    this.budget.used -= datagram.cost;
  }

  private add(datagram: Datagram, f: FragmentIn): void {
    const { fragments } = datagram;
    const end = f.at + f.length;
    let i = fragments.length;
    while (i > 0 && fragments[i - 1].at + fragments[i - 1].length > f.at) i--;
    let from = f.at;
    while (from < end) {
      const other = fragments[i];
      const to = other === undefined ? end : Math.min(end, other.at);
      if (from < to) {
        const start = f.start + from - f.at;
        const captured = Math.max(0, Math.min(f.start + f.captured, start + to - from) - start);
        const bytes = f.bytes.slice(start, start + captured);
        const piece = { at: from, length: to - from, bytes, frame: f.frame, fileOffset: f.fileOffset + from - f.at };
        fragments.splice(i++, 0, piece);
        datagram.covered += to - from;
        datagram.cost += captured + COST;
        this.budget.used += captured + COST;
      }
      if (other === undefined) break;
      from = Math.max(to, other.at + other.length);
      i++;
    }
  }
}

/** Header and payload as far as it is there without a hole; null where not even the beginning is. */
function join(datagram: Datagram): Whole | null {
  const { fragments, header, protocol, total } = datagram;
  let length = 0;
  let used = 0;
  for (const f of fragments) {
    if (f.at !== length) break;
    used++;
    length += f.bytes.length;
    if (f.bytes.length < f.length) break;
  }
  if (length === 0) return null;
  const start = header.length;
  const bytes = new Uint8Array(start + length);
  bytes.set(header);
  const pieces: Piece[] = [];
  for (const f of fragments.slice(0, used)) {
    bytes.set(f.bytes, start + f.at);
    pieces.push({ at: start + f.at, length: f.bytes.length, frame: f.frame, fileOffset: f.fileOffset });
  }
  return { bytes, start, captured: start + length, end: start + Math.max(total, length), protocol, pieces };
}
