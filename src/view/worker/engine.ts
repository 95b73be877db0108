/** What the page asks the worker for. Each view's own questions stand in the view's folder. */

import {
  type FindingJson,
  Hosts,
  type InventoryJson,
  type NodeJson,
  type ParamJson,
  type RpcInterface,
  type Secrets,
  UnreadableSecrets,
} from '../../index.js';
import { type BytesPlace, findingOf, findingRows, inventoryOf, placeOfBytes } from '../audit/engine.js';
import { type CallDetail, Calls } from '../calls/engine.js';
import { type InCall, inCall } from '../details/engine.js';
import { type FilterReading, filterFor, type Proposals, propose, readFilter } from '../filter/engine.js';
import { find } from '../find/engine.js';
import { Flow, type FlowLane, type FlowRow, type FlowSize } from '../flow/engine.js';
import { type Followed, followed, wholeCalls } from '../follow/engine.js';
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
import { type Overview, overview, type Reports, Whole } from './whole.js';

/** What the user calls hosts, by address, and interfaces of which nothing but the name is known. */
export interface GivenNames {
  readonly hosts: readonly (readonly [address: string, name: string])[];
  readonly interfaces: readonly RpcInterface[];
}

/** The capture that is open, and what answers questions about it. */
interface Opened {
  readonly capture: Capture;
  readonly details: Details;
  readonly calls: Calls;
  readonly whole: Whole;
  readonly counted: Counted;
  readonly flow: Flow;
}

/** Everything about the one capture that is open; questions are asked when there is one. */
export class Engine {
  private now: Opened | null = null;
  private secrets: Secrets | undefined;
  private names: GivenNames = { hosts: [], interfaces: [] };
  private search: { isWanted: boolean } | null = null;

  /** Opens a capture instead of the one that was, with the secrets that were given; resolves when all of it was read. */
  async open(source: Source, tell: (summary: Summary) => void): Promise<Summary> {
    this.now?.capture.stop();
    const { hosts, interfaces } = this.names;
    const capture = new Capture(source, this.secrets, interfaces, new Hosts(new Map(hosts)));
    const whole = new Whole(capture);
    this.now = {
      ...{ capture, whole, details: new Details(capture), calls: new Calls(capture) },
      counted: new Counted(capture, whole),
      flow: new Flow(capture, whole),
    };
    return capture.turns.first(() =>
      capture.read((summary) => {
        if (this.now?.capture === capture) tell(summary);
      }),
    );
  }

  /** Calls hosts, classes and interfaces so in captures that are opened from now on. */
  useNames(names: GivenNames): void {
    this.names = names;
  }

  /** What hosts are called, as text by address. */
  hostTexts(): ReadonlyMap<string, string> {
    return this.opened.capture.hosts.texts();
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
    return this.opened.capture.applyFilter(text, tell);
  }

  /** The words of a filter, and what is wrong with it. */
  readFilter(text: string): FilterReading {
    return readFilter(text);
  }

  /** What can be written at a place of a filter. */
  propose(text: string, at: number): Promise<Proposals> {
    return propose(this.now?.capture ?? null, text, at);
  }

  /** A filter that finds frames in which a field has a value; null where no filter knows the name. */
  filterFor(name: string, value: NodeJson['value']): string | null {
    return filterFor(name, value);
  }

  /** Rows `from` to `to` (exclusive) of the PDUs that the filter leaves. */
  pduRows(from: number, to: number): PduRow[] {
    const { pdus, pduRows } = this.opened.capture;
    const rows: PduRow[] = [];
    const length = pdus?.length ?? pduRows.length;
    for (let at = from; at < to && at < length; at++) rows.push(pduRows.row(pdus === null ? at : pdus[at]));
    return rows;
  }

  /** Where a PDU stands among those that the filter leaves; -1 where it is not. */
  placeOfPdu(pdu: number): number {
    const { pdus } = this.opened.capture;
    return pdus === null ? pdu - 1 : pdus.indexOf(pdu - 1);
  }

  /** The first PDU that the filter leaves and that ends in a frame or behind it; null for none. */
  pduFrom(frame: number): number | null {
    const { pdus, pduRows } = this.opened.capture;
    const length = pdus?.length ?? pduRows.length;
    for (let at = 0; at < length; at++) {
      const row = pdus === null ? at : pdus[at];
      if (pduRows.frameOf(row) >= frame) return row + 1;
    }
    return null;
  }

  /** PDUs of the same call around one. */
  neighbours(pdu: number): Neighbours {
    return this.opened.capture.pduRows.neighbours(pdu);
  }

