/** Dates of times as tshark prints them: in the machine's zone (TZ), or in UTC. */
import { zoneName } from '#platform';

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

/**
 * @param ns nanoseconds since 1970
 * @returns null where no year of four digits holds the time
 */
export function calendar(ns: bigint, isUtc = false): Calendar | null {
  const rest = ((ns % SECOND) + SECOND) % SECOND;
  const date = new Date(Number((ns - rest) / 1_000_000n));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [year, month, day, hour, minute, second] = isUtc
    ? [
        date.getUTCFullYear(),
        date.getUTCMonth(),
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
        date.getUTCSeconds(),
      ]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  if (!(year >= 0 && year <= 9999)) return null;
  const zone = isUtc ? 'UTC' : zoneName(date.getTime());
  const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
  return { year, month, day, clock, fraction: String(rest).padStart(9, '0'), zone };
}

/** `2026-11-21`. */
export function calendarDate({ year, month, day }: Calendar): string {
  const digits = (n: number, count: number): string => String(n).padStart(count, '0');
  return `${digits(year, 4)}-${digits(month + 1, 2)}-${digits(day, 2)}`;
}
