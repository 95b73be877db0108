/** Counts over calls: conversations, interfaces, operations, results, authentication. Bounded, one pass. */
import type { Call } from '../../../dissectors/call.js';
import { describeHresult, describeStatus, statusName } from '../../../dissectors/names/hresult.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { hex } from '../../../dissectors/ndr/read.js';
import { hasFailed, isUnanswered } from '../../../dissectors/outcome.js';
import { rolesOf } from '../../core/connection.js';
import type { Connection, Time } from '../../core/context.js';
import { DEFAULT_LIMITS, type Limits, leftOutNote } from '../../core/limits.js';
import { before } from '../../core/time.js';
import { levelOf, levelText } from '../levels.js';
import { Durations, durationOf, timeOf } from './durations.js';

/** Columns of the pictures of response times. */
const PICTURE = 12;

/** What is counted of any set of calls. */
export interface CallTally {
  calls: number;
  /** Those that failed, by their return values or by a fault. */
  failed: number;
  /** Those of them that ended in a fault. */
  faults: number;
  unanswered: number;
  /** Bytes of stubs, as far as they were read: without headers, trailers and padding. */
  bytes: { in: number; out: number };
}

export interface ConversationRow extends CallTally {
  client: string;
  server: string;
  port: number;
  transport: string;
  auth: { type: string | null; level: string };
  connections: number;
  first: Time;
  last: Time;
}

/** Response times in seconds; null without any. */
export interface Times {
  count: number;
  min: number | null;
  median: number | null;
  p95: number | null;
  max: number | null;
}

export interface InterfaceRow extends CallTally {
  iid: string | null;
  interface: string | null;
  spec: string | null;
  times: Times;
}

export interface OperationRow extends InterfaceRow {
  /** Null where nothing tells it: answers without their requests. */
  opnum: number | null;
  operation: string | null;
  /** How the times are spread over `PICTURE` steps of equal ratio between the least and the greatest of all. */
  picture: number[];
}

export interface StatsReport {
  captures: string[];
  calls: number;
  /** Messages of SMB about files: nothing is counted of them but their number. */
  passedOver: number;
  conversations: ConversationRow[];
  /** Connections and calls by what protects them. */
  security: { type: string | null; level: string; connections: number; calls: number }[];
  interfaces: InterfaceRow[];
  operations: OperationRow[];
  /** Return values of ORPC calls other than S_OK. */
  hresults: { code: string; name: string; exception: string | null; count: number }[];
  faults: { status: string; name: string; count: number }[];
  /** Least and greatest response time, for the pictures. */
  range: { min: number | null; max: number | null };
  warnings: { code: string; message: string }[];
}

interface Counted {
  readonly tally: CallTally;
  readonly times: Durations;
}

/** Takes calls and counts them. */
export class Stats {
  private calls = 0;
  private leftOut = 0;
  private readonly all = new Durations();
  private readonly conversations = new Map<string, ConversationRow & { seen: WeakSet<Connection> }>();
  private readonly security = new Map<
    string,
    { type: string | null; level: string; connections: number; calls: number; seen: WeakSet<Connection> }
  >();
  private readonly interfaces = new Map<string, Counted & { call: What }>();
  private readonly operations = new Map<string, Counted & { call: What }>();
  private readonly hresults = new Map<number, number>();
  private readonly faults = new Map<string, { status: string; name: string; count: number }>();

  constructor(private readonly limits: Limits = DEFAULT_LIMITS) {}

  /** Takes a call. */
  add(call: Call): void {
    this.calls++;
    const took = durationOf(call);
    // an answer in front of its request has no response time
    const duration = took !== null && took >= 0 ? took : null;
    if (duration !== null) this.all.add(duration);
    this.converse(call);
    this.protect(call);
    const { iid, iface, operation, opnum } = call;
    // interfaces and operations of remoting have names alone
    const key = iid ?? iface?.name ?? 'null';
    for (const [table, id] of [
      [this.interfaces, key],
      [this.operations, `${key} ${opnum ?? operation?.name ?? null}`],
    ] as const) {
      const row = this.room(table, id, () => ({
        tally: newTally(),
        times: new Durations(),
        call: { iid, iface, operation, opnum },
      }));
      if (row === undefined) continue;
      countCall(row.tally, call);
      if (duration !== null) row.times.add(duration);
    }
    if (call.fault !== null) this.fault(call.fault, call.faultText);
    const { result } = call;
    if (result !== null && result !== 0 && this.room(this.hresults, result, () => 0) !== undefined)
      this.hresults.set(result, (this.hresults.get(result) ?? 0) + 1);
  }

