/**
 * Filters about the heads of DCE/RPC PDUs alone, answered from what was noted while the lists were made: millions of
 * PDUs in a second or two. All others take another pass over the capture.
 */
import type { Field, Filter, Node, Pdu } from '../../index.js';
import { bytes, shorts, words } from './column.js';

const HEADS = {
  'dcerpc.pkt_type': 'uint8',
  'dcerpc.opnum': 'uint16',
  'dcerpc.cn_call_id': 'uint32',
} as const satisfies Readonly<Record<string, Field['type']>>;

const NONE = 0xffffffff;
const NO_OPNUM = 0xffff;
const REQUEST = 0;
const ANSWERS: ReadonlySet<number> = new Set([2, 3]);

/** A node that only has a value: filters look at nothing else. */
function nodes(name: keyof typeof HEADS): (value: number) => Node {
  const field: Field = { name, label: name, type: HEADS[name] };
  return (value) => ({ field, value, source: null, start: 0, end: 0, display: null, role: 'data', children: [] });
}

const typeNode = nodes('dcerpc.pkt_type');
const opnumNode = nodes('dcerpc.opnum');
const callIdNode = nodes('dcerpc.cn_call_id');

/** The heads of all PDUs. */
export class Heads {
  private readonly type = bytes();
  private readonly opnum = shorts();
  private readonly callId = words();
  /** Whether a tree may say something else of one than what is noted here. */
  private isUnsure = false;

  /** Notes the next PDU. */
  add({ header, call, transport }: Pdu): void {
    const isDatagram = transport.connection.transport === 'ncadg_ip_udp';
    // heads that were cut off, and those of datagrams, are read otherwise
    if (isDatagram || (header === null && call !== null)) this.isUnsure = true;
    const type = header?.type ?? 0xff;
    this.type.push(type);
    this.callId.push(header?.callId ?? NONE);
    const isTold = type === REQUEST || (ANSWERS.has(type) && call?.request != null && call.interfaceFrom === 'bind');
    if (call?.opnum === NO_OPNUM) this.isUnsure = true;
    this.opnum.push((isTold ? call?.opnum : null) ?? NO_OPNUM);
  }

  /**
   * The places of PDUs whose frames match, in the order given; null where the filter asks for more than is noted.
   * @param order places of all PDUs in the order of their frames
   */
  match(filter: Filter, order: Uint32Array, frameOf: (at: number) => number): Uint32Array | null {
    if (this.isUnsure || ![...filter.fieldNames].every((name) => name in HEADS)) return null;
    const hasCallId = filter.fieldNames.has('dcerpc.cn_call_id');
    const known = new Map<number, boolean>();
    const found = new Uint32Array(order.length);
    let count = 0;
    for (let from = 0; from < order.length; ) {
      const frame = frameOf(order[from]);
      let to = from + 1;
      while (to < order.length && frameOf(order[to]) === frame) to++;
      const key = this.opnum.get(order[from]) * 256 + this.type.get(order[from]);
      const isAlike = to === from + 1 && !hasCallId;
      let matches = isAlike ? known.get(key) : undefined;
      if (matches === undefined) {
        const roots = [...order.subarray(from, to)].map((at) => this.nodesOf(at));
        matches = filter.matches({ number: frame, time: { sec: 0, nsec: 0 }, roots, pdus: [], late: false });
        if (isAlike) known.set(key, matches);
      }
      if (matches) for (let i = from; i < to; i++) found[count++] = order[i];
      from = to;
    }
    return found.slice(0, count);
  }

  private nodesOf(at: number): Node[] {
    const found: Node[] = [];
    const [type, opnum, callId] = [this.type.get(at), this.opnum.get(at), this.callId.get(at)];
    if (callId !== NONE) found.push(typeNode(type), callIdNode(callId));
    if (opnum !== NO_OPNUM) found.push(opnumNode(opnum));
    return found;
  }
}
