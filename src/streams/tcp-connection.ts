/**
 * A TCP connection that is ours, or may be: two assemblies, two cutters, and the `Connection` that dissectors
 * see, made once a PDU was recognised.
 */
import { type Connection, type Endpoint, StateStore, type Transport } from '../core/context.js';
import type { StreamProtocol } from '../core/dissector.js';
import { type Limits, limitMessage } from '../core/limits.js';
import { Cutter } from './cut.js';
import { frontOf, undecided } from './decide.js';
import type { FlowTable } from './flow-table.js';
import { PATIENCE_ACKED, TcpAssembly } from './tcp-assembly.js';
import type { Budget, CutPdu, Segment, StreamEvents, StreamProtocols } from './types.js';

/** Segments of a stream with holes that are looked at before it is taken for somebody else's. */
const MAX_MISSES = 8;

/** PDUs held back at most until what their sender had received before is here. */
const MAX_WAITING = 256;
/** What holding one back costs beside its bytes, about. */
const HELD_COST = 256;

/** What a connection needs of the whole. */
export interface Surroundings {
  readonly protocols: StreamProtocols;
  readonly events: StreamEvents;
  readonly budget: Budget;
  /** Bytes remembered to compare them with what is sent again. */
  readonly remembered: Budget;
  readonly limits: Limits;
  /** Connections that hold something back, of which PDUs of earlier frames may still come. */
  holding: number;
  /** Number of the next `Connection`. */
  nextId(): number;
}

/** A PDU that is held back. */
interface HeldPdu {
  readonly pdu: CutPdu;
  /** Count of the connection's packets when it came. */
  readonly since: number;
}

/** Follows one connection. Direction 0 is sent by `ends[0]`. */
export class TcpConnection {
  /** Null until a PDU was recognised. */
  connection: Connection | null = null;
  readonly directions: readonly [TcpAssembly, TcpAssembly];
  /** Clock at the last packet. */
  seen = 0;
  /** A RST went by. */
  reset = false;
  /** It turned out that the stream is not ours (`no`), or it does not seem so and beginnings were lost (`unsure`). */
  refused: 'no' | 'unsure' | null = null;
  private misses = 0;
  /** Its first bytes did not tell whose it is, but later ones did. */
  private chosen = false;
  /** PDUs of each direction, in the order of its bytes, that wait for what their sender had received before. */
  private readonly held: readonly [HeldPdu[], HeldPdu[]] = [[], []];
  /** What these cost. */
  private heldBytes = 0;
  /** Packets so far. */
  private packets = 0;
  /** Whether this connection counts as one that holds something back. */
  private holds = false;
  private told = 0;

  constructor(
    private readonly around: Surroundings,
    readonly ends: readonly [Endpoint, Endpoint],
    /** The SYN's sender, null where no SYN was seen. */
    private client: 0 | 1 | null,
    /** Its flow table, and its slot there, kept up to date by the table's owner. */
    readonly table: FlowTable,
    public slot: number,
    /** Whose it is, as its first bytes say; null where these do not tell yet. */
    private protocol: StreamProtocol | null,
    private readonly forced: boolean,
    /** Whether its server greeted: `StreamProtocol.greeting`. */
    private greeted: boolean,
  ) {
    const isHere = ({ ports }: StreamProtocol): boolean => ports === undefined || ends.some((e) => ports.has(e.port));
    const cut = (direction: 0 | 1): StreamProtocol =>
      protocol ?? undecided(around.protocols.streams.filter(isHere), (chosen) => this.choose(chosen, direction));
    this.directions = [this.assembly(0, cut(0)), this.assembly(1, cut(1))];
  }

  /** A direction has shown whose it is. */
  private choose(protocol: StreamProtocol, direction: 0 | 1): void {
    this.protocol = protocol;
    this.chosen = true;
    for (const { cutter } of this.directions) cutter.protocol = protocol;
    this.directions[1 - direction].cutter.reconsider();
  }

  /** True where PDUs were recognised, or the user said so. */
  get ours(): boolean {
    return this.connection !== null || this.forced || this.chosen || this.directions.some((d) => d.cutter.inside);
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
    if (!assembly.started) assembly.startInMiddle(sequence);
    if (assembly.isOutset(sequence)) this.passFront(assembly, sequence, segment);
    assembly.take(sequence, segment);
  }

  /** Passes over what stands in front of a direction's first PDU, where the other end was faster than that. */
  private passFront(assembly: TcpAssembly, sequence: number, { bytes, start, captured }: Segment): void {
    if (this.protocol?.greeting === undefined) return;
    const front = frontOf([this.protocol], bytes, start, start + captured);
    if (front === null) return;
    assembly.start(sequence + front.length);
    this.greeted ||= front.isGreeting;
    if (this.connection !== null) this.connection.transport = this.transport;
  }

  private get transport(): Transport {
    const { transport, greeting } = this.protocol as StreamProtocol;
    return (this.greeted && greeting?.transport) || transport;
  }

  /** A packet went by. */
  tick(): void {
    const [a, b] = this.directions;
    a.tick();
    b.tick();
    this.packets++;
    if (this.heldBytes > 0) this.release(PATIENCE_ACKED);
    const holds = a.waiting || b.waiting || this.heldBytes > 0;
    if (holds !== this.holds) this.setHolds(holds);
  }

