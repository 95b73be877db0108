/**
 * Time zones as POSIX writes them (XBD 8.3, RFC 8536 3.3): `CET-1CEST,M3.5.0,M10.5.0/3`, read as the C library of GNU does.
 */

/** What a zone's clocks show at a time. */
export interface ZoneTime {
  /** `CET`. */
  readonly name: string;
  /** How far they are ahead of UTC, in seconds. */
  readonly east: number;
}

/** A zone, asked for times in milliseconds since 1970. */
export type Zone = (ms: number) => ZoneTime;

const DAY = 86_400;
const NAME = '([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)';
const CLOCK = String.raw`(\d+)(?::(\d+)(?::(\d+))?)?`;
const OFFSET = `([+-]?)${CLOCK}`;
const ZONE = new RegExp(`^${NAME}${OFFSET}(?:${NAME}(?:${OFFSET})?(.*))?`, 's');
const RULE = new RegExp(String.raw`^,?(?:J(\d+)|M(\d+)\.(\d+)\.(\d+)|(\d+))(?:/(-?)${CLOCK})?(?=,|$)`);

/** What is meant where summer has a name and no rules: those of the United States. */
const USUAL = ',M3.2.0,M11.1.0';

/** When clocks change in a year: seconds since 1970, of the clock that is changed. */
type Change = (year: number) => number;

/** Reads a zone; null where the text begins with no name and offset. */
export function posixZone(text: string): Zone | null {
  const m = ZONE.exec(text);
  if (m === null) return null;
  const standard: ZoneTime = { name: bare(m[1]), east: eastOf(m, 2) };
  if (m[6] === undefined) return () => standard;
  const summer: ZoneTime = { name: bare(m[6]), east: m[8] === undefined ? standard.east + 3600 : eastOf(m, 7) };
  return ruled(standard, summer, m[11] === '' || m[11] === ',' ? USUAL : m[11]);
}

function ruled(standard: ZoneTime, summer: ZoneTime, rules: string): Zone {
  const [begins, ends] = changesOf(rules);
  return (ms) => {
    const seconds = ms / 1000;
    const year = new Date(ms).getUTCFullYear();
    const from = begins(year) - standard.east;
    const to = ends(year) - summer.east;
    // south of the equator summer begins in the year before
    const isSummer = from > to ? seconds < to || seconds >= from : seconds >= from && seconds < to;
    return isSummer ? summer : standard;
  };
}

const bare = (name: string): string => name.replace(/[<>]/g, '');

/** West of Greenwich counts as positive. */
function eastOf(m: RegExpExecArray, at: number): number {
  const [sign, hours, minutes, seconds] = m.slice(at, at + 4);
  const west = Math.min(Number(hours), 24) * 3600 + Math.min(Number(minutes ?? 0), 59) * 60 + Number(seconds ?? 0);
  return sign === '-' || west === 0 ? west : -west;
}

/** The first days of years, where rules are no rules. */
const NEVER: Change = (year) => Date.UTC(year, 0, 0) / 1000;

/** When summer begins, and when it ends. */
function changesOf(rules: string): readonly [Change, Change] {
  const first = RULE.exec(rules);
  if (first === null) return [NEVER, NEVER];
  const rest = rules.slice(first[0].length);
  const second = RULE.exec(rest === '' || rest === ',' ? ',M11.1.0' : rest);
  const begins = changeOf(first);
  return begins === null ? [NEVER, NEVER] : [begins, (second && changeOf(second)) ?? NEVER];
}

/** `J60`, `59`, `M3.5.0/2`: a day of the year without or with 29 February, a weekday of a month. */
function changeOf(m: RegExpExecArray): Change | null {
  const [ofYear, month, week, weekday, ofLeapYear] = [1, 2, 3, 4, 5].map((i) => Number(m[i]));
  const clock = Number(m[7] ?? 2) * 3600 + Number(m[8] ?? 0) * 60 + Number(m[9] ?? 0);
  const time = m[6] === '-' ? -clock : clock;
  if (m[1] !== undefined)
    return ofYear < 1 || ofYear > 365
      ? null
      : (year) => dayOf(year, 0, ofYear + (ofYear >= 60 && daysOf(year, 1) === 29 ? 1 : 0)) + time;
  if (m[5] !== undefined) return ofLeapYear > 365 ? null : (year) => dayOf(year, 0, 1 + ofLeapYear) + time;
  if (month < 1 || month > 12 || week < 1 || week > 5 || weekday > 6) return null;
  return (year) => {
    const first = new Date(dayOf(year, month - 1, 1) * 1000).getUTCDay();
    let day = 1 + ((weekday - first + 7) % 7) + 7 * (week - 1);
    if (day > daysOf(year, month - 1)) day -= 7;
    return dayOf(year, month - 1, day) + time;
  };
}

/** Seconds since 1970 at which a day begins; years below 100 are years, too. */
function dayOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day) / 1000;
}

const daysOf = (year: number, month: number): number => (dayOf(year, month + 1, 1) - dayOf(year, month, 1)) / DAY;
