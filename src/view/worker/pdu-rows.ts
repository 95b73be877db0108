/** The list of PDUs: a row each, in little memory. */
import { type Connection, channelOf, elapsed, type Filter, type Pdu, pduLine, type Time } from '../../index.js';
import { bytes, doubles, words } from './column.js';
import { endsText } from './ends.js';
import { Heads } from './quick.js';
import { familyOf, packed, type Says, shownText, unpacked } from './says.js';
import type { Texts } from './texts.js';

/** What the list shows of a PDU. */
export interface PduRow {
  /** From 1 on, in the order in which PDUs were read. */
  readonly pdu: number;
  /** The frame that completed it. */
  readonly frame: number;
  /** Seconds since the first packet. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** As `Request`. */
  readonly type: string;
  /** What it says of itself. */
  readonly told: string;
  /** What of its call is known with it. */
  readonly says: Says | null;
  /** Number of its call, from 1 on; null where it belongs to none, or the call is not over yet. */
  readonly call: number | null;
  /** Which half it is of: `null` for what only negotiates. */
  readonly half: 'request' | 'answer' | null;
  readonly failed: boolean;
}

/** When and where a PDU was seen. */
export interface Sight {
  /** The PDU before it of its call, from 1 on; 0 for none. */
  readonly before: number;
  readonly frame: number;
  /** That it came by. Counts from 0 on, in the order of their first PDUs. */
  readonly connection: number;
  readonly direction: 0 | 1;
  readonly time: Time;
  /** Seconds since the first packet. */
  readonly elapsed: number;
}

/** PDUs of a call that follow each other, by their numbers; 0 for none. */
export interface Neighbours {
  readonly before: number;
  readonly behind: number;
}

const NO_CALL = 0;

export class PduRows {
  private readonly frame = words();
  /** Nanoseconds since the first packet. */
  private readonly time = doubles();
  private readonly connection = words();
  private readonly flags = bytes();
  /** Texts by their numbers: protocol and type, what it says of itself, what of its call is known (one more; 0 for nothing). */
  private readonly type = words();
  private readonly told = words();
  private readonly says = words();
  /** What the call is known by until it has its number, from 1 on. */
  private readonly call = words();
  private readonly numbers = words();
  private readonly known = new WeakMap<object, { readonly id: number; last: number }>();
  private readonly ends = words();
  private readonly connections = new WeakMap<Connection, number>();
  private readonly heads = new Heads();
  private calls = 0;
  private isLate = false;
  /** When the first packet was captured. */
  began: Time = { sec: 0, nsec: 0 };

  constructor(private readonly texts: Texts) {}

  get length(): number {
    return this.frame.length;
  }

  /** Adds a PDU. */
  add(pdu: Pdu): Sight {
    const { transport, call } = pdu;
    const { type, told, call: text, sealed } = pduLine(pdu);
    const frame = transport.frames[transport.frames.length - 1];
    if (this.length > 0 && frame < this.frame.get(this.length - 1)) this.isLate = true;
    this.frame.push(frame);
    this.heads.add(pdu);
    const seconds = elapsed(this.began, transport.time);
    this.time.push(Math.round(seconds * 1e9));
    const connection = this.connectionOf(transport);
    this.connection.push(connection);
    this.type.push(this.texts.put(`${pdu.protocol}\n${shownText(type)}`));
    // calls tell the rest
    const ownText = text === null ? [...told, sealed ?? ''].filter((t) => t !== '').join(', ') : '';
    this.told.push(this.texts.put(shownText(ownText)));
    this.says.push(call === null || text === null ? 0 : this.texts.put(packed(familyOf(call), text)) + 1);
    const answers = pdu.completes === 'response' || pdu.completes === 'fault';
    const failed = text?.problem != null;
    this.flags.push(transport.direction | (answers ? 2 : 0) | (failed ? 4 : 0));
    const before = this.join(call);
    return { before, frame, connection, direction: transport.direction, time: transport.time, elapsed: seconds };
  }

  /** When and where a PDU was seen, by its number. */
  sight(pdu: number): Sight {
    const seconds = this.time.get(pdu - 1) / 1e9;
    const whole = Math.floor(seconds);
    const nsec = this.began.nsec + Math.round((seconds - whole) * 1e9);
    return {
      before: this.neighbours(pdu).before,
      frame: this.frame.get(pdu - 1),
      connection: this.connection.get(pdu - 1),
      direction: (this.flags.get(pdu - 1) & 1) as 0 | 1,
      time: { sec: this.began.sec + whole + Math.floor(nsec / 1e9), nsec: nsec % 1e9 },
      elapsed: seconds,
    };
  }

  /** A call is over and has its number. */
  number(call: object, number: number): void {
    const known = this.known.get(call);
    if (known !== undefined) this.numbers.set(known.id, number);
  }

