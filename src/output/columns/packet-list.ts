/** The columns of Wireshark's list of packets, one row a frame: `-T psml`, `-T csv`, and `_ws.col.…` in `-T fields`. */
import { columnOf } from '../../../dissectors/names/columns.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Time } from '../../core/context.js';
import type { Frame } from '../../core/frame.js';
import type { Node } from '../../core/node.js';
import { isTold } from '../../core/time.js';
import type { Collector, Slot } from '../../filter/collector.js';
import type { FieldTable } from '../../filter/field-table.js';
import { formatNode, nanoseconds } from '../../filter/format.js';
import type { TimeColumn } from '../time-column.js';
import { pduSummary } from '../tree/summary.js';
import { LINE_FIELDS, transportLine } from './transport-line.js';

/** Their titles, in order. */
export const PACKET_COLUMNS = ['No.', 'Time', 'Source', 'Destination', 'Protocol', 'Length', 'Info'] as const;

/** One of them. */
export type PacketColumn = (typeof PACKET_COLUMNS)[number];

/** Their names behind `_ws.col.` in lower case: Wireshark 4.0 has titles there, later ones have names. */
const NAMES: Readonly<Record<string, PacketColumn>> = {
  number: 'No.',
  def_src: 'Source',
  def_dst: 'Destination',
  packet_length: 'Length',
  ...Object.fromEntries(PACKET_COLUMNS.map((title) => [title.toLowerCase(), title])),
};

/** The column that `_ws.col.Info` or `_ws.col.def_src` stands for; undefined where it stands for none. */
export function packetColumn(name: string): PacketColumn | undefined {
  const [, told] = /^_ws\.col\.(.+)$/i.exec(name) ?? [];
  return told === undefined || !Object.hasOwn(NAMES, told.toLowerCase()) ? undefined : NAMES[told.toLowerCase()];
}

/** What a layer is called in the column of protocols, where Wireshark does not only write it large. */
const LAYERS: Readonly<Record<string, string>> = { ethertype: 'Ethernet', ip: 'IPv4', ipv6: 'IPv6' };

/** What columns ask of a frame. */
const ASKED: Readonly<Record<PacketColumn, readonly string[]>> = {
  'No.': [],
  Time: [],
  Source: ['ip.src', 'ipv6.src', 'eth.src', 'sll.src.eth'],
  Destination: ['ip.dst', 'ipv6.dst', 'eth.dst'],
  Protocol: ['frame.protocols', 'frame.cb_pen'],
  Length: ['frame.len'],
  Info: [...LINE_FIELDS, 'frame.cb_pen', 'frame.cb_copy'],
};

/** Makes the columns of one capture's frames, in order. */
export class PacketList {
  private readonly slots = new Map<string, Slot>();
  /** The row at hand, and the time as it says it: it counts from the row before. */
  private row: { readonly number: number; readonly time: string } | null = null;

  /** @param collector what of the frame at hand was collected; it is told what is asked for */
  constructor(
    private readonly columns: readonly PacketColumn[],
    private readonly collector: Collector,
    private readonly time: TimeColumn,
    known: FieldTable,
  ) {
    for (const column of columns) for (const name of ASKED[column]) this.ask(name, known);
    if (time.wantsPrevious && columns.includes('Time')) this.ask('frame.time_delta', known);
  }

  /** A capture begins. */
  begin(time: Time): void {
    this.row = null;
    this.time.begin(time);
  }

  /** All columns of the frame that was collected. */
  cells(frame: Frame<Pdu>): string[] {
    return this.columns.map((column) => this.cell(column, frame));
  }

  /** One column of it. */
  cell(column: PacketColumn, frame: Frame<Pdu>): string {
    switch (column) {
      case 'No.':
        return String(frame.number);
      case 'Time':
        return this.timeOf(frame);
      case 'Source':
      case 'Destination':
        return this.text(ASKED[column]);
      case 'Protocol':
        return protocolOf(frame.pdus.at(-1)) ?? (this.last('frame.cb_pen') === undefined ? this.layer() : 'PCAPNG');
      case 'Length':
        return this.text(ASKED.Length);
      case 'Info':
        return frame.pdus.length > 0 ? frame.pdus.map(pduSummary).join(', ') : this.line();
    }
  }

  /** What is said of a frame without PDUs. */
  private line(): string {
    const enterprise = this.last('frame.cb_pen');
    if (enterprise === undefined) return transportLine((name) => this.last(name)?.value);
    const copied = this.last('frame.cb_copy')?.value === true ? 'will be copied' : 'will not be copied';
    return `Custom Block: PEN = ${enterprise.value}, ${copied}`;
  }

  private timeOf({ number, time }: Frame): string {
    if (this.row?.number !== number) this.row = { number, time: this.time.next(time, this.previous(time)) };
    return this.row.time;
  }

  private previous(time: Time): Time | undefined {
    const delta = nanoseconds(this.last('frame.time_delta')?.value ?? null);
    if (delta === null || !isTold(time)) return undefined;
    const ns = BigInt(time.sec) * 1_000_000_000n + BigInt(time.nsec) - delta;
    return { sec: Number(ns / 1_000_000_000n), nsec: Number(ns % 1_000_000_000n) };
  }

  private layer(): string {
    const name = String(this.last('frame.protocols')?.value ?? '')
      .split(':')
      .pop()!;
    return LAYERS[name] ?? name.toUpperCase();
  }

  private text(names: readonly string[]): string {
    for (const name of names) {
      const node = this.last(name);
      if (node !== undefined) return formatNode(node);
    }
    return '';
  }

  private last(name: string): Node | undefined {
    return this.slots.get(name)?.nodes.at(-1);
  }

  private ask(name: string, known: FieldTable): void {
    const entry = known.get(name);
    if (entry !== undefined) this.slots.set(name, this.collector.field(entry));
  }
}

/** Wireshark's name for the protocol of a PDU: of one that completes a request or an answer, the interface's. */
function protocolOf(pdu: Pdu | undefined): string | undefined {
  const isCall = pdu?.completes === 'request' || pdu?.completes === 'response';
  return (isCall ? columnOf(pdu.call?.iid ?? '') : undefined) ?? pdu?.protocol;
}