  /** Where a PDU stands in its call; null where it belongs to none. */
  inCall(pdu: number, boundIn: number | null): InCall | null {
    return inCall(this.opened.capture, pdu, boundIn);
  }

  /**
   * Rows `from` to `to` (exclusive) of the calls that the filter leaves.
   * @param sort as `Place` has it
   */
  callRows(from: number, to: number, sort: string | null): CallRow[] {
    const { callRows } = this.opened.capture;
    const order = this.opened.calls.rows(sort);
    const rows: CallRow[] = [];
    const length = order?.length ?? callRows.length;
    for (let at = from; at < to && at < length; at++) rows.push(callRows.row(order === null ? at : order[at]));
    return rows;
  }

  /** Where a call stands among those that the filter leaves; -1 where it does not. */
  placeOfCall(call: number, sort: string | null): number {
    const order = this.opened.calls.rows(sort);
    return order === null ? call - 1 : order.indexOf(call - 1);
  }

  /** One call, whole; null where there is none of this number. */
  call(call: number): Promise<CallDetail | null> {
    return this.opened.calls.call(call);
  }

  /** The first PDU of a call; null where there is none. */
  firstPdu(call: number): number | null {
    return this.opened.capture.pduRows.ofCall(call, 1)[0]?.pdu ?? null;
  }

  /** One PDU, whole; null where there is none of this number. */
  pdu(pdu: number): Promise<PduDetail | null> {
    return this.opened.details.pdu(pdu);
  }

  /** Decoded parameters of the half of a call that a PDU completes; null where it completes none. */
  parameters(pdu: number): Promise<ParamJson> {
    return parameters(this.opened.details, pdu);
  }

  /** Filters that leave what belongs together with a PDU. */
  followed(pdu: number): Promise<Followed[]> {
    const { capture, details } = this.opened;
    return followed(capture, details, pdu);
  }

  /** A filter that leaves what another one does, and all else of the calls of that. */
  wholeCalls(filter: string): Promise<string> {
    return wholeCalls(this.opened.capture, filter);
  }

  /** Where bytes stand in the PDUs that are shown; ends what was looked for before. */
  find(patterns: readonly Uint8Array[], tell: (share: number) => void): ReturnType<typeof find> {
    const search = { isWanted: true };
    this.stopFind();
    this.search = search;
    return find(this.opened.capture, patterns, tell, () => search.isWanted);
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
    return save(this.opened.capture, what, tell);
  }

  /** Number of the call that a PDU is of; null for none. */
  callOfPdu(pdu: number): number | null {
    const { pduRows } = this.opened.capture;
    return pdu < 1 || pdu > pduRows.length ? null : pduRows.row(pdu - 1).call;
  }

  /** The vectors of a call, as JSON lines; empty where it has none. */
  vectors(call: number): Promise<string> {
    return vectorsOf(this.opened.capture, call);
  }

  /** Bytes of the capture file, uncompressed; fewer where it ends. */
  fileBytes(offset: number, length: number): Promise<Uint8Array> {
    return this.opened.capture.file.read(offset, length);
  }

  /** The first PDU that a frame completed, or the next one did; null where there is none. */
  pduOfFrame(frame: number): number | null {
    return this.opened.capture.pduRows.ofFrame(frame)[0] ?? null;
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
    return this.opened.counted.statistics();
  }

  /** How large the diagram is of the calls that the filter leaves. */
  flow(): Promise<FlowSize> {
    return this.opened.flow.size();
  }

  /** Calls `from` to `to` (exclusive) of the diagram. */
  flowRows(from: number, to: number): Promise<FlowRow[]> {
    return this.opened.flow.rows(from, to);
  }

  /** Lanes `from` to `to` (exclusive) of the diagram. */
  flowLanes(from: number, to: number): Promise<FlowLane[]> {
    return this.opened.flow.someLanes(from, to);
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
  placeOfBytes(bytes: NonNullable<FindingJson['bytes']>): Promise<BytesPlace | null> {
    const { capture, details } = this.opened;
    return placeOfBytes(bytes, capture.pduRows, details);
  }

  /** What the capture exposes. */
  async inventory(): Promise<InventoryJson> {
    return inventoryOf((await this.reports()).audit);
  }

  private reports(tell?: (share: number) => void): Promise<Reports> {
    return this.opened.whole.reports(tell);
  }

  private get opened(): Opened {
    if (this.now === null) throw new Error('no capture is open');
    return this.now;
  }
}
