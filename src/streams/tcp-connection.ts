/**
 * A TCP connection that is ours, or may be: two assemblies, two cutters, and the `Connection` that dissectors
 * see, made once a PDU was recognised.
 */
import { type Connection, type Endpoint, StateStore } from '../core/context.js';
import { type Limits, limitMessage } from '../core/limits.js';
import { type CutPdu, Cutter } from './cut.js';
import type { FlowTable } from './flow-table.js';
import { Assembly } from './tcp-assembly.js';
import type { Budget, Segment, StreamEvents, StreamProtocols } from './types.js';

/** Segments of a stream with holes that are looked at before it is taken for somebody else's. */
const MAX_MISSES = 8;

/** PDUs of one direction held back at most while the other waits for missing bytes. */
const MAX_WAITING = 256;
/** What holding one back costs beside its bytes, about. */
const HELD_COST = 256;

/** What a connection needs of the whole. */
export interface Surroundings {
  readonly protocols: StreamProtocols;
  readonly events: StreamEvents;
  readonly budget: Budget;
  readonly limits: Limits;
  /** Number of the next `Connection`. */
  nextId(): number;
}

/** Follows one connection. Direction 0 is sent by `ends[0]`. */
export class TcpConnection {
  /** Null until a PDU was recognised. */
  connection: Connection | null = null;
  readonly directions: readonly [Assembly, Assembly];
  /** Clock at the last packet. */
  seen = 0;
  /** A RST went by. */
  reset = false;
  /** It turned out that the stream is not ours (`no`), or it does not seem so and beginnings were lost (`unsure`). */
  refused: 'no' | 'unsure' | null = null;
  private misses = 0;
  /** PDUs that wait until the other direction's missing bytes have come or are given up: requests before answers. */
  private held: { readonly direction: 0 | 1; readonly pdu: CutPdu }[] = [];
  /** What these cost. */
  private heldBytes = 0;
  private told = 0;

  constructor(
    private readonly around: Surroundings,
    readonly ends: readonly [Endpoint, Endpoint],
    /** The SYN's sender, null where no SYN was seen. */
    private client: 0 | 1 | null,
    /** Its flow table, and its slot there, kept up to date by the table's owner. */
    readonly table: FlowTable,
    public slot: number,
    private readonly forced: boolean,
  ) {
    this.directions = [this.assembly(0), this.assembly(1)];
  }

  /** True where PDUs were recognised, or the user said so. */
  get ours(): boolean {
    return this.connection !== null || this.forced || this.directions.some((d) => d.cutter.inside);
  }

  /** What is held for it takes of the budget. */
  get cost(): number {
    return this.directions[0].cost + this.directions[1].cost + this.heldBytes;
  }

  /** A SYN that was captured behind the first data, or again. */
  syn(client: 0 | 1): void {
    this.client = client;
    if (this.connection !== null) this.connection.client = client;
  }

  /** Payload of one direction. */
  take(direction: 0 | 1, sequence: number, segment: Segment): void {
    const assembly = this.directions[direction];
    if (!assembly.started) {
      assembly.start(sequence);
      assembly.cutter.startAnywhere();
    }
    assembly.take(sequence, segment);
    this.release();
  }

  /** A packet went by. */
  tick(): void {
    this.directions[0].tick();
    this.directions[1].tick();
    this.release();
  }

  /** Both ends have said all they had to say, and all of it is here. */
  get finished(): boolean {
    return this.directions[0].finished && this.directions[1].finished;
  }

  /** Hands on what is left. */
  close(): void {
    const first = this.client ?? 0;
    for (const direction of [first, 1 - first]) {
      if (this.refused === null) this.directions[direction].flush();
      this.directions[direction].cutter.finish();
    }
    this.release();
    if (this.connection !== null) this.around.events.closed?.(this.connection);
  }

  private assembly(direction: 0 | 1): Assembly {
    const { around } = this;
    const cutter = new Cutter(around.protocols.stream, around.budget, {
      pdu: (pdu) => this.pdu(direction, pdu),
      truncated: (have, length, frame) => this.truncated(have, length, frame),
      unclaimed: () => this.unclaimed(),
      missed: () => {
        if (++this.misses >= MAX_MISSES) this.refused ??= 'unsure';
      },
    });
    return new Assembly(
      cutter,
      around.budget,
      around.limits,
      {
        conflict: (frame) =>
          this.note(
            1,
            'tcp-conflict',
            `bytes sent again in frame ${frame} differ from those sent first, which are kept`,
          ),
        limit: (name, frame) =>
          this.note(
            name === 'heldSegments' ? 2 : 8,
            'limit',
            `${limitMessage(name, around.limits)}, in frame ${frame}`,
          ),
      },
      () => this.ours,
    );
  }

  private pdu(direction: 0 | 1, pdu: CutPdu): void {
    this.connection ??= this.recognise();
    if (this.held.length > 0 || this.directions[1 - direction].waiting) {
      this.held.push({ direction, pdu });
      this.charge(pdu.bytes.length + HELD_COST);
    } else this.emit(direction, pdu);
  }

  private charge(bytes: number): void {
    this.heldBytes += bytes;
    this.around.budget.used += bytes;
  }

  /** Hands on what was held back, in the order of the frames, once nothing is missing any more. */
  private release(): void {
    const { held, directions } = this;
    if (held.length === 0) return;
    if (held.length < MAX_WAITING && (directions[0].waiting || directions[1].waiting)) return;
    this.held = [];
    this.charge(-this.heldBytes);
    held.sort((a, b) => a.pdu.frames[a.pdu.frames.length - 1] - b.pdu.frames[b.pdu.frames.length - 1]);
    for (const { direction, pdu } of held) this.emit(direction, pdu);
  }

  private emit(direction: 0 | 1, pdu: CutPdu): void {
    this.connection ??= this.recognise();
    const { bytes, length, pieces, frames, time, afterGap } = pdu;
    this.around.events.pdu({ connection: this.connection, direction, bytes, length, pieces, frames, time, afterGap });
  }

  private recognise(): Connection {
    const { ends } = this;
    // Without a SYN: servers mostly have the lower port. The first PDU that tells corrects it.
    const client = this.client ?? (ends[0].port >= ends[1].port ? 0 : 1);
    return {
      id: this.around.nextId(),
      transport: 'ncacn_ip_tcp',
      ends,
      client,
      midstream: this.client === null,
      state: new StateStore(),
    };
  }

  /** Bytes that begin no PDU: reason enough to leave a stream of which nothing is known yet. */
  private unclaimed(): boolean {
    if (this.ours) {
      this.note(4, 'out-of-step', 'bytes that begin no PDU stand where one should; the next PDU is searched for');
      return true;
    }
    this.refused = 'no';
    return false;
  }

  private truncated(have: number, length: number, frame: number): void {
    if (!this.ours && length === 0) return;
    const of = length === 0 ? 'a PDU, too few for its header,' : `${length} bytes of a PDU`;
    this.around.events.note({
      code: 'truncated',
      message: `${this.name()}: ${have} of ${of} were captured (last in frame ${frame})`,
      offset: null,
      source: null,
    });
  }

  /** Gives a note once a connection. */
  private note(bit: number, code: string, message: string): void {
    if (!this.ours || (this.told & bit) !== 0) return;
    this.told |= bit;
    this.around.events.note({ code, message: `${this.name()}: ${message}`, offset: null, source: null });
  }

  private name(): string {
    const [a, b] = this.ends;
    return `TCP ${endpointText(a)} - ${endpointText(b)}`;
  }
}

/** `10.0.0.1:135`, `[::1]:135`. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
