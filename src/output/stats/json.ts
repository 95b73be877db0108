/** Statistics as JSON. */
import type { ConversationRow, StatsReport } from '../../analysis/stats/stats.js';
import { isoTime } from '../../core/time.js';

/** What `stats -T json` prints. */
export interface StatsJson extends Omit<StatsReport, 'conversations'> {
  conversations: (Omit<ConversationRow, 'first' | 'last'> & { first: string | null; last: string | null })[];
}

/** The report with times as text. */
export function statsToJson(report: StatsReport): StatsJson {
  return {
    ...report,
    conversations: report.conversations.map((c) => ({ ...c, first: isoTime(c.first), last: isoTime(c.last) })),
  };
}
