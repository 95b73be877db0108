/** Times in a list of packets, PDUs or calls, in the formats that tshark's `-t` has. */
import { type Calendar, calendar, calendarDate } from '../core/calendar.js';
import type { Time } from '../core/context.js';
import { elapsed, isTold } from '../core/time.js';
import { UserError } from '../core/user-error.js';

/** A time, and those that it may be counted from. */
interface Times {
  readonly time: Time;
  /** The capture's first packet. */
  readonly first: Time;
  /** The packet before it, and what was shown before it. */
  readonly previous: Time;
  readonly shown: Time;
}

type Format = (times: Times) => string;

/** How many digits Wireshark writes behind the point. */
const DIGITS = [0, 1, 2, 3, 6, 9];

/** By what `-t` calls them. */
const FORMATS: Readonly<Record<string, Format>> = {
  a: inCalendar(false, () => ''),
  ad: inCalendar(false, calendarDate),
  adoy: inCalendar(false, dayText),
  d: ({ time, previous }) => seconds(time, elapsed(previous, time)),
  dd: ({ time, shown }) => seconds(time, elapsed(shown, time)),
  e: ({ time }) => epochText(time),
  r: ({ time, first }) => seconds(time, elapsed(first, time)),
  u: inCalendar(true, () => ''),
  ud: inCalendar(true, calendarDate),
  udoy: inCalendar(true, dayText),
};

/** How times of one capture are written, in its order. */
export class TimeColumn {
  /** Whether the packet before has to be told. */
  readonly wantsPrevious: boolean;
  private readonly format: Format;
  private first: Time | null = null;
  private shown: Time | null = null;

  /** @throws UserError where there is no such format */
  constructor(name = 'r') {
    if (!Object.hasOwn(FORMATS, name)) {
      const names = Object.keys(FORMATS).join(', ');
      throw new UserError(`-t takes one of ${names}, not ${JSON.stringify(name)}`);
    }
    this.format = FORMATS[name];
    this.wantsPrevious = name === 'd';
  }

  /** When the capture's first packet was captured. */
  begin(time: Time): void {
    this.first = time;
    this.shown = null;
  }

  /**
   * The text of the next time that is shown.
   * @param previous the packet before; what was shown before, where it is not told
   */
  next(time: Time, previous: Time = this.shown ?? time): string {
    const text = this.format({ time, first: this.first ?? time, previous, shown: this.shown ?? time });
    this.shown = time;
    return text;
  }
}

function inCalendar(isUtc: boolean, date: (told: Calendar) => string): Format {
  return ({ time }) => {
    if (!isTold(time)) return '';
    const told = calendar(BigInt(time.sec) * 1_000_000_000n + BigInt(time.nsec), isUtc);
    if (told === null) return epochText(time);
    return cut(`${date(told)} ${told.clock}.${told.fraction}`.trim(), time);
  };
}

/** `2026/325`. */
function dayText({ year, month, day }: Calendar): string {
  const number = Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  return `${year}/${String(number).padStart(3, '0')}`;
}

/** Seconds since 1970, `1795228032.298677`. */
function epochText(time: Time): string {
  if (!isTold(time)) return '';
  return cut(`${BigInt(time.sec)}.${String(time.nsec).padStart(9, '0')}`, time);
}

function seconds(time: Time, n: number): string {
  if (Number.isNaN(n)) return '';
  const text = cut(n.toFixed(9), time);
  // what is cut may leave nothing but a sign
  return Number(text) === 0 && n < 0 ? text.slice(1) : text;
}

/** Of nine digits behind the point as many as the file tells; where that is not known, six, or all where there are any. */
function cut(text: string, { nsec, units }: Time): string {
  const digits = units === undefined ? (nsec % 1000 === 0 ? 6 : 9) : DIGITS.findLast((n) => units >= 10 ** n)!;
  return digits === 9 ? text : text.slice(0, (digits === 0 ? -1 : digits) - 9);
}
