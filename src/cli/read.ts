/** `clrscope [read] FILE...`: one summary line a PDU, the annotated tree, JSON, or columns. */
import type { Pdu } from '../../dissectors/pdu.js';
import type { Time } from '../core/context.js';
import type { Hosts } from '../core/hosts.js';
import type { Note } from '../core/node.js';
import { afterText } from '../core/time.js';
import { endsText } from '../output/ends.js';
import { JsonBytes } from '../output/json-bytes.js';
import { cutTo, foldTo, lineWidth } from '../output/line-width.js';
import type { PduJson } from '../output/schemas/pdu.js';
import { paint, safe } from '../output/terminal.js';
import { TextBytes } from '../output/text-bytes.js';
import { TimeColumn } from '../output/time-column.js';
import { renderHex } from '../output/tree/hex.js';
import { pduToJson } from '../output/tree/pdu-json.js';
import { pduSummary } from '../output/tree/summary.js';
import { summaryLine } from '../output/tree/summary-line.js';
import { renderNotes, writeTree } from '../output/tree/tree.js';
import { Allowance } from './allowance.js';
import { CALLS } from './calls.js';
import { FRAME_FORMATS, leastOf } from './frame-formats.js';
import { Heading } from './heading.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import { UsageError } from './options.js';
import { type Printer, type PrintingCommand, runIndependent } from './printer.js';

/** Runs the command. */
export function read(files: string[], options: PrintingOptions): Promise<void> {
  return runIndependent(READ, files, options.V ? { ...options, T: 'tree' } : options);
}

/** Its formats. */
export const READ = {
  name: 'read',
  formats: {
    text: textPrinter,
    tree: textPrinter,
    json: (job) => ({ head: '[', tail: () => '\n]\n', ...jsonPrinter(job, () => job.out.lead('\n', ',\n'), '') }),
    ndjson: (job) => jsonPrinter(job, () => {}, '\n'),
    ...FRAME_FORMATS,
    // its lines are calls
    zeek: CALLS.formats.zeek,
  },
  check(options) {
    if (options.c !== undefined && !/^[1-9]\d*$/.test(options.c))
      throw new UsageError(`-c takes a number of frames, not ${JSON.stringify(options.c)}`);
    if (options.e !== undefined && options.T !== 'fields' && options.T !== 'csv')
      throw new UsageError('-e goes with -T fields and -T csv');
    if (options.E !== undefined && options.T !== 'fields' && options.T !== 'zeek')
      throw new UsageError('-E goes with -T fields, and -E json=y with -T zeek');
  },
} as const satisfies PrintingCommand;

/** @param lead what stands in front of each object, `end` behind it */
function jsonPrinter(job: Job, lead: () => void, end: string): Printer {
  return {
    capture(file, hosts) {
      const allowance = new Allowance(file, job);
      const text = new JsonBytes();
      return {
        record: true,
        shown(pdu) {
          writePdu(text, pduToJson(pdu, job.full, hosts), pdu, allowance);
          lead();
          job.out.copy(text.take());
          job.out.write(end);
        },
      };
    },
  };
}

/** Adds a PDU as JSON; without its tree where that is too much. */
function writePdu(text: JsonBytes, json: PduJson, pdu: Pdu, allowance: Allowance): void {
  const write = (what: PduJson): JsonBytes => {
    text.back(0);
    text.json(what);
    return text;
  };
  allowance.fit(
    pdu.transport.bytes.length,
    () => write(json),
    () => write({ ...json, tree: [], warnings: [...json.warnings, warningOf(allowance)] }),
    leastOf(pdu.recording.roots),
  );
}

function warningOf({ note: { code, message, offset } }: Allowance): Pick<Note, 'code' | 'message' | 'offset'> {
  return { code, message, offset };
}

/** Columns of a terminal below which a line has no room for who speaks to whom. */
const NARROW = 116;

/** `Frame 30  0.053 s  10.20.0.20:49664 → 10.20.0.10:58332  Response …`, times from the first frame on; the tree below. */
function textPrinter(job: Job, { T, x = false, t }: PrintingOptions): Printer {
  const { color, width, room, out } = job;
  const tree = T === 'tree';
  const fits = room !== Number.POSITIVE_INFINITY;
  const p = paint(color);
  const text = new TextBytes();
  const column = t === undefined ? null : new TimeColumn(t);
  const line = (pdu: Pdu, began: Time, hosts: Hosts): string => {
    const { transport } = pdu;
    const time = column?.next(transport.time) ?? afterText(began, transport.time);
    const number = `Frame ${transport.frames.at(-1)}  ${time}`;
    const head = `${number}  ${endsText(transport, hosts)}`;
    if (!fits || tree || x) return foldTo(`${p.offset(head)}  ${p.strong(safe(pduSummary(pdu)))}`, room).join('\n');
    const front = room < NARROW ? number : head;
    return cutTo(`${p.offset(front)}  ${p.strong(summaryLine(pdu, room - lineWidth(front) - 2))}`, room);
  };
  return {
    capture(name, hosts) {
      let began: Time = { sec: 0, nsec: 0 };
      const heading = new Heading(name, job);
      return {
        record: tree || x,
        file: heading.file,
        begin(time) {
          began = time;
          column?.begin(time);
        },
        shown(pdu) {
          heading.write();
          const { roots, notes, sources } = pdu.recording;
          text.text(`${line(pdu, began, hosts)}\n`);
          if (tree) writeTree(text, roots, { color, width, fits });
          if (tree && notes.length > 0) text.text(renderNotes(notes, { color, room }));
          if (x) text.text(renderHex(sources, color));
          if (tree) text.text('\n');
          out.copy(text.take());
        },
      };
    },
  };
}
