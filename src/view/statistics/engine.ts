/** What the worker tells of calls in numbers: the tables of `stats`, and how many calls there were when. */
import { Stats, type StatsJson, type StatsReport, statsToJson } from '../../index.js';
import type { Capture } from '../worker/capture.js';
import { shown } from '../worker/shown.js';
import type { Whole } from '../worker/whole.js';
import { type Filtering, filtersFor } from './filters.js';

/** Rows of a table, each with a filter that leaves its calls; null where none tells them apart. */
export type Filtered<Rows extends readonly object[]> = readonly (Rows[number] & { readonly filter: string | null })[];

type Table = 'conversations' | 'security' | 'interfaces' | 'operations' | 'hresults' | 'faults';

/** The tables, and the pictures. Texts are as they are shown. */
export type Statistics = Omit<StatsJson, Table> & { readonly [T in Table]: Filtered<StatsJson[T]> } & {
  readonly timeline: Timeline;
};

/** Calls over time, in columns of the same width. */
export interface Timeline {
  /** Seconds since the first packet at which each column begins. */
  readonly starts: readonly number[];
  readonly calls: readonly number[];
  readonly failed: readonly number[];
}

/** Columns of the picture of calls over time. */
const COLUMNS = 120;

/** Counts the calls that the filter leaves. */
export class Counted {
  private last: { readonly of: Uint32Array; readonly report: Promise<StatsReport> } | null = null;

  constructor(
    private readonly capture: Capture,
    private readonly whole: Whole,
  ) {}

  async statistics(): Promise<Statistics> {
    const { calls, callRows } = this.capture;
    const { stats, objects } = await this.whole.reports();
    const report = calls === null ? stats : await this.reportOf(calls);
    const to = filtersFor(objects);
    const { conversations, security, interfaces, operations, hresults, faults, ...rest } = statsToJson(report);
    return {
      ...shown(rest),
      conversations: conversations.map(withFilter(to.conversation)),
      security: security.map(withFilter(to.security)),
      interfaces: interfaces.map(withFilter(to.interface)),
      operations: operations.map(withFilter(to.operation)),
      hresults: hresults.map(withFilter(to.hresult)),
      faults: faults.map(withFilter(to.fault)),
      timeline: timeline(callRows, calls ?? callRows.length),
    };
  }

  /** Reads the capture once more for some of its calls. */
  private reportOf(calls: Uint32Array): Promise<StatsReport> {
    if (this.last?.of !== calls) this.last = { of: calls, report: this.count(calls) };
    return this.last.report;
  }

  private async count(calls: Uint32Array): Promise<StatsReport> {
    const stats = new Stats();
    let next = 0;
    // both are in the order of the calls
    await this.capture.again({
      call: (call, number) => {
        if (calls[next] === number - 1) {
          stats.add(call);
          next++;
        }
        return next < calls.length;
      },
    });
    return stats.report([this.capture.name]);
  }
}

function withFilter<Row extends object>(
  filter: Filtering<Row>,
): (row: Row) => Row & { readonly filter: string | null } {
  return (row) => ({ ...shown(row), filter: filter(row) });
}

/** What of the list of calls the picture is made of. */
interface Times {
  timeAt(at: number): number;
  isFailed(at: number): boolean;
}

/** @param which calls, or how many */
function timeline(rows: Times, which: Uint32Array | number): Timeline {
  const count = typeof which === 'number' ? which : which.length;
  const place = (i: number): number => (typeof which === 'number' ? i : which[i]);
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < count; i++) {
    const time = rows.timeAt(place(i));
    if (Number.isNaN(time)) continue;
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (from > to) return { starts: [], calls: [], failed: [] };
  // captures tell time in microseconds
  const width = Math.max((to - from) / COLUMNS, 1e-6);
  const counts = { calls: Array<number>(COLUMNS).fill(0), failed: Array<number>(COLUMNS).fill(0) };
  for (let i = 0; i < count; i++) {
    const time = rows.timeAt(place(i));
    if (Number.isNaN(time)) continue;
    const column = Math.min(COLUMNS - 1, Math.floor((time - from) / width));
    counts.calls[column]++;
    if (rows.isFailed(place(i))) counts.failed[column]++;
  }
  return { starts: counts.calls.map((_, column) => from + column * width), ...counts };
}
