/**
 * Which TCP flows are ours: looks at the first payload bytes of every connection, drops what is somebody else's
 * at the cost of a table lookup, and follows the rest.
 */

import type { Packet } from '../capture/packet.js';
import type { StreamProtocol } from '../core/dissector.js';
import { Attempts } from './attempts.js';
import { FirstBytes, forcedOn, mayOpen, onItsPorts, openedBy, passFront } from './decide.js';
import { endsOf, sides } from './ends.js';
import {
  CLIENT,
  FIRST_KNOWN,
  FlowTable,
  FORCED,
  fillKey6,
  GREETED,
  IGNORED,
  LIVE,
  STRANGE,
  UNDECIDED,
  WATCHED,
} from './flow-table.js';
import { type Surroundings, TcpConnection } from './tcp-connection.js';
import type { IpPacket, LimitTeller, StreamEvents } from './types.js';

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** Packets between two looks at connections that a RST ended, and how long these wait for stragglers. */
const SWEEP = 4096;
/** Payloads shorter than this do not tell whose they are. */
const SHORT = 16;
/** Payload that came this far behind its connection's beginning says nothing about that beginning any more. */
const NEAR_START = 1 << 20;

/** TCP flows of a capture. */
export class TcpFlows {
  private readonly v4: FlowTable;
  private readonly v6: FlowTable;
  /** Connections being followed; the flow tables hold indices into it. */
  private readonly live: (TcpConnection | null)[] = [];
  private readonly free: number[] = [];
  private following = 0;
  private now = 0;
  /** The flow that was looked up last, and the direction of its segment. */
  private table: FlowTable;
  private slot = 0;
  private direction: 0 | 1 = 0;
  private readonly attempts = new Attempts();
  private readonly transport: StreamEvents['transport'];
  private readonly firsts: FirstBytes;

  constructor(
    private readonly around: Surroundings,
    private readonly teller: LimitTeller,
  ) {
    this.transport = around.events.transport;
    this.firsts = new FirstBytes(around.protocols.streams);
    // those that are followed are never forgotten: there must be room beside them
    const flows = Math.max(around.limits.flows, 2 * around.limits.connections);
    const moved = (live: number, slot: number) => {
      const connection = this.live[live];
      if (connection !== null) connection.slot = slot;
    };
    const full = () => teller.met('flows');
    this.v4 = new FlowTable(3, flows, moved, full);
    this.v6 = new FlowTable(9, flows, moved, full);
    this.table = this.v4;
  }

  /** Takes a TCP packet. */
  packet(p: Packet, ip: IpPacket): void {
    this.transport?.(p, ip, 6);
    const b = ip.bytes;
    const at = ip.start;
    if (ip.captured - at < 20) return;
    const payload = at + ((b[at + 12] >> 4) << 2);
    if (payload < at + 20 || payload > ip.end) return;
    const isEmpty = payload === ip.end;
    if (ip.version === 4 ? this.drops4(b, ip.header, at, isEmpty) : this.drops6(b, ip.header, at, isEmpty)) return;
    this.known(p, ip, payload);
  }

  /**
   * Looks up the flow of a segment over IPv4.
   * @param header where its IP header is, `at` its TCP header, which is all there
   * @returns whether nothing more of it is wanted; else it has to go on as `known`
   */
  drops4(b: Uint8Array, header: number, at: number, isEmpty: boolean): boolean {
    const from = (b[header + 12] << 24) | (b[header + 13] << 16) | (b[header + 14] << 8) | b[header + 15];
    const to = (b[header + 16] << 24) | (b[header + 17] << 16) | (b[header + 18] << 8) | b[header + 19];
    const source = (b[at] << 8) | b[at + 1];
    const target = (b[at + 2] << 8) | b[at + 3];
    const now = this.tick();
    this.table = this.v4;
    this.direction = from < to || (from === to && source < target) ? 0 : 1;
    this.slot =
      this.direction === 0
        ? this.v4.find3(from, to, (source << 16) | target, now)
        : this.v4.find3(to, from, (target << 16) | source, now);
    return this.drops(b[at + 13], isEmpty);
  }

  private drops6(b: Uint8Array, header: number, at: number, isEmpty: boolean): boolean {
    this.table = this.v6;
    this.direction = fillKey6(this.v6.key, b, header, (b[at] << 8) | b[at + 1], (b[at + 2] << 8) | b[at + 3]);
    this.slot = this.v6.find(this.tick());
    return this.drops(b[at + 13], isEmpty);
  }

