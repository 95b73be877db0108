/** `clrscope objects FILE...`: the COM objects of each capture, from activation to the last release. */
import { ObjectTable } from '../analysis/objects.js';
import { objectsReport } from '../analysis/objects-report.js';
import { Refusals } from '../analysis/refusals.js';
import { objectsText } from '../output/objects-text.js';
import { type CommonOptions, UsageError } from './options.js';
import { runJob, writeHeading } from './run.js';
import { scanCalls } from './scan-calls.js';

export interface ObjectsOptions extends CommonOptions {
  T: string;
}

/** Runs the command. */
export async function objects(files: string[], options: ObjectsOptions): Promise<void> {
  const format = options.T;
  let first = true;
  await runJob(files, options, {
    begin(job) {
      if (format === 'json') job.out.write('[');
      else if (format !== 'text' && format !== 'ndjson')
        throw new UsageError(`objects prints -T text, json or ndjson, not ${JSON.stringify(format)}`);
    },
    async each(file, job, onProgress) {
      const table = new ObjectTable(job.limits);
      const refusals = new Refusals();
      const end = await scanCalls(file, job, (call) => table.add(call), {
        onProgress,
        onPdu: (pdu) => refusals.pdu(pdu),
        onAttempt: (attempt) => refusals.attempts.push(attempt),
      });
      const name = file.slice(file.lastIndexOf('/') + 1);
      const report = objectsReport(table, name, refusals);
      if (format === 'text') {
        writeHeading(job, file);
        job.out.write(objectsText(report, job.color));
      } else {
        const json = JSON.stringify(report);
        job.out.write(format === 'json' ? `${first ? '\n' : ',\n'}${json}` : `${json}\n`);
      }
      first = false;
      return end;
    },
    end(job) {
      if (format === 'json') job.out.write('\n]\n');
    },
  });
}
