/** `clrscope objects FILE...`: the COM objects of each capture, from activation to the last release. */

import { type LazyReport, lazyReport } from '../analysis/objects/report.js';
import { ObjectTable } from '../analysis/objects/table.js';
import { Refusals } from '../analysis/refusals.js';
import type { Hosts } from '../core/hosts.js';
import { objectsText } from '../output/objects-text.js';
import { Heading } from './heading.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import { type Printing, type PrintingCommand, runIndependent } from './printer.js';

/** Runs the command. */
export function objects(files: string[], options: PrintingOptions): Promise<void> {
  return runIndependent(OBJECTS, files, options);
}

/** Its formats. */
export const OBJECTS = {
  name: 'objects',
  formats: {
    text: (job) => ({
      capture(name, hosts) {
        const heading = new Heading(name, job);
        const write = (report: LazyReport): void => {
          heading.write();
          for (const lines of objectsText(report, job.color, hosts, job.room)) job.out.write(lines);
        };
        return { ...reported(name, job, write), file: heading.file };
      },
    }),
    json: (job) => ({
      head: '[',
      tail: () => '\n]\n',
      capture: (file, hosts) =>
        reported(file, job, (report) => {
          job.out.lead('\n', ',\n');
          writeJson(job, report, hosts, '');
        }),
    }),
    ndjson: (job) => ({
      capture: (file, hosts) => reported(file, job, (report) => writeJson(job, report, hosts, '\n')),
    }),
  },
} as const satisfies PrintingCommand;

/** Reads a capture's calls into a table, and writes what it came to. */
function reported(file: string, job: Job, write: (report: LazyReport) => void): Printing {
  const table = new ObjectTable(job.limits);
  const refusals = new Refusals();
  return {
    call: (call) => void table.add(call),
    pdu: (pdu) => void refusals.pdu(pdu),
    attempt: (attempt) => refusals.attempts.push(attempt),
    done: () => write(lazyReport(table, file.slice(file.lastIndexOf('/') + 1), refusals)),
  };
}

/** A report, an apartment at a time, and behind it what the hosts in it are called; then `end`. */
function writeJson({ out }: Job, { capture, apartments, ...rest }: LazyReport, hosts: Hosts, end: string): void {
  const names: Record<string, string> = {};
  let front = `{"capture":${JSON.stringify(capture)},"apartments":[`;
  for (const apartment of apartments) {
    const json = JSON.stringify(apartment);
    hosts.namesIn(json, names);
    out.write(front + json);
    front = ',';
  }
  const json = JSON.stringify(rest);
  hosts.namesIn(json, names);
  const named = Object.keys(names).length === 0 ? '' : `,"names":${JSON.stringify(names)}`;
  out.write(`${front === ',' ? '' : front}],${json.slice(1, -1)}${named}}${end}`);
}
