/** `clrscope calls FILE...`: one line a call. */
import type { Call } from '../../dissectors/call.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { ObjectTable } from '../analysis/objects/table.js';
import { attemptText, refusalText, refusedIn } from '../analysis/refusals.js';
import { durationOf, timeOf } from '../analysis/stats/durations.js';
import { rolesOf } from '../core/connection.js';
import type { Endpoint, Time } from '../core/context.js';
import type { Hosts } from '../core/hosts.js';
import { type LimitName, optionOf } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { afterText } from '../core/time.js';
import { writeCall } from '../output/calls/json.js';
import { callLine } from '../output/calls/line.js';
import { ZEEK_HEAD, ZeekUids, zeekLine } from '../output/calls/zeek.js';
import { JsonBytes } from '../output/json-bytes.js';
import { cutTo, lineWidth } from '../output/line-width.js';
import { CALL_TABLE, callRow } from '../output/tables/calls.js';
import { csvHead, csvLine } from '../output/tables/csv.js';
import { paint, safe } from '../output/terminal.js';
import { TimeColumn } from '../output/time-column.js';
import { Allowance } from './allowance.js';
import { parametersOf } from './call-parameters.js';
import { Heading } from './heading.js';
import type { Job } from './job.js';
import { type PrintingOptions, UsageError } from './options.js';
import { type Printer, type Printing, type PrintingCommand, runIndependent } from './printer.js';

/** Bytes of a call's PDUs beside its stubs, about. */
const HEADERS = 100;

/** Runs the command. */
export function calls(files: string[], options: PrintingOptions): Promise<void> {
  return runIndependent(CALLS, files, options);
}

/** Its formats. */
export const CALLS = {
  name: 'calls',
  formats: {
    text: (job, { t }) => ({ capture: (file, hosts) => callPrinting(file, job, lines(file, job, t, hosts)) }),
    json: (job) => ({
      head: '[',
      tail: () => '\n]\n',
      ...callPrinter(job, (text) => {
        job.out.lead('\n', ',\n');
        job.out.copy(text);
      }),
    }),
    ndjson: (job) =>
      callPrinter(job, (text) => {
        job.out.copy(text);
        job.out.write('\n');
      }),
    csv: (job) => ({
      head: csvHead(CALL_TABLE),
      capture: (file) => callPrinting(file, job, csvLines(file, job)),
    }),
    zeek(job, { E = [] }) {
      const isJson = jsonChoice(E);
      return {
        head: isJson ? '' : ZEEK_HEAD,
        capture: (file) => callPrinting(file, job, zeekLines(file, job, isJson)),
      };
    },
  },
  check({ E, T }) {
    if (E !== undefined && T !== 'zeek') throw new UsageError('-E json=y goes with -T zeek');
  },
} as const satisfies PrintingCommand;

/** What is wanted of a capture whose calls are written. */
function callPrinting(file: string, job: Job, writer: Lines): Printing {
  return {
    callsAlone: true,
    begin: (time) => writer.begin?.(time),
    file: writer.file,
    pdu(pdu) {
      tellNegotiation(pdu, file, job);
      for (const r of refusedIn(pdu))
        writer.vain(pdu.transport.frames, pdu.transport.time, r.client, r.server, refusalText(r));
    },
    call: (call, number, matches) => writer.call(call, number, matches),
    attempt: (a) => writer.vain(a.frames, a.time, a.client.address, a.server, attemptText(a)),
  };
}

/** @param write writes a call, as JSON */
function callPrinter(job: Job, write: (json: Uint8Array) => void): Printer {
  return { capture: (file, hosts) => callPrinting(file, job, jsonLines(file, job, hosts, write)) };
}

/** `-E json=y`. */
function jsonChoice(texts: readonly string[]): boolean {
  const wrong = texts.find((text) => !/^json=[yn]$/i.test(text));
  if (wrong !== undefined) throw new UsageError(`-E of -T zeek takes json=y or json=n, not ${JSON.stringify(wrong)}`);
  return /y$/i.test(texts.at(-1) ?? '');
}

function zeekLines(file: string, job: Job, isJson: boolean): Lines {
  const uids = new ZeekUids();
  return {
    vain: tellVain(file, job),
    call(call, _number, matches) {
      const line = zeekLine(call, uids.of(call.connection, timeOf(call)), isJson);
      if (matches && line !== null) job.out.write(`${line}\n`);
    },
  };
}

function csvLines(file: string, job: Job): Lines {
  const capture = baseName(file);
  const parameters = parametersOf(new Allowance(file, job), job);
  return {
    vain: tellVain(file, job),
    call(call, number, matches) {
      if (matches) job.out.write(csvLine(CALL_TABLE, callRow(capture, number, parameters(call))));
    },
  };
}

/** What never came to a call is said where it has no line. */
function tellVain(file: string, job: Job): Lines['vain'] {
  return (_frames, _time, client, _server, text) =>
    job.note(file, { code: 'in-vain', message: `${client}: ${text}`, offset: null, source: null });
}