  /**
   * The tables, the largest rows first.
   * @param passedOver messages that were (`CaptureEnd.passedOver`), of all captures
   */
  report(captures: string[], passedOver = 0): StatsReport {
    const { min, max } = this.all;
    const range = this.all.count === 0 ? { min: null, max: null } : { min, max };
    return {
      captures,
      calls: this.calls,
      passedOver,
      conversations: sorted([...this.conversations.values()].map(({ seen: _, ...row }) => row)),
      security: sorted([...this.security.values()].map(({ seen: _, ...row }) => row)),
      interfaces: sorted([...this.interfaces.values()].map(interfaceRow)),
      operations: sorted(
        [...this.operations.values()].map((o) => ({
          ...interfaceRow(o),
          opnum: o.call.opnum,
          operation: operationName(o.call),
          picture: o.times.histogram(min, max, PICTURE),
        })),
      ),
      hresults: [...this.hresults]
        .sort((a, b) => b[1] - a[1])
        .map(([code, n]) => ({ ...(code < 0x10000 ? describeStatus(code) : describeHresult(code)), count: n })),
      faults: [...this.faults.values()].sort((a, b) => b.count - a.count),
      range,
      warnings: this.leftOut === 0 ? [] : [leftOutNote('statsRows', this.limits, this.leftOut)],
    };
  }

  /** @param text what the server says of it; a number of remoting tells nothing by itself */
  private fault(fault: number, text: string | null): void {
    const row = this.room(this.faults, `${fault} ${text}`, () => ({
      status: hex(fault, text === null ? 8 : 4),
      name: text ?? statusName(fault),
      count: 0,
    }));
    if (row !== undefined) row.count++;
  }

  private converse(call: Call): void {
    const { connection, auth } = call;
    const [client, server] = rolesOf(connection);
    const { transport } = connection;
    const key = `${client.address} ${server.address} ${server.port} ${transport} ${auth.type} ${levelText(levelOf(auth))}`;
    const time = timeOf(call);
    const row = this.room(this.conversations, key, () => ({
      client: client.address,
      server: server.address,
      port: server.port,
      transport,
      auth: { type: auth.type, level: levelText(levelOf(auth)) },
      connections: 0,
      ...newTally(),
      first: time,
      last: time,
      seen: new WeakSet(),
    }));
    if (row === undefined) return;
    if (!row.seen.has(connection)) {
      row.seen.add(connection);
      row.connections++;
    }
    if (before(time, row.first)) row.first = time;
    const end = (call.response ?? call.request)?.time ?? time;
    if (before(row.last, end)) row.last = end;
    countCall(row, call);
  }

  private protect(call: Call): void {
    const { type } = call.auth;
    const level = levelText(levelOf(call.auth));
    const row = this.room(this.security, `${type} ${level}`, () => ({
      type,
      level,
      connections: 0,
      calls: 0,
      seen: new WeakSet<Connection>(),
    }));
    if (row === undefined) return;
    row.calls++;
    if (row.seen.has(call.connection)) return;
    row.seen.add(call.connection);
    row.connections++;
  }

  private room<K, V>(table: Map<K, V>, key: K, make: () => V): V | undefined {
    let row = table.get(key);
    if (row !== undefined) return row;
    if (table.size >= this.limits.statsRows) {
      this.leftOut++;
      return undefined;
    }
    row = make();
    table.set(key, row);
    return row;
  }
}

/** What a row is about; nothing that holds on to stubs or connections. */
type What = Pick<Call, 'iid' | 'iface' | 'operation' | 'opnum'>;

/** A tally of no calls. */
export function newTally(): CallTally {
  return { calls: 0, failed: 0, faults: 0, unanswered: 0, bytes: { in: 0, out: 0 } };
}

/** Counts a call. */
export function countCall(tally: CallTally, call: Call): void {
  tally.calls++;
  if (hasFailed(call)) tally.failed++;
  if (call.fault !== null) tally.faults++;
  if (isUnanswered(call)) tally.unanswered++;
  tally.bytes.in += call.request?.stub?.length ?? 0;
  tally.bytes.out += call.response?.stub?.length ?? 0;
}

function interfaceRow({ tally, times, call }: Counted & { call: What }): InterfaceRow {
  return {
    iid: call.iid,
    interface: call.iface?.name ?? call.iid,
    spec: call.iface?.spec ?? null,
    ...tally,
    times: {
      count: times.count,
      min: times.count === 0 ? null : times.min,
      median: times.median(),
      p95: times.quantile(0.95),
      max: times.count === 0 ? null : times.max,
    },
  };
}

function sorted<T extends { calls: number }>(rows: T[]): T[] {
  return rows.sort((a, b) => b.calls - a.calls);
}