  /** @param at from 0 on */
  row(at: number): PduRow {
    const [protocol, type] = this.texts.get(this.type.get(at)).split('\n');
    const flags = this.flags.get(at);
    const [a, b] = this.texts.get(this.ends.get(this.connection.get(at))).split('\n');
    const says = this.says.get(at);
    const call = this.call.get(at);
    return {
      pdu: at + 1,
      frame: this.frame.get(at),
      time: this.time.get(at) / 1e9,
      source: flags & 1 ? b : a,
      destination: flags & 1 ? a : b,
      protocol,
      type,
      told: this.texts.get(this.told.get(at)),
      says: says === 0 ? null : unpacked(this.texts.get(says - 1)),
      call: this.numbers.get(call) || null,
      half: says === 0 ? null : flags & 2 ? 'answer' : 'request',
      failed: (flags & 4) !== 0,
    };
  }

  /** The frame that completed it. */
  frameOf(at: number): number {
    return this.frame.get(at);
  }

  /** Numbers of the PDUs that a frame completed, or of those that the next one did where there are none; at most 64. */
  ofFrame(frame: number): number[] {
    let next = Number.POSITIVE_INFINITY;
    let found: number[] = [];
    for (let at = 0; at < this.length; at++) {
      const completed = this.frame.get(at);
      if (completed < frame || completed > next) continue;
      if (completed < next) found = [];
      next = completed;
      if (found.length < 64) found.push(at + 1);
    }
    return found;
  }

  /** Places of the PDUs that a filter leaves, out of what is known here; null where it asks for more. */
  match(filter: Filter): Uint32Array | null {
    return this.heads.match(filter, this.inOrder(), (at) => this.frame.get(at));
  }

  /** Places of the calls that PDUs belong to, in the order of the calls. */
  callsOf(pdus: Uint32Array): Uint32Array {
    const isOf = new Uint8Array(this.calls);
    let count = 0;
    for (const at of pdus) {
      const number = this.numbers.get(this.call.get(at));
      if (number === 0 || isOf[number - 1] === 1) continue;
      isOf[number - 1] = 1;
      count++;
    }
    const found = new Uint32Array(count);
    for (let at = 0, to = 0; to < count; at++) if (isOf[at] === 1) found[to++] = at;
    return found;
  }

  /** Places of all PDUs of calls, which are given by their places. */
  ofCalls(calls: Uint32Array): Uint32Array {
    const isOne = new Uint8Array(this.calls + 1);
    for (const at of calls) isOne[at + 1] = 1;
    return this.inOrder().filter((at) => isOne[this.numbers.get(this.call.get(at))] === 1);
  }

  /**
   * Rows in the order of their frames: those that were read late, from behind missing bytes, where they belong. Null
   * where that is the order in which all were read.
   */
  order(): Uint32Array | null {
    return this.isLate ? this.inOrder() : null;
  }

  /** The same, row by row. */
  inOrder(): Uint32Array {
    const rows = new Uint32Array(this.length);
    for (let at = 0; at < rows.length; at++) rows[at] = at;
    return this.isLate ? rows.sort((a, b) => this.frame.get(a) - this.frame.get(b) || a - b) : rows;
  }

  /** PDUs of the same call around one; by numbers. */
  neighbours(pdu: number): Neighbours {
    const call = this.call.get(pdu - 1);
    if (call === NO_CALL) return { before: 0, behind: 0 };
    return { before: this.nextOf(call, pdu - 2, -1) + 1, behind: this.nextOf(call, pdu, 1) + 1 };
  }

  /** PDUs of a call, by its number, in the order in which they were read; no more than `most`. */
  ofCall(call: number, most: number): PduRow[] {
    const rows: PduRow[] = [];
    let id = 1;
    while (id <= this.calls && this.numbers.get(id) !== call) id++;
    for (let at = this.nextOf(id, 0, 1); at >= 0 && rows.length < most; at = this.nextOf(id, at + 1, 1))
      rows.push(this.row(at));
    return rows;
  }

  /** The first place from one on, forwards or backwards, of a PDU of a call; -1 for none. */
  private nextOf(id: number, from: number, step: 1 | -1): number {
    let at = from;
    while (at >= 0 && at < this.length && this.call.get(at) !== id) at += step;
    return at < this.length ? Math.max(at, -1) : -1;
  }

  /** Notes the call of the last PDU; the number of the PDU before it of the same call, 0 for none. */
  private join(call: object | null): number {
    const number = this.length;
    if (call === null) {
      this.call.push(NO_CALL);
      return 0;
    }
    const known = this.known.get(call) ?? { id: ++this.calls, last: 0 };
    const before = known.last;
    known.last = number;
    this.known.set(call, known);
    this.call.push(known.id);
    return before;
  }

  /** The number of the connection that a PDU came by. */
  private connectionOf(transport: Pdu['transport']): number {
    const { connection, direction } = channelOf(transport);
    let id = this.connections.get(connection);
    if (id === undefined) {
      id = this.ends.length;
      const [a, b] = connection.ends;
      this.ends.push(this.texts.put(endsText(direction === transport.direction ? [a, b] : [b, a])));
      this.connections.set(connection, id);
    }
    return id;
  }
}