/** @param put writes a call, as JSON */
function jsonLines(file: string, job: Job, hosts: Hosts, put: (json: Uint8Array) => void): Lines {
  const { full, limits } = job;
  const name = baseName(file);
  const allowance = new Allowance(file, job);
  const text = new JsonBytes();
  let told = false;
  // what calls say of objects needs those met lately: a capture without end must not fill the memory
  const table = new ObjectTable(limits, (_idle, limit) => {
    if (!told) job.note(file, forgotten(limit));
    told = true;
  });
  return {
    vain: tellVain(file, job),
    call(call, number, matches) {
      table.add(call);
      if (!matches) return;
      const write = (c: Call): JsonBytes => {
        text.back(0);
        writeCall(text, c, number, name, { full, hosts }, table);
        return text;
      };
      const stubs = (call.request?.stub?.length ?? 0) + (call.response?.stub?.length ?? 0);
      const shorter = (): Call => ({ ...call, in: null, out: null, warnings: [...call.warnings, allowance.note] });
      allowance.fit(
        stubs + HEADERS,
        () => write(call),
        () => write(shorter()),
      );
      put(text.take());
    },
  };
}

/** Of objects only those are kept that were met lately. */
function forgotten(limit: LimitName): Note {
  const message = `what is known of objects is forgotten where no call uses them for long (--limit ${optionOf(limit)}=N)`;
  return { code: 'limit', message, offset: null, source: null };
}

/** Warnings of PDUs that belong to no call, as of secrets that do not fit, would be lost in a list of calls. */
function tellNegotiation(pdu: Pdu, file: string, job: Job): void {
  if (pdu.call !== null) return;
  const frame = pdu.transport.frames.at(-1);
  for (const note of pdu.recording.notes)
    if (note.code !== 'limit') job.note(file, { ...note, message: `frame ${frame}: ${note.message}` });
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** Writes what is known of calls. */
interface Lines {
  begin?(time: Time): void;
  readonly file?: Printing['file'];
  /** A call; one that does not match is only learnt from. */
  call(call: Call, number: number, matches: boolean): void;
  /** What is no call because it never came to one. */
  vain(frames: readonly number[], time: Time, client: string, server: Endpoint, text: string): void;
}

/** Columns of a terminal below which lines have no room for frames and clients, and for servers. */
const NARROW = 116;
const NARROWEST = 96;
/** Characters of the time since the capture began. */
const AFTER = 9;

/** A line a call: number, frames, time since the capture began, who and whom, what, how long. */
function lines(name: string, job: Job, t: string | undefined, hosts: Hosts): Lines {
  const p = paint(job.color);
  const column = t === undefined ? null : new TimeColumn(t);
  const { room: width } = job;
  const row = (number: string, frames: string, after: string, client: string, server: string): string => {
    if (width < NARROWEST) return `${number.padStart(5)}  ${after}`;
    if (width < NARROW) return `${number.padStart(5)}  ${after}  ${server.padEnd(16)}`;
    return `${number.padStart(5)}  ${frames.padEnd(11)}  ${after}  ${`${client} → ${server}`.padEnd(34)}`;
  };
  let began: Time = { sec: 0, nsec: 0 };
  const heading = new Heading(name, job);
  /** @param line what was done, made to fit the columns it is given; `tail` stands behind it, whatever was cut */
  const write = (
    columns: { number: string; frames: string; time: Time; client: string; server: Endpoint },
    line: (room: number) => string,
    tail: string,
  ): void => {
    const { number, frames, time, client, server } = columns;
    const after = column?.next(time) ?? afterText(began, time).padEnd(AFTER);
    if (heading.write()) {
      const title = (column === null ? 'after' : 'time').padEnd(after.length);
      job.out.write(`${p.strong(`${row('#', 'frames', title, 'client', 'server')}  call`)}\n`);
    }
    const head = row(number, frames, after, hosts.text(client), hosts.endpoint(server));
    if (width === Number.POSITIVE_INFINITY) {
      job.out.write(`${p.offset(head)}  ${line(width)}${p.offset(tail)}\n`);
      return;
    }
    const text = line(width - lineWidth(head) - 2 - tail.length);
    job.out.write(`${cutTo(`${p.offset(head)}  ${text}`, width - tail.length)}${p.offset(tail)}\n`);
  };
  return {
    begin(time) {
      began = time;
      column?.begin(time);
    },
    file: heading.file,
    vain(frames, time, client, server, text) {
      const [first, last] = [frames[0], frames[frames.length - 1]];
      const columns = { number: '', frames: first === last ? `${first}` : `${first}–${last}`, time, client, server };
      write(columns, () => p.problem(`✗ ${safe(text)}`), '');
    },
    call(call, number, matches) {
      if (!matches) return;
      const time = (call.request ?? call.response)?.time ?? began;
      const [client, server] = rolesOf(call.connection);
      // nobody waits for the answer of a one-way call
      const answer = call.response?.frames.at(-1) ?? (call.oneWay ? '' : '?');
      const frames = `${call.request?.frames.at(0) ?? '?'}→${answer}`;
      const took = durationOf(call);
      const columns = { number: String(number), frames, time, client: client.address, server };
      write(columns, (room) => callLine(call, p, room), took === null ? '' : `  ${tookText(took)}`);
    },
  };
}

function tookText(seconds: number): string {
  if (Math.abs(seconds) >= 1) return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1000).toFixed(1)} ms`;
}
