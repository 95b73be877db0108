/** `clrscope objects FILE...`: the COM objects of each capture, from activation to the last release. */

import { objectsReport } from '../analysis/objects/report.js';
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

type Report = ReturnType<typeof objectsReport>;

/** Its formats. */
export const OBJECTS = {
  name: 'objects',
  formats: {
    text: (job) => ({
      capture: (file) =>
        reported(file, job, (report) => {
          writeHeading(job, file);
          job.out.write(objectsText(report, job.color));
        }),
    }),
    json: (job) => ({
      head: '[',
      tail: () => '\n]\n',
      capture: (file) =>
        reported(file, job, (report) => {
          job.out.lead('\n', ',\n');
          job.out.write(JSON.stringify(report));
        }),
    }),
    ndjson: (job) => ({
      capture: (file) => reported(file, job, (report) => job.out.write(`${JSON.stringify(report)}\n`)),
    }),
  },
} as const satisfies PrintingCommand;

/** Reads a capture's calls into a table, and writes what it came to. */
function reported(file: string, job: Job, write: (report: Report) => void): Printing {
  const table = new ObjectTable(job.limits);
  const refusals = new Refusals();
  return {
    call: (call) => void table.add(call),
    pdu: (pdu) => void refusals.pdu(pdu),
    attempt: (attempt) => refusals.attempts.push(attempt),
    done: () => write(objectsReport(table, file.slice(file.lastIndexOf('/') + 1), refusals)),
  };
}
