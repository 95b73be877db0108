/** What the clocks of the machine's time zone show, as far as JavaScript itself tells. */
import type { ZoneTime } from './posix-zone.js';

/** English by country: each knows the short names of its own zones, and numbers for all others. */
const ENGLISH = ['en-US', 'en-GB', 'en-IN', 'en-AU', 'en-NZ'];

let formats: readonly Intl.DateTimeFormat[] | null = null;

/** At a time in milliseconds since 1970; the name is `GMT+9` where no kind of English has a short one. */
export function zoneAt(ms: number): ZoneTime {
  formats ??= ENGLISH.map((locale) => new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }));
  const names = formats.map((f) => f.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC');
  const name = names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0];
  return { name, east: -60 * new Date(ms).getTimezoneOffset() };
}
