/** `clrscope stats FILE...`: conversations, interfaces, operations, response times and results over all inputs. */
import { isatty } from 'node:tty';
import { Stats } from '../analysis/stats.js';
import { statsToJson } from '../output/stats-json.js';
import { statsText } from '../output/stats-text.js';
import { type CommonOptions, UsageError } from './options.js';
import { runJob } from './run.js';
import { scanCalls } from './scan-calls.js';

export interface StatsOptions extends CommonOptions {
  T: string;
}

/** Runs the command. */
export async function stats(files: string[], options: StatsOptions): Promise<void> {
  const format = options.T;
  let table = new Stats();
  const captures: string[] = [];
  await runJob(files, options, {
    begin(job) {
      if (format !== 'text' && format !== 'json')
        throw new UsageError(`stats prints -T text or json, not ${JSON.stringify(format)}`);
      table = new Stats(job.limits);
    },
    async each(file, job, onProgress) {
      const end = await scanCalls(file, job, (call) => table.add(call), { onProgress });
      captures.push(file.slice(file.lastIndexOf('/') + 1));
      return end;
    },
    end(job) {
      const report = table.report(captures);
      // what goes to a file or another program is whole
      const width = isatty(1) || process.env.COLUMNS !== undefined ? job.width : Number.POSITIVE_INFINITY;
      job.out.write(
        format === 'json' ? `${JSON.stringify(statsToJson(report), null, 1)}\n` : statsText(report, job.color, width),
      );
    },
  });
}
