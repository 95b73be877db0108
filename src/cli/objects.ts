/** `clrscope objects FILE...`: the COM objects of each capture, from activation to the last release. */

import { type LazyReport, lazyReport } from '../analysis/objects/report.js';
import { ObjectTable } from '../analysis/objects/table.js';
import { Refusals } from '../analysis/refusals.js';
import { objectsText } from '../output/objects-text.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import { type Printing, type PrintingCommand, runIndependent } from './printer.js';
import { writeHeading } from './run.js';

/** Runs the command. */
export function objects(files: string[], options: PrintingOptions): Promise<void> {
  return runIndependent(OBJECTS, files, options);
}

/** Its formats. */
export const OBJECTS = {
  name: 'objects',
  formats: {
    text: (job) => ({
      capture: (file) =>
        reported(file, job, (report) => {
          writeHeading(job, file);
          for (const lines of objectsText(report, job.color)) job.out.write(lines);
        }),
    }),
    json: (job) => ({
      head: '[',
      tail: () => '\n]\n',
      capture: (file) =>
        reported(file, job, (report) => {
          job.out.lead('\n', ',\n');
          writeJson(job, report, '');
        }),
    }),
    ndjson: (job) => ({
      capture: (file) => reported(file, job, (report) => writeJson(job, report, '\n')),
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

/** A report, an apartment at a time; `end` behind it. */
function writeJson({ out }: Job, { capture, apartments, ...rest }: LazyReport, end: string): void {
  let front = `{"capture":${JSON.stringify(capture)},"apartments":[`;
  for (const apartment of apartments) {
    out.write(front + JSON.stringify(apartment));
    front = ',';
  }
  out.write(`${front === ',' ? '' : front}],${JSON.stringify(rest).slice(1)}${end}`);
}
