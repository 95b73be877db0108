/** `clrscope [read] FILE...`: one summary line a PDU, the annotated tree, JSON, or columns. */
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { dcerpc, dissectFrame } from '../../dissectors/index.js';
import type { CaptureEnd } from '../capture/open.js';
import type { Time } from '../core/context.js';
import type { Node, Note } from '../core/node.js';
import { elapsed } from '../core/time.js';
import { type Frame, scanFrames } from '../engine/frames.js';
import { InOrder } from '../engine/in-order.js';
import { scan } from '../engine/scan.js';
import type { FieldTable } from '../filter/field-table.js';
import { compileFilter } from '../filter/index.js';
import { type EkText, ekLines } from '../output/ek.js';
import { fieldRows, parseFieldOptions } from '../output/fields.js';
import { renderHex } from '../output/hex.js';
import { pduToJson } from '../output/pdu-json.js';
import { pduSummary } from '../output/summary.js';
import { paint, safe } from '../output/terminal.js';
import { TextBytes } from '../output/text-bytes.js';
import { renderNotes, writeTree } from '../output/tree.js';
import { Allowance } from './allowance.js';
import { CaptureTeller } from './capture-teller.js';
import { knownFields } from './known.js';
import { type CommonOptions, UsageError } from './options.js';
import type { Output } from './output.js';
import { type Job, runJob, type Work, writeHeading } from './run.js';

export interface ReadOptions extends CommonOptions {
  T: string;
  Y?: string;
  e?: string[];
  E?: string[];
  V?: boolean;
  x?: boolean;
  c?: string;
  i?: string;
  f?: string;
}

/** Bytes of a frame in front of its PDUs, about. */
const HEADERS = 54;
/** A frame's layers alone are not left out up to so many characters a byte. */
const SHORT_EACH = 100;

const FORMATS = ['text', 'tree', 'json', 'ndjson', 'ek', 'fields'];

/** Prints PDUs and frames in one format. */
interface Printer {
  /** Output in front of everything. */
  readonly head?: string;
  readonly tail?: string;
  /** PDUs are items of a JSON array. */
  readonly isList?: boolean;
  /** Starts on another capture. */
  begin?(time: Time, file: string): void;
  /** Bytes are UTF-8 that is safe to show. */
  readonly pdu?: (pdu: Pdu, allowance: Allowance) => string | Uint8Array;
  /** Formats of whole frames have this instead. */
  readonly frame?: (frame: Frame<Pdu>, allowance: Allowance) => Iterable<string>;
}

/** Runs the command. */
export function read(files: string[], options: ReadOptions): Promise<void> {
  return runJob(files, options, readWork(options), { command: 'read', options });
}

/** What the command does with each capture. */
export function readWork(options: ReadOptions): Work {
  const format = options.V ? 'tree' : options.T;
  let printer: Printer = {};
  return {
    begin(job) {
      check(options, format);
      printer = printerFor(format, options, job);
      // a byte order mark is ours
      if (printer.head !== undefined) job.out.copy(Buffer.from(printer.head, 'utf8'));
    },
    each: (file, job, onProgress) => {
      const framewise = options.Y !== undefined || printer.frame !== undefined || options.c !== undefined;
      return framewise
        ? readFrames(file, options, job, printer, onProgress)
        : readPdus(file, format !== 'text' || options.x === true, job, printer, onProgress);
    },
    end(job) {
      if (printer.tail !== undefined) job.out.write(printer.tail);
    },
  };
}

function check(options: ReadOptions, format: string): void {
  if (options.i !== undefined || options.f !== undefined)
    throw new UsageError('clrscope reads captures; capture first, for example with: tcpdump -i eth0 -w FILE tcp');
  if (!FORMATS.includes(format)) throw new UsageError(`-T takes ${FORMATS.join(', ')}, not ${JSON.stringify(format)}`);
  if (options.c !== undefined && !/^[1-9]\d*$/.test(options.c))
    throw new UsageError(`-c takes a number of frames, not ${JSON.stringify(options.c)}`);
  for (const name of ['e', 'E'] as const)
    if (options[name] !== undefined && format !== 'fields') throw new UsageError(`-${name} goes with -T fields`);
}

/** The short way: PDU by PDU. */
async function readPdus(
  file: string,
  record: boolean,
  job: Job,
  printer: Printer,
  onProgress?: (read: number, total: number) => void,
): Promise<CaptureEnd> {
  const { out } = job;
  const teller = new CaptureTeller(file, job);
  const allowance = new Allowance(file, job);
  const order = new InOrder<Pdu>((pdu) => writePdu(out, printer, pdu, allowance));
  const end = await scan(
    file,
    dcerpc(job),
    { record, ports: job.ports, limits: job.limits, signal: job.signal },
    {
      onBegin: (time) => printer.begin?.(time, file),
      onPdu(pdu) {
        teller.pdu(pdu);
        order.add(pdu);
        return !job.interrupted;
      },
      afterPacket: (streams) => order.settle(streams),
      onNote: (note) => job.note(file, note),
      onProgress,
    },
  );
  teller.end(end, 'PDUs');
  return end;
}

function writePdu(out: Output, printer: Printer, pdu: Pdu, allowance: Allowance): void {
  if (printer.pdu === undefined) return;
  if (printer.isList === true) out.lead('\n', ',\n');
  const made = printer.pdu(pdu, allowance);
  if (typeof made === 'string') out.write(made);
  else out.copy(made);
}

