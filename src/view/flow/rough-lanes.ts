/** Hosts that call and endpoints that are called: lanes of a large capture until one knows who lives there. */
import type { CallRows } from '../worker/call-rows.js';
import type { Lane } from './lanes.js';

/** As `Lanes`, of what the list of calls knows. */
export class RoughLanes {
  readonly all: Lane[] = [];
  /** Lanes of connections, by the numbers that their ends have in the list. */
  private readonly known = new Map<number, readonly [from: number, to: number]>();

  constructor(private readonly callRows: CallRows) {
    const lanes = new Map<string, number>();
    const lane = (kind: 'client' | 'endpoint', title: string): number => {
      let at = lanes.get(`${kind} ${title}`);
      if (at === undefined) {
        at =
          this.all.push({ kind, title, told: kind === 'client' ? kind : '', item: null, made: null, released: null }) -
          1;
        lanes.set(`${kind} ${title}`, at);
      }
      return at;
    };
    for (let at = 0; at < callRows.length; at++) {
      const ends = callRows.endsOf(at);
      if (this.known.has(ends)) continue;
      const [client, server] = callRows.endsTexts(ends);
      this.known.set(ends, [lane('client', client.slice(0, client.lastIndexOf(':'))), lane('endpoint', server)]);
    }
  }

  endsOf(at: number): readonly [from: number, to: number] {
    return this.known.get(this.callRows.endsOf(at)) ?? [0, 0];
  }
}
