/** `clrscope calls FILE...`: one line a call. */

import type { Call } from '../../dissectors/dcerpc/connection.js';
import { dcerpc } from '../../dissectors/index.js';
import { CallList } from '../analysis/calls.js';
import type { Time } from '../core/context.js';
import { scan } from '../engine/scan.js';
import { callToJson, duration, elapsed, rolesOf } from '../output/call-json.js';
import { callText } from '../output/call-text.js';
import { type Paint, paint, safe } from '../output/terminal.js';
import { type CommonOptions, type Job, runJob, UsageError } from './run.js';

export interface CallsOptions extends CommonOptions {
  T: string;
  c?: string;
}

/** Runs the command. */
export async function calls(files: string[], options: CallsOptions): Promise<void> {
  const format = options.T;
  let first = true;
  await runJob(files, options, {
    begin(job) {
      if (format === 'json') job.out.write('[');
      else if (format !== 'text' && format !== 'ndjson')
        throw new UsageError(`calls prints -T text, json or ndjson, not ${JSON.stringify(format)}`);
    },
    each(file, job, onProgress) {
      const writer = format === 'text' ? lines(job) : null;
      const list = new CallList((call, number) => {
        if (writer !== null) writer(call, number);
        else {
          const json = JSON.stringify(callToJson(call, number, baseName(file), { full: job.full }));
          job.out.write(format === 'json' ? `${first ? '\n' : ',\n'}${json}` : `${json}\n`);
        }
        first = false;
      });
      return scan(
        file,
        dcerpc(job.secrets),
        { record: false, ports: job.ports },
        {
          onPdu(pdu) {
            list.add(pdu);
            return !job.interrupted;
          },
          onNote: (note) => job.note(file, note),
          onProgress,
        },
      ).then((end) => {
        list.end();
        return end;
      });
    },
    end(job) {
      if (format === 'json') job.out.write('\n]\n');
    },
  });
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** Writes a call as a line: number, frames, time since the first call, who and whom, what, how long. */
function lines(job: Job): (call: Call, number: number) => void {
  const p = paint(job.color);
  let began: Time | null = null;
  return (call, number) => {
    const time = (call.request ?? call.response)?.time ?? { sec: 0, nsec: 0 };
    if (began === null) {
      began = time;
      job.out.write(
        p.strong(
          `${'#'.padStart(5)}  ${'frames'.padEnd(11)}  ${'after'.padEnd(10)}  ${'client → server'.padEnd(38)}  call\n`,
        ),
      );
    }
    const [client, server] = rolesOf(call.connection);
    const frames = `${call.request?.frames.at(0) ?? '?'}→${call.response?.frames.at(-1) ?? '?'}`;
    const ends = `${client.address} → ${server.address}:${server.port}`;
    const took = duration(call);
    const head = `${String(number).padStart(5)}  ${frames.padEnd(11)}  ${`${elapsed(began, time).toFixed(3)} s`.padEnd(10)}  ${ends.padEnd(38)}`;
    job.out.write(`${p.offset(head)}  ${callLine(call, p)}${took === null ? '' : p.offset(`  ${tookText(took)}`)}\n`);
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
