/** What the diagram asks of the worker: lanes and calls of those that the filter leaves, as many as are seen. */
import { lineOf } from '../../index.js';
import { outcomeText } from '../calls/texts.js';
import type { CallRow } from '../worker/call-rows.js';
import type { Capture } from '../worker/capture.js';
import type { Whole } from '../worker/whole.js';
import type { Lane, Lanes, Moment } from './lanes.js';
import { RoughLanes } from './rough-lanes.js';

/** How large the diagram is. */
export interface FlowSize {
  readonly lanes: number;
  readonly calls: number;
}

/** A call between two lanes. */
export interface FlowRow {
  readonly row: CallRow;
  /** Places of the lanes among those that are shown. */
  readonly from: number;
  readonly to: number;
  /** The whole call as it reads, what was asked, and what came of it. */
  readonly reads: string;
  readonly asked: string;
  readonly answered: string;
}

/** A lane among those that are shown. */
export interface FlowLane extends Lane {
  /** Places of the calls, among those that are shown, between which it lived. */
  readonly life: readonly [from: number, to: number];
}

/** Calls for which nobody waits until all is known of them. */
const MANY = 20_000;

/** What the filter leaves of the lanes. */
interface Shown {
  /** Calls that it left. */
  readonly of: Uint32Array | null;
  readonly lanes: Lanes | RoughLanes;
  /** Lanes that are shown, in their order, and where each lane stands among them. */
  readonly used: Uint32Array;
  readonly places: Uint32Array;
}

export class Flow {
  private shown: Shown | null = null;
  private frames: Uint32Array | null = null;
  private rough: RoughLanes | null = null;

  constructor(
    private readonly capture: Capture,
    private readonly whole: Whole,
  ) {}

  async size(): Promise<FlowSize> {
    const { used } = await this.used();
    return { lanes: used.length, calls: this.count };
  }

  /** Calls `from` to `to` (exclusive). */
  async rows(from: number, to: number): Promise<FlowRow[]> {
    const { lanes, places } = await this.used();
    const { calls, callRows } = this.capture;
    const rows: FlowRow[] = [];
    for (let place = from; place < to && place < this.count; place++) {
      const at = calls === null ? place : calls[place];
      const row = callRows.row(at);
      const { says } = row;
      const ends = lanes.endsOf(at);
      rows.push({
        row,
        from: places[ends[0]],
        to: places[ends[1]],
        reads: lineOf(says),
        asked: lineOf({ ...says, result: null, problem: null, warning: null }),
        answered: says.problem === null ? (says.result ?? outcomeText(row)) : `✗ ${says.problem}`,
      });
    }
    return rows;
  }

  /** Lanes `from` to `to` (exclusive). */
  async someLanes(from: number, to: number): Promise<FlowLane[]> {
    const { lanes, used } = await this.used();
    return Array.from(used.subarray(from, to), (which) => {
      const lane = lanes.all[which];
      return { ...lane, life: [this.placeOf(lane.made) ?? 0, this.placeOf(lane.released) ?? this.count - 1] };
    });
  }

  private get count(): number {
    const { calls, callRows } = this.capture;
    return calls?.length ?? callRows.length;
  }

  /** Who calls whom: of many calls roughly, until it is known in full. */
  private async lanes(): Promise<Lanes | RoughLanes> {
    const { callRows } = this.capture;
    if (callRows.length <= MANY) return (await this.whole.reports()).lanes;
    this.rough ??= new RoughLanes(callRows, this.capture.hosts);
    return this.rough;
  }

  /** The lanes that the calls touch which the filter leaves. */
  private async used(): Promise<Shown> {
    const lanes = this.whole.ready?.lanes ?? (await this.lanes());
    const { calls } = this.capture;
    if (this.shown?.of === calls && this.shown.lanes === lanes) return this.shown;
    const isUsed = new Uint8Array(lanes.all.length);
    for (let place = 0; place < this.count; place++)
      for (const lane of lanes.endsOf(calls === null ? place : calls[place])) isUsed[lane] = 1;
    const used = Uint32Array.from(isUsed.keys()).filter((lane) => isUsed[lane] === 1);
    const places = new Uint32Array(isUsed.length);
    for (const [place, lane] of used.entries()) places[lane] = place;
    this.shown = { of: calls, lanes, used, places };
    return this.shown;
  }

  /** The first call among those that are shown that is not before a moment; null where there is none. */
  private placeOf(moment: Moment | null): number | null {
    const frame = moment?.frames.request ?? moment?.frames.response ?? null;
    if (frame === null) return null;
    const { calls, callRows } = this.capture;
    this.frames ??= Uint32Array.from({ length: callRows.length }, (_, at) => callRows.frameOf(at));
    const at = this.frames.indexOf(frame);
    if (at < 0 || calls === null) return at < 0 ? null : at;
    let [from, to] = [0, calls.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (calls[middle] < at) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
