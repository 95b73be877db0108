/** Whose stream it is: protocols are asked in turn, by its first bytes. */
import type { StreamProtocol } from '../core/dissector.js';

/** First bytes of streams of any of the protocols: of most streams they tell that these are of none, without asking each. */
export class FirstBytes {
  /** By the first byte, and by the first two in the order of the stream. */
  private readonly one: Uint8Array;
  private readonly two = new Uint8Array(1 << 16);

  constructor(protocols: readonly StreamProtocol[]) {
    const mayBegin = (...bytes: number[]): boolean =>
      protocols.some((p) => p.mayBegin(Uint8Array.from(bytes), 0, bytes.length));
    this.one = Uint8Array.from({ length: 256 }, (_, byte) => (mayBegin(byte) ? 1 : 0));
    for (const [first, may] of this.one.entries())
      for (let second = 0; may === 1 && second < 256; second++)
        if (mayBegin(first, second)) this.two[(first << 8) | second] = 1;
  }

  /** Whether a stream of one of the protocols may begin with what stands at `at`, of which `length` bytes are here. */
  mayBe(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < 2) return length === 1 && this.one[bytes[at]] === 1;
    return this.two[(bytes[at] << 8) | bytes[at + 1]] === 1;
  }
}

/** The protocol that a stream opens with at `at`, if one says so. */
export function openedBy(
  protocols: readonly StreamProtocol[],
  bytes: Uint8Array,
  at: number,
  end: number,
): StreamProtocol | null {
  for (const p of protocols) if (end - at >= p.headerLength && p.opens(bytes, at, end)) return p;
  return null;
}

/** Whether so few first bytes of a stream may be those of one of the protocols. */
export function mayOpen(protocols: readonly StreamProtocol[], bytes: Uint8Array, at: number, length: number): boolean {
  for (const p of protocols) if (length < p.headerLength && p.mayBegin(bytes, at, length)) return true;
  return false;
}

/** What a stream is cut for until it shows whose it is; `chosen` is told then. */
export function undecided(
  protocols: readonly StreamProtocol[],
  chosen: (protocol: StreamProtocol) => void,
): StreamProtocol {
  const opens = (bytes: Uint8Array, at: number, end: number): boolean => openedBy(protocols, bytes, at, end) !== null;
  return {
    name: 'undecided',
    transport: 'ncacn_ip_tcp',
    headerLength: Math.max(...protocols.map((p) => p.headerLength)),
    maxLength: Math.max(...protocols.map((p) => p.maxLength)),
    opens,
    claims: opens,
    mayBegin: (bytes, at, length) => mayOpen(protocols, bytes, at, length),
    pduLength(bytes, at, end, measuring) {
      const protocol = openedBy(protocols, bytes, at, end);
      if (protocol === null) return 0;
      // whatever becomes of its first PDU: what it opens with is not lost without a word
      chosen(protocol);
      return protocol.pduLength(bytes, at, end, measuring);
    },
  };
}
