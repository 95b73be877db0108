/** What the page asks the worker for. Each view's own questions stand in the view's folder. */

import {
  type FindingJson,
  type InventoryJson,
  type NodeJson,
  type ParamJson,
  type Secrets,
  UnreadableSecrets,
} from '../../index.js';
import { type BytesPlace, findingOf, findingRows, inventoryOf, placeOfBytes } from '../audit/engine.js';
import { type CallDetail, Calls } from '../calls/engine.js';
import { type InCall, inCall } from '../details/engine.js';
import { type FilterReading, filterFor, type Proposals, propose, readFilter } from '../filter/engine.js';
import { find } from '../find/engine.js';
import { Flow, type FlowLane, type FlowRow, type FlowSize } from '../flow/engine.js';
import { type Followed, followed } from '../follow/engine.js';
import { parameters } from '../object/engine.js';
import {
  type ObjectDetail,
  type ObjectRow,
  type ObjectsRest,
  objectOf,
  objectRows,
  objectsRest,
  objectWith,
} from '../objects/engine.js';
import { type Saved, save, vectorsOf } from '../save/engine.js';
import { type GivenSecrets, secretsOf } from '../secrets/engine.js';
import { Counted, type Statistics } from '../statistics/engine.js';
import type { CallRow } from './call-rows.js';
import { Capture, type Filtered, type Source, type Summary } from './capture.js';
import { Details, type PduDetail } from './details.js';
import { nodeAround } from './node-around.js';
import type { Neighbours, PduRow } from './pdu-rows.js';
import { RandomFile } from './random-file.js';
import { type Overview, overview, type Reports, Whole } from './whole.js';

/** Everything about the one capture that is open. */
export class Engine {
  private capture: Capture | null = null;
  private details: Details | null = null;
  private calls: Calls | null = null;
  private file: RandomFile | null = null;
  private whole: Whole | null = null;
  private counted: Counted | null = null;
  private secrets: Secrets | undefined;
  private search: { isWanted: boolean } | null = null;
  private drawn: Flow | null = null;

  /** Opens a capture instead of the one that was, with the secrets that were given; resolves when all of it was read. */
  async open(source: Source, tell: (summary: Summary) => void): Promise<Summary> {
    this.capture?.stop();
    const capture = new Capture(source, this.secrets);
    this.capture = capture;
    this.details = new Details(capture);
    this.calls = new Calls(capture);
    this.file = new RandomFile(capture.input);
    this.whole = new Whole(capture);
    this.counted = new Counted(capture, this.whole);
    this.drawn = new Flow(capture, this.whole);
    return capture.turns.first(() =>
      capture.read((summary) => {
        if (this.capture === capture) tell(summary);
      }),
    );
  }

  /**
   * Uses these secrets instead of those before, for captures that are opened from now on; null for none.
   * @returns what is wrong with them: then those before stay; null where nothing is
   */
  async useSecrets(given: GivenSecrets | null): Promise<string | null> {
    try {
      this.secrets = given === null ? undefined : await secretsOf(given);
      return null;
    } catch (e) {
      if (e instanceof UnreadableSecrets) return e.message;
      throw e;
    }
  }

  /** Leaves what a filter matches (`Capture.applyFilter`). */
  applyFilter(text: string, tell: (share: number) => void): Promise<Filtered | null> {
    return this.opened.applyFilter(text, tell);
  }

  /** The words of a filter, and what is wrong with it. */
  readFilter(text: string): FilterReading {
    return readFilter(text);
  }

  /** What can be written at a place of a filter. */
  propose(text: string, at: number): Promise<Proposals> {
    return propose(this.capture, text, at);
  }

  /** A filter that finds frames in which a field has a value; null where no filter knows the name. */
  filterFor(name: string, value: NodeJson['value']): string | null {
    return filterFor(name, value);
  }

