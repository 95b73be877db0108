/**
 * What the machine's time zone is called, as the C library tells it: by the tables of the time zone database (TZif,
 * RFC 8536), where the machine has them.
 */
import { readFileSync } from 'node:fs';
import { zoneName as toldByIntl } from '../zone.js';

const FOLDER = '/usr/share/zoneinfo';
/** Bytes of a TZif header; counts of six kinds stand in its last 24. */
const HEADER = 44;
/** Sizes of what the counts are of, where times have 4 bytes: UT and wall indicators, leap seconds, transitions, types, names. */
const SIZES = [1, 1, 8, 5, 6, 1];

interface Zone {
  /** Seconds since 1970 at which names change, ascending, and the name from each on. */
  readonly changes: readonly { readonly at: number; readonly name: string }[];
  /** Before the first change. */
  readonly first: string;
  /** Behind the last: the rule's own names, and what lies east of Greenwich in minutes in its first. */
  readonly rule: { readonly standard: string; readonly summer: string; readonly east: number } | null;
}

let known: { readonly name: string; readonly zone: Zone | null } | null = null;

/** `CET` at a time in milliseconds since 1970. */
export function zoneName(ms: number): string {
  const { TZ } = process.env;
  const name = TZ === undefined ? Intl.DateTimeFormat().resolvedOptions().timeZone : TZ.replace(/^:/, '') || 'UTC';
  if (known?.name !== name) known = { name, zone: load(name) };
  const { zone } = known;
  return zone === null ? toldByIntl(ms) : nameAt(zone, ms);
}

function nameAt({ changes, first, rule }: Zone, ms: number): string {
  const last = changes.at(-1);
  if (rule !== null && (last === undefined || ms >= last.at * 1000))
    return -new Date(ms).getTimezoneOffset() === rule.east ? rule.standard : rule.summer;
  return changes.findLast(({ at }) => ms >= at * 1000)?.name ?? first;
}

/** Null where there is no such zone, or its table cannot be read. */
function load(name: string): Zone | null {
  if (!/^[\w+-]+(?:\/[\w+-]+)*$/.test(name)) return null;
  try {
    return parse(readFileSync(`${FOLDER}/${name}`));
  } catch {
    return null;
  }
}

/** The second half of a table of version 2 or later, in which times have 8 bytes. */
function parse(file: Buffer): Zone | null {
  if (file.toString('latin1', 0, 4) !== 'TZif' || file[4] < 0x32) return null;
  const counts = (at: number): number[] => SIZES.map((_, i) => file.readUInt32BE(at + 20 + 4 * i));
  const second = HEADER + counts(0).reduce((sum, count, i) => sum + count * SIZES[i], 0);
  const [ut, wall, leap, times, types, characters] = counts(second);
  const indexes = second + HEADER + 8 * times;
  const typesAt = indexes + times;
  const namesAt = typesAt + 6 * types;
  const nameOf = (type: number): string => {
    const start = namesAt + file[typesAt + 6 * type + 5];
    return file.toString('latin1', start, file.indexOf(0, start));
  };
  const changes = Array.from({ length: times }, (_, i) => ({
    at: Number(file.readBigInt64BE(second + HEADER + 8 * i)),
    name: nameOf(file[indexes + i]),
  }));
  const rule = file.toString('latin1', namesAt + characters + 12 * leap + wall + ut).trim();
  return { changes, first: nameOf(0), rule: ruleOf(rule) };
}

/** The names of `CET-1CEST,M3.5.0,M10.5.0/3`; when it is summer, the offset of a date tells. */
function ruleOf(text: string): Zone['rule'] {
  const m = /^(<[^>]+>|[A-Za-z]+)([+-]?)(\d+)(?::(\d+))?(<[^>]+>|[A-Za-z]+)?/.exec(text);
  if (m === null) return null;
  const bare = (name: string): string => name.replace(/[<>]/g, '');
  // west of Greenwich counts as positive here
  const east = (m[2] === '-' ? 1 : -1) * (Number(m[3]) * 60 + Number(m[4] ?? 0));
  return { standard: bare(m[1]), summer: bare(m[5] ?? m[1]), east };
}