  /** The earliest frame that something is held back of; Infinity where nothing is. */
  get earliest(): number {
    let earliest = Math.min(this.directions[0].earliest, this.directions[1].earliest);
    for (const queue of this.held) for (const { pdu } of queue) earliest = Math.min(earliest, pdu.frames[0]);
    return earliest;
  }

  /** Adds the frames that something is held back of. */
  addHeld(frames: Set<number>): void {
    if (!this.holds) return;
    for (const assembly of this.directions) assembly.addHeld(frames);
    for (const queue of this.held) for (const held of queue) frames.add(lastFrame(held));
  }

  /** Whether all that is missing was acknowledged by its receiver: it is lost if it does not come at once. */
  get isOverdue(): boolean {
    return this.holds && this.directions.every((d) => !d.waiting || d.isAcknowledged);
  }

  /** What is missing will not come: hands on all that is held back. */
  giveUp(): void {
    const first = this.client ?? 0;
    for (const direction of [first, 1 - first]) this.directions[direction].flush();
    this.release(0);
    this.setHolds(false);
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
    this.release(0);
    this.setHolds(false);
    if (this.connection !== null) this.around.events.closed?.(this.connection);
  }

  private assembly(direction: 0 | 1, protocol: StreamProtocol): TcpAssembly {
    const { around } = this;
    const sink = {
      pdu: (pdu: CutPdu) => this.pdu(direction, pdu),
      truncated: (have: number, length: number, frame: number) => this.truncated(have, length, frame),
      known: (afterGap: boolean) => (afterGap ? null : this.connection),
      passes: (bytes: Uint8Array, at: number, end: number, length: number, afterGap: boolean) =>
        this.protocol?.passes?.(bytes, at, end, length, afterGap ? null : this.connection) === true,
      lengthUnwanted: (bytes: Uint8Array, at: number, end: number): number =>
        this.connection === null ? 0 : (this.protocol?.lengthUnwanted?.(bytes, at, end, this.connection) ?? 0),
      unclaimed: () => this.unclaimed(),
      missed: () => {
        if (++this.misses >= MAX_MISSES) this.refused ??= 'unsure';
      },
    };
    const cutter = new Cutter(protocol, around.budget, sink, around.remembered);
    return new TcpAssembly(
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
    const queue = this.held[direction];
    if (queue.length === 0 && this.isNext(direction, pdu)) this.emit(direction, pdu);
    else {
      queue.push({ pdu, since: this.packets });
      this.charge(pdu.bytes.length + HELD_COST);
    }
  }

  /** Whether all that the other end had sent when a PDU's sender wrote it was handed on, so that it may follow. */
  private isNext(direction: 0 | 1, { acknowledges }: CutPdu): boolean {
    if (acknowledges < 0) return true;
    const other = this.directions[1 - direction];
    if (!other.started) {
      // Neither SYN nor client yet: what a server answers may stand right behind, where packets were displaced.
      return direction === this.connection?.client || this.packets >= PATIENCE_ACKED;
    }
    const after = other.positionOf(acknowledges);
    if (after < 0) return true;
    const [head] = this.held[1 - direction];
    return after <= other.delivered && (head === undefined || head.pdu.end > after);
  }

  private charge(bytes: number): void {
    this.heldBytes += bytes;
    this.around.budget.used += bytes;
  }

  private setHolds(holds: boolean): void {
    if (holds !== this.holds) this.around.holding += holds ? 1 : -1;
    this.holds = holds;
  }

  /**
   * Hands on what was held back: each direction in the order of its bytes, and between directions what was answered
   * before its answer, as the acknowledgements say. So it does not matter in which order packets were captured.
   * @param patience packets to wait for what a PDU's sender had received; then it is taken for lost
   */
  private release(patience: number): void {
    const { held } = this;
    for (;;) {
      const [a, b] = [held[0][0], held[1][0]];
      if (a === undefined && b === undefined) return;
      const readyA = a !== undefined && this.isNext(0, a.pdu);
      const readyB = b !== undefined && this.isNext(1, b.pdu);
      const firstIsA = b === undefined || (a !== undefined && lastFrame(a) <= lastFrame(b));
      const direction = readyA === readyB ? (firstIsA ? 0 : 1) : readyA ? 0 : 1;
      const { pdu, since } = held[direction][0];
      const isLate = this.packets - since >= patience || held[0].length + held[1].length > MAX_WAITING;
      if (!readyA && !readyB && !isLate) return;
      held[direction].shift();
      this.charge(-pdu.bytes.length - HELD_COST);
      this.emit(direction, pdu);
    }
  }

  private emit(direction: 0 | 1, pdu: CutPdu): void {
    this.connection ??= this.recognise();
    const { bytes, length, pieces, frames, time, afterGap } = pdu;
    this.around.events.pdu({ connection: this.connection, direction, bytes, length, pieces, frames, time, afterGap });
  }

  private recognise(): Connection {
    const { ends } = this;
    const { name } = this.protocol as StreamProtocol;
    // Without a SYN: servers mostly have the lower port. The first PDU that tells corrects it.
    const client = this.client ?? (ends[0].port >= ends[1].port ? 0 : 1);
    return {
      id: this.around.nextId(),
      transport: this.transport,
      protocol: name,
      endpoint: null,
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

function lastFrame({ pdu }: HeldPdu): number {
  return pdu.frames[pdu.frames.length - 1];
}

/** `10.0.0.1:135`, `[::1]:135`. */
function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
