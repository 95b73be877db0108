/** Reports on their way to somebody's eyes. */
import { safe } from '../../index.js';

/** A report with every text in it made safe (`safe`): as flat as reports are, it may recurse. */
export function shown<T>(report: T): T {
  if (typeof report === 'string') return safe(report) as T & string;
  if (Array.isArray(report)) return report.map(shown) as T & unknown[];
  if (typeof report !== 'object' || report === null) return report;
  return Object.fromEntries(Object.entries(report).map(([name, value]) => [safe(name), shown(value)])) as T & object;
}
