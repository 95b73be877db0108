/** Hosts that call and endpoints that are called: lanes of a large capture until one knows who lives there. */
import type { Hosts } from '../../index.js';
import type { CallRows } from '../worker/call-rows.js';
import { endsOf } from '../worker/ends.js';
import type { Lane } from './lanes.js';

/** As `Lanes`, of what the list of calls knows. */
export class RoughLanes {
  readonly all: Lane[] = [];
  /** Lanes of connections, by the numbers that their ends have in the list. */
  private readonly known = new Map<number, readonly [from: number, to: number]>();

  constructor(
    private readonly callRows: CallRows,
    hosts: Hosts,
  ) {
    const lanes = new Map<string, number>();
    const lane = (kind: 'client' | 'endpoint', address: string, port: string): number => {
      const key = `${kind} ${address} ${port}`;
      let at = lanes.get(key);
      if (at === undefined) {
        const title = kind === 'client' ? hosts.text(address) : hosts.endpoint({ address, port });
        at =
          this.all.push({ kind, title, told: kind === 'client' ? kind : '', item: null, made: null, released: null }) -
          1;
        lanes.set(key, at);
      }
      return at;
    };
    for (let at = 0; at < callRows.length; at++) {
      const ends = callRows.endsOf(at);
      if (this.known.has(ends)) continue;
      const [client, server] = endsOf(callRows.endsText(ends));
      this.known.set(ends, [lane('client', client.address, ''), lane('endpoint', server.address, String(server.port))]);
    }
  }

  endsOf(at: number): readonly [from: number, to: number] {
    return this.known.get(this.callRows.endsOf(at)) ?? [0, 0];
  }
}
