/** Times of frames as text, and what lies between two of them: one place, so that all outputs say the same. */
import type { Time } from './context.js';

/** The farthest that a date reaches from 1970, in seconds: 100 million days (ECMA-262, time values). */
const DATE_REACH = 8.64e12;

/** The second that was written last: most calls come in the same one as those before. */
let lastSecond = { sec: 0, text: '1970-01-01T00:00:00' };

/** Whether a file tells when a frame was captured: a simple packet block of pcapng does not. */
export function isTold(time: Time): boolean {
  return !Number.isNaN(time.sec);
}

/** Whether a date can hold a time. Captures may tell any number of 64 bits, in any unit. */
export function isDate(time: Time): boolean {
  return Math.abs(time.sec) < DATE_REACH;
}

/**
 * ISO 8601 in UTC; microseconds, or nanoseconds where there are any. Years beyond 9999 have a sign and six digits.
 * @returns null where no date can hold the time
 */
export function isoTime(time: Time): string | null {
  if (!isDate(time)) return null;
  if (time.sec !== lastSecond.sec)
    lastSecond = { sec: time.sec, text: new Date(time.sec * 1000).toISOString().slice(0, -5) };
  const { nsec } = time;
  const fraction = nsec % 1000 === 0 ? String(nsec / 1000).padStart(6, '0') : String(nsec).padStart(9, '0');
  return `${lastSecond.text}.${fraction}Z`;
}

/** The same for people: seconds since 1970 where no date can hold the time. */
export function timeText(time: Time): string {
  if (!isTold(time)) return 'no time';
  return isoTime(time) ?? `${BigInt(time.sec)} s since 1970`;
}

/** Time of day of a time, `10:32:56.000000Z`; all of it where no date can hold it. */
export function clockText(time: Time): string {
  const iso = isoTime(time);
  return iso === null ? timeText(time) : iso.slice(iso.indexOf('T') + 1);
}

/** For people, how long after another a time is: `0.053 s`. */
export function afterText(from: Time, to: Time): string {
  return isTold(from) && isTold(to) ? `${elapsed(from, to).toFixed(3)} s` : 'no time';
}

/**
 * Seconds from one time to another, negative where the second is earlier, NaN where one is not told; nanoseconds are not
 * lost to large numbers.
 */
export function elapsed(from: Time, to: Time): number {
  return Math.round((to.sec - from.sec) * 1e9 + (to.nsec - from.nsec)) / 1e9;
}

/** Whether one time is earlier than another. */
export function before(a: Time, b: Time): boolean {
  return a.sec < b.sec || (a.sec === b.sec && a.nsec < b.nsec);
}
