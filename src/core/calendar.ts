/** Dates of times as tshark prints them: in the machine's zone (TZ), or in UTC. */
import { zoneAt } from '#platform';

/** A time as people's calendars have it. */
export interface Calendar {
  readonly year: number;
  /** From 0 on. */
  readonly month: number;
  readonly day: number;
  /** `02:27:12`. */
  readonly clock: string;
  /** Nine digits behind the second. */
  readonly fraction: string;
  /** `CET`. */
  readonly zone: string;
}

const SECOND = 1_000_000_000n;
/** In milliseconds. */
const DAY = 86_400_000;
const UTC = { name: 'UTC', east: 0 };

/**
 * @param ns nanoseconds since 1970
 * @returns null where no year of four digits holds the time
 */
export function calendar(ns: bigint, isUtc = false): Calendar | null {
  const rest = ((ns % SECOND) + SECOND) % SECOND;
  const ms = Number((ns - rest) / 1_000_000n);
  const inUtc = new Date(ms).getUTCFullYear();
  if (!(inUtc >= -1 && inUtc <= 10_000)) return null;
  const { name: zone, east } = isUtc ? UTC : zoneAt(ms);
  const date = new Date(ms + east * 1000);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return null;
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const fraction = String(rest).padStart(9, '0');
  return { year, month: date.getUTCMonth(), day: date.getUTCDate(), clock, fraction, zone };
}

/**
 * When clocks of the machine's zone show a time.
 * @param shown what they show, in milliseconds since they showed 1970
 * @returns milliseconds since 1970: the first where they show it twice; where they go from before it to behind it, as if
 * they had not
 */
export function whenShown(shown: number): number {
  const { east } = zoneAt(shown - DAY);
  const sooner = shown - east * 1000;
  const later = shown - zoneAt(shown + DAY).east * 1000;
  const isRight = (ms: number): boolean => ms + zoneAt(ms).east * 1000 === shown;
  return isRight(sooner) || !isRight(later) ? sooner : later;
}

/** `2026-11-21`. */
export function calendarDate({ year, month, day }: Calendar): string {
  const digits = (n: number, count: number): string => String(n).padStart(count, '0');
  return `${digits(year, 4)}-${digits(month + 1, 2)}-${digits(day, 2)}`;
}
