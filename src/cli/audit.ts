/** `clrscope audit FILE...`: findings about an interop deployment, from captures. */
import {
  Audit,
  type AuditReport,
  type Baseline,
  failsOn,
  RULES,
  type Rule,
  readBaseline,
  reportOf,
  ruleOf,
  SEVERITIES,
  type Severity,
} from '../analysis/audit/index.js';
import { type CaptureEnd, UnreadableInput } from '../capture/open.js';
import { Hosts } from '../core/hosts.js';
import { safe } from '../core/safe-text.js';
import { auditHtml } from '../output/audit/html.js';
import { auditToJson, ruleToJson } from '../output/audit/json.js';
import { auditToSarif } from '../output/audit/sarif.js';
import { type AuditTextOptions, auditText, ruleList, ruleText } from '../output/audit/text.js';
import { prettyJson } from '../output/pretty-json.js';
import { readJson } from './input.js';
import type { CaptureFiles, Job } from './job.js';
import { type CommonOptions, Exit, UsageError } from './options.js';
import { OutFile } from './out-file.js';
import { passOver } from './pass.js';
import { formatOf } from './printer.js';
import { runJob, screenOf } from './run.js';
import { isStream } from './stream-input.js';

export interface AuditOptions extends CommonOptions {
  T: string;
  o?: string;
  failOn?: string;
  baseline?: string;
  rule?: string[];
  listRules?: boolean;
  explain?: string;
}

/** Runs the command. */
export async function audit(files: string[], options: AuditOptions, version: string): Promise<void> {
  if (options.listRules === true || options.explain !== undefined) explain(options);
  else await auditFiles(files, options, version);
}

/** `--list-rules` and `--explain`, which read no capture. */
function explain(options: AuditOptions): void {
  const format = formatOf(RULE_FORMATS, options.T, 'audit prints rules as -T');
  const rules = options.explain === undefined ? RULES : [known(options.explain)];
  const out = new OutFile(options.o, { inputs: [], secret: false });
  const { color, room } = screenOf(options);
  const width = Number(process.env.COLUMNS) || (room === Number.POSITIVE_INFINITY ? 100 : room);
  out.write(format(rules, options.explain !== undefined, paper({ color, width, room }, out)));
  out.close();
}

/** What a report is written on: the screen, or a file, in which lines are whole. */
function paper({ color, width, room }: Pick<Job, 'color' | 'width' | 'room'>, out: OutFile): AuditTextOptions {
  return out.isPrinted ? { color, width, room } : { color: false, width };
}

const RULE_FORMATS: Readonly<Record<string, (rules: readonly Rule[], whole: boolean, o: AuditTextOptions) => string>> =
  {
    text: (rules, whole, options) => (whole ? ruleText(rules[0], options) : ruleList(rules, options)),
    json: (rules) => `${JSON.stringify(rules.map(ruleToJson), null, 2)}\n`,
  };

async function auditFiles(files: string[], options: AuditOptions, version: string): Promise<void> {
  const format = formatOf(FORMATS, options.T, 'audit prints -T');
  const failOn = severityOf(options.failOn);
  const baseline = options.baseline === undefined ? null : loadBaseline(options.baseline);
  const rules = options.rule === undefined ? RULES : options.rule.map(known);
  let pass = new Audit(rules);
  let out: OutFile;
  let waiting: readonly string[] = [];
  let report: AuditReport | null = null;
  await runJob(files, options, {
    begin(job, captures) {
      const { inputs, secrets } = job;
      out = new OutFile(options.o, {
        inputs: options.baseline === undefined ? inputs : [...inputs, options.baseline],
        secret: secrets !== null,
      });
      pass = new Audit(rules, job.limits, new Hosts(job.hosts));
      waiting = captures.map(({ name }) => name);
    },
    async each(capture, job, onProgress) {
      waiting = waiting.slice(1);
      return auditCapture(pass, capture, job, onProgress);
    },
    end(job) {
      pass.incomplete.notRead.push(...waiting);
      report = reportOf(pass.result(), baseline, version);
      for (const piece of format(report, paper(job, out))) out.write(piece);
      out.close();
    },
  });
  const code = process.exitCode ?? Exit.done;
  if (report !== null && failOn !== null && (code === Exit.done || code === Exit.damaged) && failsOn(report, failOn))
    process.exitCode = Exit.found;
}

/** One capture's part of the audit; what of it could not be read is noted for the report. */
async function auditCapture(
  audited: Audit,
  capture: CaptureFiles,
  job: Job,
  onProgress?: (read: number, total: number) => void,
): Promise<CaptureEnd> {
  const { name } = capture;
  const { incomplete } = audited;
  let packets = 0;
  // how long a pipe is, nobody knows
  const mayWait = capture.files.some(isStream);
  let percent: number | null = mayWait ? null : 0;
  let isWhole = true;
  const hosts = new Hosts(job.hosts);
  audited.begin(name);
  try {
    const end = await passOver(capture, job, {
      hosts,
      packet() {
        // before the packet is looked at: it is not one of those that were
        if (job.interrupted) isWhole = false;
        else packets++;
        return isWhole;
      },
      pdu: (pdu) => void audited.pdu(pdu),
      attempt: (attempt) => audited.attempt(attempt),
      note({ code, message }) {
        if (code === 'limit' && incomplete.limits.length < MOST_LIMITS)
          incomplete.limits.push({ capture: name, message });
        // of further files of a group
        if (code === 'damage') incomplete.damaged.push({ capture: name, reason: message });
      },
      progress(read, total) {
        percent = total > 0 ? Math.min(99, Math.floor((read / total) * 100)) : null;
        onProgress?.(read, total);
      },
    });
    // the reading may have been waiting for more
    if (mayWait && job.interrupted) isWhole = false;
    if (end.damage !== null)
      incomplete.damaged.push({
        capture: end.damage.file ?? name,
        reason: `byte ${end.damage.offset}: ${end.damage.message}`,
      });
    return end;
  } catch (e) {
    if (e instanceof UnreadableInput) incomplete.unreadable.push({ capture: name, reason: e.reason });
    throw e;
  } finally {
    audited.end();
    audited.hosts.join(hosts);
    audited.packets(packets);
    if (!isWhole) incomplete.interrupted = { capture: name, packets, percent };
  }
}

/** Messages of limits in one report. */
const MOST_LIMITS = 100;

/** A report in pieces. */
const FORMATS: Readonly<Record<string, (report: AuditReport, options: AuditTextOptions) => Iterable<string>>> = {
  text: (report, options) => [auditText(report, options)],
  *json(report) {
    yield* prettyJson(auditToJson(report));
    yield '\n';
  },
  sarif: (report) => [`${JSON.stringify(auditToSarif(report), null, 2)}\n`],
  html: (report) => [auditHtml(report)],
};

function severityOf(text: string | undefined): Severity | null {
  if (text === undefined || text === 'none') return null;
  const severity = SEVERITIES.find((s) => s === text.toLowerCase());
  if (severity === undefined)
    throw new UsageError(`--fail-on takes ${SEVERITIES.join(', ')} or none, not ${JSON.stringify(text)}`);
  return severity;
}

function known(id: string): Rule {
  const rule = ruleOf(id);
  if (rule === undefined) throw new UsageError(`there is no rule ${JSON.stringify(id)}; --list-rules shows all`);
  return rule;
}

function loadBaseline(file: string): Baseline {
  return readJson(file, `--baseline ${safe(file)}`, readBaseline);
}
