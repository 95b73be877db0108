/** How many findings there are, beside the view's name, in the colour of the worst. */
import type { Tab } from '../parts/tabs.js';
import { overview } from '../whole.js';

/** Severities, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** The badge of the view's tab; empty until it is known, and where nothing was found. */
export function findingsBadge(): Pick<Tab<string>, 'badge' | 'badgeClass'> {
  const counts = overview.value?.findings;
  const worst = counts && SEVERITIES.find((severity) => counts[severity] > 0);
  if (counts === undefined || worst === undefined) return {};
  const all = SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
  return { badge: String(all), badgeClass: `severity-${worst}` };
}
