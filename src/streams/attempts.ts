/** Connections to watched endpoints that nobody answers (RFC 9293 3.5): counted by client and endpoint. */
import type { Packet } from '../capture/packet.js';
import type { Attempt, Endpoint, Time } from '../core/context.js';

/** Pairs of client and endpoint. */
const MOST = 1024;
/** Frames kept of each. */
const MOST_FRAMES = 16;

interface Tried {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly time: Time;
  readonly frames: number[];
  syns: number;
  outcome: Attempt['outcome'];
}

/** What was tried and is not answered. */
export class Attempts {
  private readonly tried = new Map<string, Tried>();

  /** A SYN. Returns whether there is room for it. */
  syn(from: Endpoint, to: Endpoint, { number, sec, nsec }: Packet): boolean {
    const key = keyOf(from, to);
    let tried = this.tried.get(key);
    if (tried === undefined) {
      if (this.tried.size >= MOST) return false;
      tried = { client: from, server: to, time: { sec, nsec }, frames: [], syns: 0, outcome: 'no answer' };
      this.tried.set(key, tried);
    }
    tried.syns++;
    if (tried.frames.length < MOST_FRAMES) tried.frames.push(number);
    return true;
  }

  /** Something other than a SYN or a RST went by between the two: the connection came about. */
  answered(from: Endpoint, to: Endpoint): void {
    this.tried.delete(keyOf(from, to));
    this.tried.delete(keyOf(to, from));
  }

  /** A RST went from one to the other. */
  reset(from: Endpoint, to: Endpoint, frame: number): void {
    const tried = this.tried.get(keyOf(to, from));
    if (tried === undefined) return;
    tried.outcome = 'reset';
    if (tried.frames.length < MOST_FRAMES) tried.frames.push(frame);
  }

  /** In the order of the first SYNs. */
  all(): Iterable<Attempt> {
    return this.tried.values();
  }
}

function keyOf(client: Endpoint, server: Endpoint): string {
  return `${client.address} ${server.address} ${server.port}`;
}