  private drops(flags: number, isEmpty: boolean): boolean {
    return (flags & SYN) === 0 && this.table.drops(this.slot, this.direction, isEmpty || (flags & RST) !== 0);
  }

  /** The clock goes on: it counts packets. */
  private tick(): number {
    const now = ++this.now;
    if (now % SWEEP === 0) this.sweep();
    return now;
  }

  /** The capture is over. */
  end(): void {
    const left = this.live.filter((c) => c !== null);
    left.sort((a, b) => (a.connection?.id ?? Infinity) - (b.connection?.id ?? Infinity) || 0);
    for (const connection of left) connection.close();
    this.live.length = 0;
    this.following = 0;
    const { events } = this.around;
    if (events.attempt !== undefined) for (const attempt of this.attempts.all()) events.attempt(attempt);
  }

  /** Hands on what is held back behind bytes that will not come: those that their receiver has. */
  quiet(): void {
    for (const connection of this.live) if (connection?.isOverdue === true) connection.giveUp();
  }

  /** The frames that something is held back of. */
  held(): Set<number> {
    const frames = new Set<number>();
    for (const connection of this.live) connection?.addHeld(frames);
    return frames;
  }

  /** Hands on what is held back of frames before this one, and of the connections that hold it. */
  giveUp(before: number): void {
    const holding = this.live.filter((c) => c !== null).filter((c) => c.earliest < before);
    holding.sort((a, b) => a.earliest - b.earliest);
    for (const connection of holding) connection.giveUp();
  }

  /** The packet whose flow was looked up last, and which was not dropped. */
  known(p: Packet, ip: IpPacket, payload: number): void {
    const { table, slot, direction } = this;
    const b = ip.bytes;
    const at = ip.start;
    const flags = b[at + 13];
    let sequence = ((b[at + 4] << 24) | (b[at + 5] << 16) | (b[at + 6] << 8) | b[at + 7]) >>> 0;
    if ((flags & SYN) !== 0) {
      sequence = (sequence + 1) >>> 0;
      this.syn(table, slot, direction, flags, sequence, b, at);
      if ((flags & ACK) === 0) this.watch(p, ip, table, slot, direction);
      if (table.state(slot) === IGNORED) return;
    }
    if ((table.flags(slot) & WATCHED) !== 0 && (flags & (SYN | ACK)) !== SYN) {
      const [from, to] = sides(ip);
      if ((flags & RST) === 0) this.attempts.answered(from, to);
      else this.attempts.reset(from, to, p.number);
      table.setFlags(slot, table.flags(slot) & ~WATCHED);
    }
    const length = ip.end - payload;
    const captured = Math.max(0, Math.min(ip.captured, ip.end) - payload);
    if (table.state(slot) === UNDECIDED) {
      if (length === 0 || (flags & RST) !== 0 || (table.flags(slot) & (STRANGE << direction)) !== 0) return;
      // as an integer of 32 bits: others are objects
      if (!this.decide(ip, table, slot, direction, sequence | 0, payload, captured, length)) return;
    }
    const index = table.follower(slot);
    const connection = this.live[index] as TcpConnection;
    connection.seen = this.now;
    let acknowledges = -1;
    if ((flags & ACK) !== 0) {
      acknowledges = ((b[at + 8] << 24) | (b[at + 9] << 16) | (b[at + 10] << 8) | b[at + 11]) >>> 0;
      connection.directions[1 - direction].acknowledged(acknowledges);
    }
    // A RST's payload is a text for people (RFC 9293 3.5.3), not part of the stream.
    const passed =
      (flags & RST) === 0 ? connection.directions[direction].pass(sequence, b, payload, captured, length) : length;
    if (passed < length) {
      const { pieces } = ip;
      connection.take(direction, sequence + passed, {
        bytes: b,
        start: payload + passed,
        captured: captured - passed,
        length: length - passed,
        frame: p.number,
        fileDelta: p.fileOffset - p.start,
        pieces,
        time: { sec: p.sec, nsec: p.nsec, units: p.units },
        acknowledges,
      });
    }
    connection.tick();
    if ((flags & FIN) !== 0) connection.directions[direction].end(sequence + length);
    if ((flags & RST) !== 0) connection.reset = true;
    if (connection.refused !== null) this.leave(table, index, connection.refused === 'no' ? IGNORED : UNDECIDED);
    else if (connection.finished) this.leave(table, index, IGNORED);
    else if (this.around.budget.used > this.around.limits.buffered) this.relieve();
  }

