/** Statistics as JSON. */
import type { StatsReport } from '../../analysis/stats/stats.js';
import { isoTime } from '../../core/time.js';

/** The report with times as text. */
export function statsToJson(report: StatsReport): Record<string, unknown> {
  return {
    ...report,
    conversations: report.conversations.map((c) => ({ ...c, first: isoTime(c.first), last: isoTime(c.last) })),
  };
}
