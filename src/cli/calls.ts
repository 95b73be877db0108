/** `clrscope calls FILE...`: one line a call. */
import { isatty } from 'node:tty';
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { dcerpc, dissectFrame } from '../../dissectors/index.js';
import { CallList } from '../analysis/calls.js';
import { durationOf } from '../analysis/durations.js';
import { ObjectTable } from '../analysis/objects.js';
import { attemptText, refusalText, refusedIn } from '../analysis/refusals.js';
import type { CaptureEnd } from '../capture/open.js';
import { rolesOf } from '../core/connection.js';
import type { Attempt, Endpoint, Time } from '../core/context.js';
import { type LimitName, type Limits, optionOf } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { elapsed } from '../core/time.js';
import type { Frame } from '../engine/frames.js';
import { callToText } from '../output/call-json.js';
import { callText } from '../output/call-text.js';
import { cutTo, lineWidth } from '../output/line-width.js';
import { type Paint, paint, safe } from '../output/terminal.js';
import { Allowance } from './allowance.js';
import { CaptureTeller } from './capture-teller.js';
import { type CommonOptions, UsageError } from './options.js';
import { type Job, runJob, type Work, writeHeading } from './run.js';
import { type CallHandlers, scanCalls } from './scan-calls.js';

export interface CallsOptions extends CommonOptions {
  T: string;
  Y?: string;
}

/** Bytes of a call's PDUs beside its stubs, about. */
const HEADERS = 100;

/** Calls tell of their objects what was met lately: a fraction of what a report of all objects may keep. */
function lately(limits: Limits): Limits {
  const { apartments, objects, pointers, details } = limits;
  const part = (n: number): number => Math.ceil(n / 4);
  return {
    ...limits,
    apartments: part(apartments),
    objects: part(objects),
    pointers: part(pointers),
    details: part(details),
  };
}

/** Runs the command. */
export function calls(files: string[], options: CallsOptions): Promise<void> {
  return runJob(files, options, callsWork(options), { command: 'calls', options });
}

/** What the command does with each capture. */
export function callsWork(options: CallsOptions): Work {
  const format = options.T;
  return {
    begin(job) {
      if (format === 'json') job.out.write('[');
      else if (format !== 'text' && format !== 'ndjson')
        throw new UsageError(`calls prints -T text, json or ndjson, not ${JSON.stringify(format)}`);
    },
    async each(file, job, onProgress) {
      const writer = format === 'text' ? lines(file, job) : null;
      let table = new ObjectTable(lately(job.limits));
      let told = false;
      const allowance = new Allowance(file, job);
      const writeJson = (call: Call, number: number): void => {
        const textOf = (c: Call): [string, string] => callToText(c, number, baseName(file), { full: job.full }, table);
        const [facts, words] = textOf(call);
        const stubs = (call.request?.stub?.length ?? 0) + (call.response?.stub?.length ?? 0);
        let said = words;
        const shorter = (): string => {
          const warnings = [...call.warnings, allowance.note];
          const [short, rest] = textOf({ ...call, in: null, out: null, warnings });
          said = rest;
          return short;
        };
        job.out.write(allowance.fit(stubs + HEADERS, () => facts, shorter));
        job.out.write(said);
      };
      const print = (call: Call, number: number, shown = true): void => {
        // what calls say of objects needs those met lately: a capture without end must not fill the memory
        const { full } = table;
        if (full !== null) {
          if (!told) job.note(file, forgotten(full, number));
          told = true;
          table = new ObjectTable(lately(job.limits));
        }
        if (format !== 'text') table.add(call);
        if (!shown) return;
        if (writer !== null) writer.call(call, number);
        else {
          if (format === 'json') job.out.lead('\n', ',\n');
          writeJson(call, number);
          if (format === 'ndjson') job.out.write('\n');
        }
      };
      const onBegin = (time: Time): void => writer?.begin(time);
      const vain = (frames: readonly number[], time: Time, client: string, server: Endpoint, text: string): void => {
        if (writer !== null) writer.vain(frames, time, client, server, text);
        else job.note(file, { code: 'in-vain', message: `${client}: ${text}`, offset: null, source: null });
      };
      const onPdu = (pdu: Pdu): void => {
        tellNegotiation(pdu, file, job);
        for (const r of refusedIn(pdu))
          vain(pdu.transport.frames, pdu.transport.time, r.client, r.server, refusalText(r));
      };
      const onAttempt = (a: Attempt): void => vain(a.frames, a.time, a.client.address, a.server, attemptText(a));
      const handlers = { onBegin, onProgress, onPdu, onAttempt };
      return options.Y === undefined
        ? scanCalls(file, job, print, handlers)
        : filteredCalls(file, options.Y, job, print, handlers);
    },
    end(job) {
      if (format === 'json') job.out.write('\n]\n');
    },
  };
}

/** Of objects only those are kept that were met lately. */
function forgotten(limit: LimitName, call: number): Note {
  const message = `what was known of objects before call ${call} is forgotten (--limit ${optionOf(limit)}=N)`;
  return { code: 'limit', message, offset: null, source: null };
}