  /** A SYN: of the connection that is known, or of a new one on the same ports. */
  private syn(
    table: FlowTable,
    slot: number,
    direction: 0 | 1,
    flags: number,
    first: number,
    b: Uint8Array,
    at: number,
  ): void {
    const mine = FIRST_KNOWN << direction;
    const isAnswer = (flags & ACK) !== 0;
    const same = (table.flags(slot) & mine) !== 0 && table.first(slot, direction) === first;
    if (table.state(slot) === LIVE && !same) {
      const index = table.follower(slot);
      const connection = this.live[index] as TcpConnection;
      const assembly = connection.directions[direction];
      if ((table.flags(slot) & mine) === 0 && (!assembly.started || assembly.beganAt(first))) {
        // The SYN of a connection that is followed already: it was captured behind the first data.
        if (!assembly.started) assembly.start(first);
        connection.syn(isAnswer ? ((1 - direction) as 0 | 1) : direction);
      } else this.leave(table, index, UNDECIDED);
    } else if (table.state(slot) === IGNORED) {
      if (same) return;
      table.setState(slot, UNDECIDED);
      table.setFlags(slot, table.flags(slot) & FORCED);
    }
    if (table.state(slot) === UNDECIDED && !same && !isAnswer) table.setFlags(slot, table.flags(slot) & FORCED);
    table.setFirst(slot, direction, first);
    const client = isAnswer ? 1 - direction : direction;
    table.setFlags(slot, (table.flags(slot) & ~(CLIENT * 3)) | mine | (CLIENT << client));
    const other = FIRST_KNOWN << (1 - direction);
    if (isAnswer && (table.flags(slot) & other) === 0) {
      // The SYN that this answers was not captured; its acknowledgement number tells the same.
      const acknowledged = ((b[at + 8] << 24) | (b[at + 9] << 16) | (b[at + 10] << 8) | b[at + 11]) >>> 0;
      table.setFirst(slot, (1 - direction) as 0 | 1, acknowledged);
      table.setFlags(slot, table.flags(slot) | other);
    }
  }

  /** A SYN to a port that the protocol told of: whether it is answered is worth knowing. */
  private watch(p: Packet, ip: IpPacket, table: FlowTable, slot: number, direction: 0 | 1): void {
    const { told } = this.around.protocols;
    const flags = table.flags(slot);
    if (told === undefined || told.size === 0 || (flags & (FIRST_KNOWN << (1 - direction))) !== 0) return;
    const { bytes: b, start: at } = ip;
    const addresses = told.get((b[at + 2] << 8) | b[at + 3]);
    if (addresses === undefined) return;
    const [from, to] = sides(ip);
    if (!addresses.has(to.address) || !this.attempts.syn(from, to, p)) return;
    table.setFlags(slot, flags | WATCHED);
  }

  /** Looks at payload of a flow of which nothing is known yet; true when it is followed from now on. */
  private decide(
    ip: IpPacket,
    table: FlowTable,
    slot: number,
    direction: 0 | 1,
    sequence: number,
    payload: number,
    captured: number,
    length: number,
  ): boolean {
    const { streams, ports } = this.around.protocols;
    const forced = ports !== undefined && ports.size > 0 ? forcedOn(ports, ip) : undefined;
    const may = onItsPorts(this.firsts.of(ip.bytes, payload, captured), ip);
    const isKnown = (table.flags(slot) & (FIRST_KNOWN << direction)) !== 0;
    const mayHaveFront = may.length === 0 && captured > 0 && this.firsts.mayHaveFront(ip.bytes[payload]);
    // what goes by in the middle of somebody else's
    if (may.length === 0 && !mayHaveFront && !isKnown && forced === undefined) return false;
    if (mayHaveFront) {
      const front = passFront(streams, ip, { table, slot, direction, sequence, payload, captured });
      if (front > 0)
        return (
          front < captured &&
          this.decide(ip, table, slot, direction, sequence + front, payload + front, captured - front, length - front)
        );
    }
    const opened = openedBy(may, ip.bytes, payload, payload + captured);
    if (opened === null && forced === undefined) {
      if (!isKnown) return false;
      const distance = (sequence - table.first(slot, direction)) | 0;
      // A keep-alive, or bytes from far behind the beginning.
      if (distance < 0 || distance > NEAR_START) return false;
      const mayBegin = mayOpen(may, ip.bytes, payload, captured);
      const other = (table.flags(slot) & (STRANGE << (1 - direction))) !== 0;
      if (distance === 0 && captured > 0 && (other || !mayBegin)) {
        // Bytes that are no PDU are answered too, and by a server of ours with a PDU: the other end has its say first.
        // What it says may be of a protocol that ours lies in (HTTP): they may come later, as in a flow without a beginning.
        if (other && may.length > 0) table.setFlags(slot, table.flags(slot) & (FORCED | CLIENT | (CLIENT << 1)));
        else if (other) table.setState(slot, IGNORED);
        else table.setFlags(slot, table.flags(slot) | (STRANGE << direction));
        return false;
      }
      if (other) return false;
      if (captured < length && captured < SHORT) return false;
      // The beginning is still to come, or too short to tell: the flow is followed until it shows.
    }
    const protocol = opened ?? streams.find(({ name }) => name === forced) ?? null;
    this.follow(ip, table, slot, direction, opened !== null, protocol, forced !== undefined, sequence);
    return true;
  }

