/** What the worker tells of calls in numbers: the tables of `stats`, and how many calls there were when. */
import { type StatsJson, type StatsReport, statsToJson } from '../../index.js';
import type { CallRows } from '../worker/call-rows.js';
import { shown } from '../worker/shown.js';

/** Calls over time, in columns of the same width. */
export interface Timeline {
  /** Seconds since the first packet at which each column begins. */
  readonly starts: readonly number[];
  readonly calls: readonly number[];
  readonly failed: readonly number[];
}

/** The tables. Texts are as they are shown. */
export function statistics(report: StatsReport): StatsJson {
  return shown(statsToJson(report));
}

/** Columns of the picture of calls over time. */
const COLUMNS = 120;

/** How many calls began when. */
export function timeline(rows: CallRows): Timeline {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < rows.length; at++) {
    from = Math.min(from, rows.timeAt(at));
    to = Math.max(to, rows.timeAt(at));
  }
  if (to < from) return { starts: [], calls: [], failed: [] };
  const width = Math.max((to - from) / COLUMNS, 1e-6);
  const counts = { calls: Array<number>(COLUMNS).fill(0), failed: Array<number>(COLUMNS).fill(0) };
  for (let at = 0; at < rows.length; at++) {
    const column = Math.min(COLUMNS - 1, Math.floor((rows.timeAt(at) - from) / width));
    counts.calls[column]++;
    if (rows.isFailed(at)) counts.failed[column]++;
  }
  return { starts: counts.calls.map((_, column) => from + column * width), ...counts };
}