/** Only calls of which a frame matches; a call keeps the number that it has without the filter. */
async function filteredCalls(
  file: string,
  text: string,
  job: Job,
  print: (call: Call, number: number, shown: boolean) => void,
  { onBegin, onPdu, onProgress, onAttempt }: CallHandlers,
): Promise<CaptureEnd> {
  // filters are seldom wanted, and take their time to load
  const [{ compileFilter }, { knownFields }, { scanFrames }] = await Promise.all([
    import('../filter/index.js'),
    import('./known.js'),
    import('../engine/frames.js'),
  ]);
  const filter = compileFilter(text, knownFields());
  const matched = new WeakSet<Call>();
  let filtered = true;
  const teller = new CaptureTeller(file, job);
  const list = new CallList((call, number) => {
    teller.call(call);
    print(call, number, matched.has(call));
  }, job.limits);
  let begun = false;
  const onFrame = (frame: Frame<Pdu>): boolean => {
    if (!begun) onBegin?.(frame.time);
    begun = true;
    const matches = frame.pdus.length > 0 && filter.matches(frame);
    for (const pdu of frame.pdus) {
      if (matches && pdu.call !== null) {
        matched.add(pdu.call);
        filtered = false;
      }
      teller.pdu(pdu);
      onPdu?.(pdu);
      list.add(pdu);
    }
    return !job.interrupted;
  };
  const onNote = (note: Note): void => job.note(file, note);
  const { ports, limits, signal } = job;
  const handlers = { onNote, onProgress, onAttempt };
  const end = await scanFrames(file, dcerpc(job), dissectFrame, { ports, limits, signal }, onFrame, handlers);
  list.end();
  teller.end(end, 'calls', filtered);
  return end;
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

/** Writes lines of a table. */
interface Lines {
  begin(time: Time): void;
  /** A call: number, frames, time since the capture began, who and whom, what, how long. */
  call(call: Call, number: number): void;
  /** What is no call because it never came to one. */
  vain(frames: readonly number[], time: Time, client: string, server: Endpoint, text: string): void;
}

/** Columns of a terminal below which lines have no room for frames and clients, and for servers. */
const NARROW = 116;
const NARROWEST = 96;

function lines(file: string, job: Job): Lines {
  const p = paint(job.color);
  // what goes to a file or another program is whole
  const width = isatty(1) && !job.full ? job.width : Number.POSITIVE_INFINITY;
  const row = (number: string, frames: string, after: string, client: string, server: string): string => {
    if (width < NARROWEST) return `${number.padStart(5)}  ${after.padEnd(9)}`;
    if (width < NARROW) return `${number.padStart(5)}  ${after.padEnd(9)}  ${server.padEnd(16)}`;
    return `${number.padStart(5)}  ${frames.padEnd(11)}  ${after.padEnd(9)}  ${`${client} → ${server}`.padEnd(34)}`;
  };
  let began: Time = { sec: 0, nsec: 0 };
  let headed = false;
  /** @param line what was done, made to fit the columns it is given; `tail` stands behind it, whatever was cut */
  const write = (
    columns: { number: string; frames: string; time: Time; client: string; server: Endpoint },
    line: (room: number) => string,
    tail: string,
  ): void => {
    if (!headed) {
      writeHeading(job, file);
      job.out.write(`${p.strong(`${row('#', 'frames', 'after', 'client', 'server')}  call`)}\n`);
    }
    headed = true;
    const { number, frames, time, client, server } = columns;
    const after = `${elapsed(began, time).toFixed(3)} s`;
    const head = row(number, frames, after, client, `${server.address}:${server.port}`);
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
    },
    vain(frames, time, client, server, text) {
      const [first, last] = [frames[0], frames[frames.length - 1]];
      const columns = { number: '', frames: first === last ? `${first}` : `${first}–${last}`, time, client, server };
      write(columns, () => p.problem(`✗ ${safe(text)}`), '');
    },
    call(call, number) {
      const time = (call.request ?? call.response)?.time ?? began;
      const [client, server] = rolesOf(call.connection);
      const frames = `${call.request?.frames.at(0) ?? '?'}→${call.response?.frames.at(-1) ?? '?'}`;
      const took = durationOf(call);
      const columns = { number: String(number), frames, time, client: client.address, server };
      write(columns, (room) => callLine(call, p, room), took === null ? '' : `  ${tookText(took)}`);
    },
  };
}

/** Least that is left of arguments and of a result where there is little room. */
const LEAST = 12;

/** @param room columns; arguments are cut before the result, and what went wrong stays as long as it can */
function callLine(call: Call, p: Paint, room: number): string {
  const t = callText(call);
  const write = (args: string, value: string | null): string => {
    const name = call.iface?.spec.startsWith('MS-IOI') ? p.ours(safe(t.name)) : p.name(safe(t.name));
    const brackets = `(${p.text(args)})`;
    const method = t.method === null ? brackets : `  ${p.strong(safe(t.method))}${brackets}`;
    const result = value === null ? '' : ` → ${p.value(value)}`;
    const problem = t.problem === null ? '' : `  ${p.problem(`✗ ${safe(t.problem)}`)}`;
    return name + method + result + problem + (t.warning === null ? '' : `  ${p.warning(`⚠ ${t.warning}`)}`);
  };
  const args = safe(t.arguments);
  const result = t.result === null ? null : safe(t.result);
  const line = write(args, result);
  const over = room === Number.POSITIVE_INFINITY ? 0 : lineWidth(line) - room;
  if (over <= 0) return line;
  const lessArgs = cutTo(args, Math.max(LEAST, lineWidth(args) - over));
  const left = over - (lineWidth(args) - lineWidth(lessArgs));
  return write(
    lessArgs,
    result === null || left <= 0 ? result : cutTo(result, Math.max(LEAST, lineWidth(result) - left)),
  );
}

function tookText(seconds: number): string {
  if (Math.abs(seconds) >= 1) return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1000).toFixed(1)} ms`;
}
