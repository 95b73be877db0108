/** Streams inside PDUs of other protocols (pipes of SMB, sealed channels): cut as those of TCP are. */
import { type Connection, StateStore } from '../core/context.js';
import type { CarriedBetween, CarriedBytes, CarriedStream, Carriers, StreamProtocol } from '../core/dissector.js';
import { Ledger } from '../core/ledger.js';
import { Cutter } from './cut.js';
import type { Budget, CutPdu, LimitTeller, StreamEvents } from './types.js';

/** Makes the carried streams of a capture, and bounds what they hold of PDUs that are not whole. */
export class CarriedStreams implements Carriers {
  private readonly holding = new Ledger<CutStream, null>();

  constructor(
    private readonly events: StreamEvents,
    private readonly teller: LimitTeller,
    private readonly remembered: Budget,
    private readonly nextId: () => number,
  ) {}

  open(protocol: StreamProtocol, between: CarriedBetween): CarriedStream {
    const { ends, client, midstream, transport = protocol.transport, endpoint = null } = between;
    const connection: Connection = {
      id: this.nextId(),
      transport,
      protocol: protocol.name,
      endpoint,
      ends,
      client,
      midstream,
      state: new StateStore(),
    };
    return new CutStream(connection, protocol, this.events, this.remembered, (stream) => this.changed(stream));
  }

  private changed(stream: CutStream): void {
    if (stream.cost === 0) this.holding.delete(stream);
    else this.holding.set(stream, null, stream.cost);
    if (this.holding.keepTo(this.teller.limits.carriedBytes, (s) => s.giveUp())) this.teller.met('carriedBytes');
  }
}

/** More than any PDU has: how much is missing in a carried stream, nobody knows. */
const UNKNOWN_LENGTH = 2 ** 32;

class CutStream implements CarriedStream {
  private readonly cutters: readonly [Cutter, Cutter];
  private readonly budget: Budget = { used: 0 };
  private ended = false;

  constructor(
    readonly connection: Connection,
    protocol: StreamProtocol,
    private readonly events: StreamEvents,
    remembered: Budget,
    private readonly changed: (stream: CutStream) => void,
  ) {
    const cutter = (direction: 0 | 1): Cutter => {
      const sink = {
        pdu: (pdu: CutPdu) => this.pdu(direction, pdu),
        truncated: () => {},
        known: (afterGap: boolean) => (afterGap ? null : connection),
        passes: (bytes: Uint8Array, at: number, end: number, length: number, afterGap: boolean) =>
          protocol.passes?.(bytes, at, end, length, afterGap ? null : connection) === true,
        lengthUnwanted: () => 0,
        // what carries it says whose it is
        unclaimed: () => true,
        missed: () => {},
      };
      return new Cutter(protocol, this.budget, sink, remembered);
    };
    this.cutters = [cutter(0), cutter(1)];
    if (connection.midstream) for (const c of this.cutters) c.startAnywhere();
  }

  /** What is held of PDUs that are not whole, in bytes. */
  get cost(): number {
    return this.budget.used;
  }

  data(direction: 0 | 1, { bytes, pieces, frame, time }: CarriedBytes): void {
    const { length } = bytes;
    const segment = { bytes, start: 0, captured: length, length, frame, fileDelta: 0, pieces, time, acknowledges: -1 };
    if (this.ended) return;
    this.cutters[direction].data(segment);
    this.changed(this);
  }

  gap(direction: 0 | 1): void {
    if (this.ended) return;
    this.cutters[direction].gap(UNKNOWN_LENGTH, true);
    this.changed(this);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const cutter of this.cutters) cutter.finish();
    this.changed(this);
    this.events.closed?.(this.connection);
  }

  /** Hands on what there is of PDUs that are not whole. */
  giveUp(): void {
    for (const cutter of this.cutters) if (cutter.cost > 0) cutter.gap(UNKNOWN_LENGTH, true);
  }

  private pdu(direction: 0 | 1, { bytes, length, pieces, frames, time, afterGap }: CutPdu): void {
    const { connection } = this;
    this.events.pdu({ connection, direction, bytes, length, pieces, frames, time, afterGap });
  }
}