/** Frame by frame, for filters, columns and counted frames. */
async function readFrames(
  file: string,
  options: ReadOptions,
  job: Job,
  printer: Printer,
  onProgress?: (read: number, total: number) => void,
): Promise<CaptureEnd> {
  const filter = options.Y === undefined ? null : compileFilter(options.Y, knownFields());
  const most = options.c === undefined ? Number.POSITIVE_INFINITY : Number(options.c);
  const teller = new CaptureTeller(file, job);
  const allowance = new Allowance(file, job);
  let begun = false;
  let rows = 0;
  const end = await scanFrames(
    file,
    dcerpc(job),
    dissectFrame,
    { ports: job.ports, limits: job.limits, signal: job.signal },
    (frame) => {
      if (!begun) printer.begin?.(frame.time, file);
      begun = true;
      for (const pdu of frame.pdus) teller.pdu(pdu);
      if (filter === null || filter.matches(frame)) {
        rows += printer.frame === undefined ? frame.pdus.length : 1;
        if (printer.frame !== undefined) {
          // its row is written already; that the PDU lacks its end was said
          if (!frame.late) for (const piece of printer.frame(frame, allowance)) job.out.write(piece);
        } else for (const pdu of frame.pdus) writePdu(job.out, printer, pdu, allowance);
      }
      return !job.interrupted;
    },
    { most, onNote: (note) => job.note(file, note), onProgress },
  );
  // rows of frames are there whatever these hold
  if (end.packets < most && (printer.frame === undefined || rows === 0)) teller.end(end, 'PDUs', rows === 0);
  return end;
}

function printerFor(format: string, options: ReadOptions, job: Job): Printer {
  const { full, color, width } = job;
  switch (format) {
    case 'json':
      return {
        head: '[',
        tail: '\n]\n',
        isList: true,
        pdu: (pdu, allowance) => pduText(pdu, full, allowance),
      };
    case 'ndjson':
      return { pdu: (pdu, allowance) => `${pduText(pdu, full, allowance)}\n` };
    case 'fields': {
      const rows = fieldRows(options.e ?? [], knownFields(), parseFieldOptions(options.E ?? []));
      return { head: rows.head, frame: (frame) => [rows.row(frame), '\n'] };
    }
    case 'ek': {
      const known = knownFields();
      return {
        *frame(frame, allowance) {
          yield* ekText(frame, known, allowance);
          yield '\n';
        },
      };
    }
    default:
      return textPrinter(format === 'tree', options.x === true, { color, width }, (file) => writeHeading(job, file));
  }
}

/** A PDU as JSON; without its tree where that is too much. */
function pduText(pdu: Pdu, full: boolean, allowance: Allowance): string {
  const json = pduToJson(pdu, full);
  const shorter = (): string =>
    JSON.stringify({ ...json, tree: [], warnings: [...(json.warnings as Note[]), warningOf(allowance)] });
  return allowance.fit(pdu.transport.bytes.length, () => JSON.stringify(json), shorter, leastOf(pdu.recording.roots));
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

function warningOf({ note: { code, message, offset } }: Allowance): Partial<Note> {
  return { code, message, offset };
}

/** A frame's lines; without its PDUs where they are too much. */
function ekText(frame: Frame<Pdu>, known: FieldTable, allowance: Allowance): EkText {
  const bytes = frame.pdus.reduce((sum, { transport }) => sum + transport.bytes.length, HEADERS);
  const shorter = (): EkText => {
    const lines = ekLines({ ...frame, roots: frame.roots.slice(0, 1) }, frame.time, known);
    return lines.length > bytes * SHORT_EACH ? ekLines({ ...frame, roots: [] }, frame.time, known) : lines;
  };
  return allowance.fit(bytes, () => ekLines(frame, frame.time, known), shorter, leastOf(frame.roots.flat()));
}

/** `Frame 30  0.053 s  10.20.0.20:49664 → 10.20.0.10:58332  Response …`, times from the first frame on. */
function textPrinter(
  tree: boolean,
  withHex: boolean,
  options: { color: boolean; width: number },
  headCapture: (file: string) => void,
): Printer {
  const p = paint(options.color);
  const text = new TextBytes();
  let began: Time = { sec: 0, nsec: 0 };
  /** Until the first line of a capture is written. */
  let unnamed: string | null = null;
  const heading = ({ transport }: Pdu, summary: string): string => {
    const { ends } = transport.connection;
    const from = ends[transport.direction];
    const to = ends[transport.direction === 0 ? 1 : 0];
    const after = elapsed(began, transport.time).toFixed(3);
    const head = `Frame ${transport.frames.at(-1)}  ${after} s  ${from.address}:${from.port} → ${to.address}:${to.port}`;
    return `${p.offset(head)}  ${p.strong(safe(summary))}\n`;
  };
  return {
    begin(time, file) {
      began = time;
      unnamed = file;
    },
    pdu(pdu) {
      if (unnamed !== null) headCapture(unnamed);
      unnamed = null;
      const { roots, notes, sources } = pdu.recording;
      text.text(heading(pdu, pduSummary(pdu)));
      if (tree) writeTree(text, roots, options);
      if (tree && notes.length > 0) text.text(renderNotes(notes, options));
      if (withHex) text.text(renderHex(sources, options.color));
      if (tree) text.text('\n');
      return text.take();
    },
  };
}
