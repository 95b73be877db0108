/**
 * What the clocks of the machine's time zone show, as the C library tells it: by the tables of the time zone database
 * (TZif, RFC 8536) where the machine has them, and by what TZ says itself.
 */
import { readFileSync } from 'node:fs';
import { posixZone, type Zone, type ZoneTime } from '../posix-zone.js';
import { zoneAt as toldByIntl } from '../zone.js';

const FOLDER = '/usr/share/zoneinfo';
/** Bytes of a TZif header; counts of six kinds stand in its last 24. */
const HEADER = 44;
/** Sizes of what the counts are of, where times have 4 bytes: UT and wall indicators, leap seconds, transitions, types, names. */
const SIZES = [1, 1, 8, 5, 6, 1];

interface Table {
  /** When clocks change, in seconds since 1970, ascending, and what they show from then on. */
  readonly changes: readonly { readonly at: number; readonly to: ZoneTime }[];
  /** Before the first change. */
  readonly first: ZoneTime;
  /** Behind the last. */
  readonly rule: Zone | null;
}

let known: { readonly tz: string | undefined; readonly zone: Zone } | null = null;

/** At a time in milliseconds since 1970. */
export function zoneAt(ms: number): ZoneTime {
  const { TZ } = process.env;
  if (known === null || known.tz !== TZ) known = { tz: TZ, zone: zoneOf(TZ) };
  return known.zone(ms);
}

function zoneOf(tz: string | undefined): Zone {
  const name = tz === undefined ? Intl.DateTimeFormat().resolvedOptions().timeZone : tz.replace(/^:/, '') || 'UTC';
  const table = load(name);
  if (table !== null) return told(table);
  const zone = posixZone(name);
  if (zone !== null) return zone;
  if (isKnown(name)) return toldByIntl;
  // a name without an offset is UTC by that name
  const called = /^[A-Za-z]{3,}/.exec(name)?.[0] ?? 'UTC';
  return () => ({ name: called, east: 0 });
}

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

function told({ changes, first, rule }: Table): Zone {
  return (ms) => {
    const last = changes.at(-1);
    if (rule !== null && (last === undefined || ms >= last.at * 1000)) return rule(ms);
    return changes.findLast(({ at }) => ms >= at * 1000)?.to ?? first;
  };
}

/** Null where there is no such zone, or its table cannot be read. */
function load(name: string): Table | null {
  if (!/^\/?[\w+-]+(?:\/[\w+-]+)*$/.test(name)) return null;
  try {
    return parse(readFileSync(name.startsWith('/') ? name : `${FOLDER}/${name}`));
  } catch {
    return null;
  }
}

/** The second half of a table of version 2 or later, in which times have 8 bytes. */
function parse(file: Buffer): Table | null {
  if (file.toString('latin1', 0, 4) !== 'TZif' || file[4] < 0x32) return null;
  const counts = (at: number): number[] => SIZES.map((_, i) => file.readUInt32BE(at + 20 + 4 * i));
  const second = HEADER + counts(0).reduce((sum, count, i) => sum + count * SIZES[i], 0);
  const [ut, wall, leap, times, types, characters] = counts(second);
  const indexes = second + HEADER + 8 * times;
  const typesAt = indexes + times;
  const namesAt = typesAt + 6 * types;
  const clockOf = (type: number): ZoneTime => {
    const at = typesAt + 6 * type;
    const start = namesAt + file[at + 5];
    const name = file.toString('latin1', start, file.indexOf(0, start));
    return { name, east: file.readInt32BE(at) };
  };
  const changes = Array.from({ length: times }, (_, i) => ({
    at: Number(file.readBigInt64BE(second + HEADER + 8 * i)),
    to: clockOf(file[indexes + i]),
  }));
  const rule = file.toString('latin1', namesAt + characters + 12 * leap + wall + ut).trim();
  return { changes, first: clockOf(0), rule: posixZone(rule) };
}