  /** Rows `from` to `to` (exclusive) of the PDUs that the filter leaves. */
  pduRows(from: number, to: number): PduRow[] {
    const { pdus, pduRows } = this.opened;
    const rows: PduRow[] = [];
    const length = pdus?.length ?? pduRows.length;
    for (let at = from; at < to && at < length; at++) rows.push(pduRows.row(pdus === null ? at : pdus[at]));
    return rows;
  }

  /** Where a PDU stands among those that the filter leaves; -1 where it is not. */
  placeOfPdu(pdu: number): number {
    const { pdus } = this.opened;
    return pdus === null ? pdu - 1 : pdus.indexOf(pdu - 1);
  }

  /** The first PDU that the filter leaves and that ends in a frame or behind it; null for none. */
  pduFrom(frame: number): number | null {
    const { pdus, pduRows } = this.opened;
    const length = pdus?.length ?? pduRows.length;
    for (let at = 0; at < length; at++) {
      const row = pdus === null ? at : pdus[at];
      if (pduRows.frameOf(row) >= frame) return row + 1;
    }
    return null;
  }

  /** PDUs of the same call around one. */
  neighbours(pdu: number): Neighbours {
    return this.opened.pduRows.neighbours(pdu);
  }

  /** Where a PDU stands in its call; null where it belongs to none. */
  inCall(pdu: number, boundIn: number | null): InCall | null {
    return inCall(this.opened, pdu, boundIn);
  }

  /**
   * Rows `from` to `to` (exclusive) of the calls that the filter leaves.
   * @param sort as `Place` has it
   */
  callRows(from: number, to: number, sort: string | null): CallRow[] {
    const { callRows } = this.opened;
    const order = this.calls?.rows(sort) ?? null;
    const rows: CallRow[] = [];
    const length = order?.length ?? callRows.length;
    for (let at = from; at < to && at < length; at++) rows.push(callRows.row(order === null ? at : order[at]));
    return rows;
  }

  /** Where a call stands among those that the filter leaves; -1 where it does not. */
  placeOfCall(call: number, sort: string | null): number {
    const order = this.calls?.rows(sort) ?? null;
    return order === null ? call - 1 : order.indexOf(call - 1);
  }

  /** One call, whole; null where there is none of this number. */
  async call(call: number): Promise<CallDetail | null> {
    return (await this.calls?.call(call)) ?? null;
  }

  /** The first PDU of a call; null where there is none. */
  firstPdu(call: number): number | null {
    return this.opened.pduRows.ofCall(call, 1)[0]?.pdu ?? null;
  }

  /** One PDU, whole; null where there is none of this number. */
  async pdu(pdu: number): Promise<PduDetail | null> {
    return (await this.details?.pdu(pdu)) ?? null;
  }

  /** Decoded parameters of the half of a call that a PDU completes; null where it completes none. */
  async parameters(pdu: number): Promise<ParamJson> {
    return this.details === null ? null : parameters(this.details, pdu);
  }

  /** Filters that leave what belongs together with a PDU. */
  async followed(pdu: number): Promise<Followed[]> {
    return this.details === null ? [] : followed(this.opened, this.details, pdu);
  }

  /** Where bytes stand in the PDUs that are shown; ends what was looked for before. */
  find(patterns: readonly Uint8Array[], tell: (share: number) => void): ReturnType<typeof find> {
    const search = { isWanted: true };
    this.stopFind();
    this.search = search;
    return find(this.opened, patterns, tell, () => search.isWanted);
  }

  /** What is looked for is looked for no further. */
  stopFind(): void {
    if (this.search !== null) this.search.isWanted = false;
  }

  /** Path of the innermost node that holds bytes of a PDU; null where there is none. */
  async nodeOfBytes(pdu: number, source: number, start: number, end: number): Promise<string | null> {
    const detail = await this.pdu(pdu);
    return detail === null ? null : nodeAround(detail.json.tree, source, start, end);
  }

  /** A file of what is shown. */
  save(what: Saved, tell: (share: number) => void): Promise<Blob> {
    return save(this.opened, what, tell);
  }

