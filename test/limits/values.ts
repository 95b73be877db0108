/** Limits of values inside stubs: depth, NRBF streams, and their JSON. */
import { type JsonValue, nrbfToJson } from '../../dissectors/nrbf/index.js';
import { Cursor } from '../../src/core/cursor.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { field } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { type DataSource, fileSource } from '../../src/core/source.js';
import { HEADER, hex, read } from '../nrbf/support.js';
import { type Cases, limitNotes, type Outcome } from './case.js';

const LEVEL = field('level', 'Level', 'uint8');

/** Sources made from each other; each begins with its level. */
function nested(levels: number, limits: Partial<Limits>): Outcome {
  const recording = new Recording(false, limitsWith(limits));
  const out: string[] = [];
  const step = (c: Cursor, level: number): void => {
    const start = c.pos;
    out.push(String(c.u8(LEVEL)));
    if (level === levels) return;
    const bytes = Uint8Array.of(level + 1);
    const source: DataSource = { kind: 'derived', name: 'Inner', bytes, from: { source: c.source, start, end: c.pos } };
    step(c.over(source), level + 1);
  };
  const c = new Cursor(fileSource('Outer', Uint8Array.of(0)), recording);
  c.frame(null, 1, step, 0);
  return { told: limitNotes(recording.notes), out };
}

/** The records of a stream (in hex, without header and end). */
function stream(records: string, limits: Partial<Limits>): Outcome {
  const { warnings, records: read_ } = read(hex(`${HEADER}${records} 0b`), {}, limits);
  const out = read_.map((r) => (typeof r === 'number' ? String(r) : String(r.type)));
  return { told: limitNotes(warnings), out };
}

const id = (n: number): string => `${n.toString(16).padStart(2, '0')}000000`;
/** An array of one object, without the object. */
const box = (n: number): string => `10 ${id(n)} 01000000`;

export const VALUE_CASES: Cases = {
  depth: { limit: 3, lost: 1, run: (limits, over) => nested(over ? 4 : 3, limits) },
  // an array is known once it is begun; what is in it is not read, and neither is the end
  nrbfDepth: {
    limit: 3,
    lost: 2,
    run: (limits, over) => stream(`${over ? box(9) : ''}${box(1)}${box(2)}${box(3)} 0a`, limits),
  },
  // of the array only its length is known: neither it nor the end is a record
  nrbfElements: {
    limit: 5,
    lost: 3,
    run: (limits, over) => stream(`10 01000000 0${over ? 6 : 5}000000 0d0${over ? 6 : 5}`, limits),
  },
  nrbfString: {
    limit: 3,
    lost: 2,
    run: (limits, over) => stream(`06 01000000 ${over ? '04 41414141' : '03 414141'}`, limits),
  },
  // three strings of 7 bytes; what came is kept, and no record behind it is read
  nrbfKept: {
    limit: 3 * (120 + 7),
    lost: 1,
    run: (limits, over) => stream([2, 3, 4, ...(over ? [5] : [])].map((n) => `06 ${id(n)} 01 41`).join(''), limits),
  },
  output: {
    // an array's name and 60 characters, and 5 for each null, of which 100 are free for each of 32 bytes
    limit: 'System.Object[]'.length + 60 + 5 * 1000 - 32 * 100,
    lost: 1,
    run: (limits, over) => {
      const nulls = over ? 'e9030000' : 'e8030000';
      const made = read(hex(`${HEADER} 10 01000000 ${nulls} 0e ${nulls} 0b`), {}, limits);
      const { root, warnings } = nrbfToJson(made, { full: true });
      return { told: limitNotes(warnings), out: ((root?.elements ?? []) as JsonValue[]).map(String) };
    },
  },
};
