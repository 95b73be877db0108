/** Statistics as JSON. */
import type { ConversationRow, StatsReport } from '../../analysis/stats/stats.js';
import { Hosts } from '../../core/hosts.js';
import { isoTime } from '../../core/time.js';

/** What `stats -T json` prints. */
export interface StatsJson extends Omit<StatsReport, 'conversations'> {
  conversations: (Omit<ConversationRow, 'first' | 'last'> & { first: string | null; last: string | null })[];
  /** What hosts in it are called, by address; left out where nobody said. */
  names?: Readonly<Record<string, string>>;
}

/** The report with times as text, and what hosts in it are called. */
export function statsToJson(report: StatsReport, hosts = new Hosts()): StatsJson {
  return hosts.named({
    ...report,
    conversations: report.conversations.map((c) => ({ ...c, first: isoTime(c.first), last: isoTime(c.last) })),
  });
}
