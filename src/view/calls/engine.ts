/** What the views of calls ask of the worker: the order of the list, one call whole, its PDUs. */
import { type CallJson, callToJson, ObjectTable } from '../../index.js';
import { CALL_ORDERS, type CallRow } from '../worker/call-rows.js';
import type { Capture } from '../worker/capture.js';
import type { PduRow } from '../worker/pdu-rows.js';
import { inOrder } from './order.js';

/** A call as the pane shows it. */
export interface CallDetail {
  readonly row: CallRow;
  /** What `clrscope calls -T json` prints of it. */
  readonly json: CallJson;
  /** Its PDUs, the first of very many. */
  readonly pdus: readonly PduRow[];
}

/** Calls that are kept in front of the one that was asked for, and behind it. */
const AROUND = 500;
/** Bytes of their stubs. */
const MOST_BYTES = 4 << 20;
/** PDUs of one call that are listed. */
const MOST_PDUS = 100;

export class Calls {
  private sorted: { readonly of: Uint32Array | null; readonly by: string; readonly rows: Uint32Array } | null = null;
  private kept = new Map<number, CallJson>();
  /** The call that was read for last, and when that is over. */
  private wanted = 0;
  private reading = Promise.resolve();

  constructor(private readonly capture: Capture) {}

  /**
   * The rows of calls that the filter leaves, as the list has them; null for all in the order of the capture.
   * @param sort as `Place` has it; what is none leaves them as they are
   */
  rows(sort: string | null): Uint32Array | null {
    const { calls, callRows } = this.capture;
    const isDown = sort?.startsWith('-') ?? false;
    const by = CALL_ORDERS.find((order) => order === sort?.slice(isDown ? 1 : 0));
    if (sort === null || by === undefined) return calls;
    const length = calls?.length ?? callRows.length;
    if (this.sorted?.by === sort && this.sorted.of === calls && this.sorted.rows.length === length)
      return this.sorted.rows;
    const rows = inOrder(calls ?? Uint32Array.from({ length }, (_, at) => at), callRows.keys(by), isDown);
    this.sorted = { of: calls, by: sort, rows };
    return rows;
  }

  /** A call by its number; null where there is none, or another one was asked for meanwhile. */
  async call(call: number): Promise<CallDetail | null> {
    const { callRows, pduRows } = this.capture;
    if (call < 1 || call > callRows.length) return null;
    if (!this.kept.has(call)) {
      if (this.wanted !== call) this.reading = this.read(call);
      await this.reading;
    }
    const json = this.kept.get(call);
    return json === undefined ? null : { row: callRows.row(call - 1), json, pdus: pduRows.ofCall(call, MOST_PDUS) };
  }

  /** Reads the capture once more, up to a call and some behind it. */
  private async read(wanted: number): Promise<void> {
    this.wanted = wanted;
    const { name } = this.capture;
    const table = new ObjectTable(undefined, () => {});
    const kept = new Map<number, CallJson>();
    let bytes = 0;
    await this.capture.again({
      call: (call, number) => {
        table.add(call);
        if (Math.abs(number - wanted) <= AROUND && (number === wanted || bytes < MOST_BYTES)) {
          bytes += (call.request?.stub?.length ?? 0) + (call.response?.stub?.length ?? 0);
          kept.set(number, callToJson(call, number, name, { full: false }, table));
        }
        return number < wanted + AROUND && this.wanted === wanted;
      },
    });
    if (this.wanted !== wanted) return;
    this.kept = kept;
    this.wanted = 0;
  }
}
