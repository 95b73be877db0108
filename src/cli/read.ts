/** `clrscope [read] FILE...`: one summary line a PDU, the annotated tree, JSON, or columns. */
import type { Pdu } from '../../dissectors/pdu.js';
import type { Time } from '../core/context.js';
import type { Asked, Frame } from '../core/frame.js';
import type { Node, Note } from '../core/node.js';
import { elapsed } from '../core/time.js';
import type { FieldTable } from '../filter/index.js';
import { knownFields } from '../known-fields.js';
import { type EkText, ekLines } from '../output/columns/ek.js';
import { fieldRows, parseFieldOptions } from '../output/columns/fields.js';
import { JsonBytes } from '../output/json-bytes.js';
import type { PduJson } from '../output/schemas/pdu.js';
import { paint, safe } from '../output/terminal.js';
import { TextBytes } from '../output/text-bytes.js';
import { renderHex } from '../output/tree/hex.js';
import { pduToJson } from '../output/tree/pdu-json.js';
import { pduSummary } from '../output/tree/summary.js';
import { renderNotes, writeTree } from '../output/tree/tree.js';
import { Allowance } from './allowance.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import { UsageError } from './options.js';
import { type Printer, type PrintingCommand, runIndependent } from './printer.js';
import { writeHeading } from './run.js';

/** Bytes of a frame in front of its PDUs, about. */
const HEADERS = 54;
/** A frame's layers alone are not left out up to so many characters a byte. */
const SHORT_EACH = 100;

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
    ek(job) {
      const known = knownFields(job.interfaces);
      return framePrinter((frame, allowance) => {
        for (const piece of ekText(frame, known, allowance)) job.out.write(piece);
        job.out.write('\n');
      }, job);
    },
    fields(job, { e = [], E = [] }) {
      const rows = fieldRows(e, knownFields(job.interfaces), parseFieldOptions(E));
      return { head: rows.head, ...framePrinter((frame) => job.out.write(`${rows.row(frame)}\n`), job, rows.asked) };
    },
  },
  check(options) {
    if (options.i !== undefined || options.f !== undefined)
      throw new UsageError('clrscope reads captures; capture first, for example with: tcpdump -i eth0 -w FILE tcp');
    if (options.c !== undefined && !/^[1-9]\d*$/.test(options.c))
      throw new UsageError(`-c takes a number of frames, not ${JSON.stringify(options.c)}`);
    for (const name of ['e', 'E'] as const)
      if (options[name] !== undefined && options.T !== 'fields') throw new UsageError(`-${name} goes with -T fields`);
  },
} as const satisfies PrintingCommand;

/** @param lead what stands in front of each object, `end` behind it */
function jsonPrinter(job: Job, lead: () => void, end: string): Printer {
  return {
    capture(file) {
      const allowance = new Allowance(file, job);
      const text = new JsonBytes();
      return {
        record: true,
        shown(pdu) {
          writePdu(text, pdu, job.full, allowance);
          lead();
          job.out.copy(text.take());
          job.out.write(end);
        },
      };
    },
  };
}

/** A line or more a frame. */
function framePrinter(print: (frame: Frame<Pdu>, allowance: Allowance) => void, job: Job, asked?: Asked): Printer {
  return {
    capture(file) {
      const allowance = new Allowance(file, job);
      return {
        asked,
        frame(frame) {
          // its row is written already; that the PDU lacks its end was said
          if (!frame.late) print(frame, allowance);
        },
      };
    },
  };
}

/** Adds a PDU as JSON; without its tree where that is too much. */
function writePdu(text: JsonBytes, pdu: Pdu, full: boolean, allowance: Allowance): void {
  const json = pduToJson(pdu, full);
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

/** Characters of values in a tree: a name that the wire says once may stand at each of its nodes. */
function leastOf(roots: readonly Node[]): number {
  let sum = 0;
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (typeof node.value === 'string') sum += node.value.length;
    for (const child of node.children) todo.push(child);
  }
  return sum;
}

function warningOf({ note: { code, message, offset } }: Allowance): Pick<Note, 'code' | 'message' | 'offset'> {
  return { code, message, offset };
}

/** A frame's lines; without its PDUs where they are too much. */
function ekText(frame: Frame<Pdu>, known: FieldTable, allowance: Allowance): EkText {
  const bytes = frame.pdus.reduce((sum, { transport }) => sum + transport.bytes.length, HEADERS);
  const shorter = (): EkText => {
    const lines = ekLines({ ...frame, roots: frame.roots.slice(0, 1) }, known);
    return lines.length > bytes * SHORT_EACH ? ekLines({ ...frame, roots: [] }, known) : lines;
  };
  return allowance.fit(bytes, () => ekLines(frame, known), shorter, leastOf(frame.roots.flat()));
}

/** `Frame 30  0.053 s  10.20.0.20:49664 → 10.20.0.10:58332  Response …`, times from the first frame on; the tree below. */
function textPrinter(job: Job, { T, x = false }: PrintingOptions): Printer {
  const { color, width, out } = job;
  const tree = T === 'tree';
  const p = paint(color);
  const text = new TextBytes();
  const heading = ({ transport }: Pdu, began: Time, summary: string): string => {
    const { ends } = transport.connection;
    const from = ends[transport.direction];
    const to = ends[transport.direction === 0 ? 1 : 0];
    const after = elapsed(began, transport.time).toFixed(3);
    const head = `Frame ${transport.frames.at(-1)}  ${after} s  ${from.address}:${from.port} → ${to.address}:${to.port}`;
    return `${p.offset(head)}  ${p.strong(safe(summary))}\n`;
  };
  return {
    capture(file) {
      let began: Time = { sec: 0, nsec: 0 };
      let headed = false;
      return {
        record: tree || x,
        begin(time) {
          began = time;
        },
        shown(pdu) {
          if (!headed) writeHeading(job, file);
          headed = true;
          const { roots, notes, sources } = pdu.recording;
          text.text(heading(pdu, began, pduSummary(pdu)));
          if (tree) writeTree(text, roots, { color, width });
          if (tree && notes.length > 0) text.text(renderNotes(notes, { color, width }));
          if (x) text.text(renderHex(sources, color));
          if (tree) text.text('\n');
          out.copy(text.take());
        },
      };
    },
  };
}
