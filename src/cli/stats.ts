/** `clrscope stats FILE...`: conversations, interfaces, operations, response times and results over all inputs. */
import { isatty } from 'node:tty';
import { Stats, type StatsReport } from '../analysis/stats/stats.js';
import { Hosts } from '../core/hosts.js';
import { statsToJson } from '../output/stats/json.js';
import { statsText } from '../output/stats/text.js';
import type { Job } from './job.js';
import type { PrintingOptions } from './options.js';
import { type Printer, type PrintingCommand, printing } from './printer.js';
import { runJob } from './run.js';

/** Runs the command. */
export function stats(files: string[], options: PrintingOptions): Promise<void> {
  return runJob(files, options, printing(STATS, options));
}

const STATS: PrintingCommand = {
  name: 'stats',
  formats: {
    text: (job) => {
      // what goes to a file or another program is whole
      const width = isatty(1) || process.env.COLUMNS !== undefined ? job.width : Number.POSITIVE_INFINITY;
      return counted(job, (report, hosts) => statsText(report, job.color, width, hosts));
    },
    json: (job) => counted(job, (report, hosts) => `${JSON.stringify(statsToJson(report, hosts), null, 1)}\n`),
  },
};

/** Counts the calls of all captures. */
function counted(job: Job, text: (report: StatsReport, hosts: Hosts) => string): Printer {
  const table = new Stats(job.limits);
  const all = new Hosts(job.hosts);
  const captures: string[] = [];
  let passedOver = 0;
  return {
    capture: (file, hosts) => ({
      callsAlone: true,
      call: (call) => void table.add(call),
      done(end) {
        captures.push(file.slice(file.lastIndexOf('/') + 1));
        all.join(hosts);
        passedOver += end.passedOver;
      },
    }),
    tail: () => text(table.report(captures, passedOver), all),
  };
}