  private follow(
    ip: IpPacket,
    table: FlowTable,
    slot: number,
    direction: 0 | 1,
    claimed: boolean,
    protocol: StreamProtocol | null,
    forced: boolean,
    sequence: number,
  ): void {
    if (this.following >= this.around.limits.connections) this.evict();
    const flags = table.flags(slot);
    const client = (flags & CLIENT) !== 0 ? 0 : (flags & (CLIENT << 1)) !== 0 ? 1 : null;
    const ends = endsOf(ip, direction);
    const greeted = (flags & GREETED) !== 0;
    const connection = new TcpConnection(this.around, ends, client, table, slot, protocol, forced, greeted);
    for (const d of [0, 1] as const)
      if ((flags & (FIRST_KNOWN << d)) !== 0 && (flags & (STRANGE << d)) === 0)
        connection.directions[d].start(table.first(slot, d));
    const own = connection.directions[direction];
    if (claimed && own.started) {
      // Far behind what was seen to begin: a flow whose first megabytes were not captured. It begins here.
      const distance = (sequence - table.first(slot, direction)) | 0;
      if (distance < 0 || distance > NEAR_START) own.start(sequence);
    }
    if (claimed && !own.started) {
      own.start(sequence);
      own.cutter.startAfterGap();
    }
    const index = this.free.pop() ?? this.live.length;
    this.live[index] = connection;
    this.following++;
    table.setState(slot, LIVE);
    table.setFollower(slot, index);
  }

  /** Stops following a connection. */
  private leave(table: FlowTable, index: number, state: typeof IGNORED | typeof UNDECIDED): void {
    const connection = this.live[index] as TcpConnection;
    connection.close();
    this.live[index] = null;
    this.free.push(index);
    this.following--;
    table.setState(connection.slot, state);
    table.setFollower(connection.slot, -1);
    // What is looked at again goes on in the middle: its beginning is past.
    if (state === UNDECIDED) table.setFlags(connection.slot, table.flags(connection.slot) & FORCED);
  }

  /** Ends connections that a RST ended a while ago, and waits no longer for bytes that were lost then. */
  private sweep(): void {
    for (let i = 0; i < this.live.length; i++) {
      const connection = this.live[i];
      if (connection === null || this.now - connection.seen < SWEEP) continue;
      if (connection.reset) this.leave(connection.table, i, IGNORED);
      else if (connection.isOverdue) connection.giveUp();
    }
  }

  /** Too many connections: an eighth of them, idle longest, is given up. */
  private evict(): void {
    this.teller.met('connections');
    this.dropIdle(Math.max(1, this.around.limits.connections >> 3), false);
  }

  /** Too many bytes held: of the connections that hold some, those idle longest are given up until half is free. */
  private relieve(): void {
    const { budget, limits } = this.around;
    this.teller.met('buffered');
    while (budget.used > limits.buffered / 2 && this.dropIdle(Math.max(1, this.following >> 3), true) > 0);
  }

  /** Gives up the `n` connections idle longest; `holding`: of those that hold bytes. Returns how many there were. */
  private dropIdle(n: number, holding: boolean): number {
    const order: { i: number; connection: TcpConnection }[] = [];
    for (const [i, connection] of this.live.entries())
      if (connection !== null && (!holding || connection.cost > 0)) order.push({ i, connection });
    order.sort((a, b) => a.connection.seen - b.connection.seen);
    const dropped = order.slice(0, n);
    for (const { i, connection } of dropped) this.leave(connection.table, i, UNDECIDED);
    return dropped.length;
  }
}