  /** Number of the call that a PDU is of; null for none. */
  callOfPdu(pdu: number): number | null {
    const { pduRows } = this.opened;
    return pdu < 1 || pdu > pduRows.length ? null : pduRows.row(pdu - 1).call;
  }

  /** The vectors of a call, as JSON lines; empty where it has none. */
  vectors(call: number): Promise<string> {
    return vectorsOf(this.opened, call);
  }

  /** Bytes of the capture file, uncompressed; fewer where it ends. */
  async fileBytes(offset: number, length: number): Promise<Uint8Array> {
    return (await this.file?.read(offset, length)) ?? new Uint8Array();
  }

  /** The first PDU that a frame completed, or the next one did; null where there is none. */
  pduOfFrame(frame: number): number | null {
    return this.opened.pduRows.ofFrame(frame)[0] ?? null;
  }

  /** Looks at all of the capture for objects, statistics and findings, when nobody waits for anything else. */
  async overview(tell: (share: number) => void): Promise<Overview> {
    return overview(await this.reports(tell));
  }

  /** A row an object. */
  async objectRows(): Promise<ObjectRow[]> {
    return objectRows((await this.reports()).objects);
  }

  /** All of one object, by what `ObjectRow` calls it; null where there is none. */
  async object(item: string): Promise<ObjectDetail | null> {
    return objectOf((await this.reports()).objects, item);
  }

  /** What was learnt beside objects. */
  async objectsRest(): Promise<ObjectsRest> {
    return objectsRest((await this.reports()).objects);
  }

  /** What `ObjectRow` calls the object that a call goes to; null for none. */
  async objectOfCall(call: number): Promise<string | null> {
    return (await this.reports()).callObjects.of(call);
  }

  /** What `ObjectRow` calls the object that has an OID or an IPID; null for none. */
  async objectWith(ids: Parameters<typeof objectWith>[1]): Promise<string | null> {
    return objectWith((await this.reports()).objects, ids);
  }

  /** The tables of `stats`, of the calls that the filter leaves. */
  statistics(): Promise<Statistics> {
    if (this.counted === null) throw new Error('no capture is open');
    return this.counted.statistics();
  }

  /** How large the diagram is of the calls that the filter leaves. */
  flow(): Promise<FlowSize> {
    return this.diagram.size();
  }

  /** Calls `from` to `to` (exclusive) of the diagram. */
  flowRows(from: number, to: number): Promise<FlowRow[]> {
    return this.diagram.rows(from, to);
  }

  /** Lanes `from` to `to` (exclusive) of the diagram. */
  flowLanes(from: number, to: number): Promise<FlowLane[]> {
    return this.diagram.someLanes(from, to);
  }

  /** A row a finding, and what was looked at for them. */
  async findingRows(): Promise<ReturnType<typeof findingRows>> {
    return findingRows((await this.reports()).audit);
  }

  /** A finding by its fingerprint; null where there is none. */
  async finding(fingerprint: string): Promise<FindingJson | null> {
    return findingOf((await this.reports()).audit, fingerprint);
  }

  /** Where the bytes of a finding are shown; null where they belong to no PDU. */
  async placeOfBytes(bytes: NonNullable<FindingJson['bytes']>): Promise<BytesPlace | null> {
    return this.details === null ? null : placeOfBytes(bytes, this.opened.pduRows, this.details);
  }

  /** What the capture exposes. */
  async inventory(): Promise<InventoryJson> {
    return inventoryOf((await this.reports()).audit);
  }

  private get diagram(): Flow {
    if (this.drawn === null) throw new Error('no capture is open');
    return this.drawn;
  }

  private reports(tell?: (share: number) => void): Promise<Reports> {
    if (this.whole === null) throw new Error('no capture is open');
    return this.whole.reports(tell);
  }

  private get opened(): Capture {
    if (this.capture === null) throw new Error('no capture is open');
    return this.capture;
  }
}
