/** `clrscope calls FILE...`: one line a call. */

import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { dcerpc, dissectFrame } from '../../dissectors/index.js';
import { CallList } from '../analysis/calls.js';
import { durationOf } from '../analysis/durations.js';
import { ObjectTable } from '../analysis/objects.js';
import type { CaptureEnd } from '../capture/open.js';
import { rolesOf } from '../core/connection.js';
import type { Time } from '../core/context.js';
import { type LimitName, type Limits, optionOf } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { elapsed } from '../core/time.js';
import type { Frame } from '../engine/frames.js';
import { callToText } from '../output/call-json.js';
import { callText } from '../output/call-text.js';
import { type Paint, paint, safe } from '../output/terminal.js';
import { Allowance } from './allowance.js';
import { type CommonOptions, UsageError } from './options.js';
import { type Job, runJob, type Work } from './run.js';
import { type CallHandlers, scanCalls } from './scan-calls.js';
import { limitTeller } from './tell-limits.js';

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
      const writer = format === 'text' ? lines(job) : null;
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
        job.out.write(allowance.fit(stubs + HEADERS, facts, shorter));
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
      const handlers = { onBegin, onProgress, onPdu: (pdu: Pdu) => tellNegotiation(pdu, file, job) };
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
  { onBegin, onPdu, onProgress }: CallHandlers,
): Promise<CaptureEnd> {
  // filters are seldom wanted, and take their time to load
  const [{ compileFilter }, { knownFields }, { scanFrames }] = await Promise.all([
    import('../filter/index.js'),
    import('./known.js'),
    import('../engine/frames.js'),
  ]);
  const filter = compileFilter(text, knownFields());
  const matched = new WeakSet<Call>();
  const tell = limitTeller(file, job);
  const list = new CallList((call, number) => {
    tell(call.warnings);
    print(call, number, matched.has(call));
  }, job.limits);
  let begun = false;
  const onFrame = (frame: Frame<Pdu>): boolean => {
    if (!begun) onBegin?.(frame.time);
    begun = true;
    const matches = frame.pdus.length > 0 && filter.matches(frame);
    for (const pdu of frame.pdus) {
      if (matches && pdu.call !== null) matched.add(pdu.call);
      tell(pdu.recording.notes);
      onPdu?.(pdu);
      list.add(pdu);
    }
    return !job.interrupted;
  };
  const onNote = (note: Note): void => job.note(file, note);
  const end = await scanFrames(file, dcerpc(job), dissectFrame, { ports: job.ports, limits: job.limits }, onFrame, {
    onNote,
    onProgress,
  });
  list.end();
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

/** Writes a call as a line: number, frames, time since the capture began, who and whom, what, how long. */
function lines(job: Job): { begin(time: Time): void; call(call: Call, number: number): void } {
  const p = paint(job.color);
  let began: Time = { sec: 0, nsec: 0 };
  let headed = false;
  return {
    begin(time) {
      began = time;
    },
    call(call, number) {
      if (!headed)
        job.out.write(
          p.strong(
            `${'#'.padStart(5)}  ${'frames'.padEnd(11)}  ${'after'.padEnd(9)}  ${'client → server'.padEnd(34)}  call\n`,
          ),
        );
      headed = true;
      const time = (call.request ?? call.response)?.time ?? began;
      const [client, server] = rolesOf(call.connection);
      const frames = `${call.request?.frames.at(0) ?? '?'}→${call.response?.frames.at(-1) ?? '?'}`;
      const ends = `${client.address} → ${server.address}:${server.port}`;
      const took = durationOf(call);
      const head = `${String(number).padStart(5)}  ${frames.padEnd(11)}  ${`${elapsed(began, time).toFixed(3)} s`.padEnd(9)}  ${ends.padEnd(34)}`;
      job.out.write(`${p.offset(head)}  ${callLine(call, p)}${took === null ? '' : p.offset(`  ${tookText(took)}`)}\n`);
    },
  };
}

function callLine(call: Call, p: Paint): string {
  const t = callText(call);
  const name = call.iface?.spec.startsWith('MS-IOI') ? p.ours(safe(t.name)) : p.name(safe(t.name));
  const args = `(${p.text(safe(t.arguments))})`;
  const method = t.method === null ? args : `  ${p.strong(safe(t.method))}${args}`;
  const result = t.result === null ? '' : ` → ${p.value(safe(t.result))}`;
  return name + method + result + (t.problem === null ? '' : `  ${p.problem(`✗ ${safe(t.problem)}`)}`);
}

function tookText(seconds: number): string {
  if (Math.abs(seconds) >= 1) return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1000).toFixed(1)} ms`;
}
