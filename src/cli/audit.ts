/** `clrscope audit FILE...`: findings about an interop deployment, from captures. */
import { isatty } from 'node:tty';
import { dcerpc } from '../../dissectors/index.js';
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
import { parseJson } from '../core/json-text.js';
import { safe } from '../core/safe-text.js';
import { UserError } from '../core/user-error.js';
import { scan } from '../engine/scan.js';
import { auditHtml } from '../output/audit-html.js';
import { auditToJson, ruleToJson } from '../output/audit-json.js';
import { auditToSarif } from '../output/audit-sarif.js';
import { type AuditTextOptions, auditText, ruleList, ruleText } from '../output/audit-text.js';
import { wantsColor } from '../output/terminal.js';
import { CaptureTeller } from './capture-teller.js';
import { readInput } from './input.js';
import { type CommonOptions, Exit, UsageError } from './options.js';
import { checkOutFile, type OutFileOptions, openOutFile } from './out-file.js';
import { type Job, runJob } from './run.js';

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
  const rules = options.explain === undefined ? RULES : [known(options.explain)];
  const text = textOptions(options);
  if (options.T === 'json') emit(`${JSON.stringify(rules.map(ruleToJson), null, 2)}\n`, options.o, NO_INPUT);
  else if (options.T !== 'text') throw new UsageError('rules are printed as -T text or json');
  else
    emit(options.explain === undefined ? ruleList(rules, text.color) : ruleText(rules[0], text), options.o, NO_INPUT);
}

const NO_INPUT: OutFileOptions = { inputs: [], secret: false };

async function auditFiles(files: string[], options: AuditOptions, version: string): Promise<void> {
  const format = formatOf(options.T);
  const failOn = severityOf(options.failOn);
  const baseline = options.baseline === undefined ? null : loadBaseline(options.baseline);
  const rules = options.rule === undefined ? RULES : options.rule.map(known);
  let pass = new Audit(rules);
  let waiting: readonly string[] = [];
  let report: AuditReport | null = null;
  let out = NO_INPUT;
  await runJob(files, options, {
    begin(job, captures) {
      const { inputs, secrets } = job;
      out = {
        inputs: options.baseline === undefined ? inputs : [...inputs, options.baseline],
        secret: secrets !== null,
      };
      checkOutFile(options.o ?? '-', out.inputs);
      pass = new Audit(rules, job.limits);
      waiting = captures;
    },
    async each(file, job, onProgress) {
      waiting = waiting.slice(1);
      return auditCapture(pass, file, job, onProgress);
    },
    end(job) {
      pass.incomplete.notRead.push(...waiting);
      report = reportOf(pass.result(), baseline, version);
      emit(format(report, { color: job.color && isPrinted(options.o), width: job.width }), options.o, out);
    },
  });
  const code = process.exitCode ?? Exit.done;
  if (report !== null && failOn !== null && (code === Exit.done || code === Exit.damaged) && failsOn(report, failOn))
    process.exitCode = Exit.found;
}

/** One capture's part of the audit; what of it could not be read is noted for the report. */
async function auditCapture(
  pass: Audit,
  file: string,
  job: Job,
  onProgress?: (read: number, total: number) => void,
): Promise<CaptureEnd> {
  const { incomplete } = pass;
  const teller = new CaptureTeller(file, {
    secrets: job.secrets,
    get interrupted() {
      return job.interrupted;
    },
    note(capture, note) {
      if (note.code === 'limit' && incomplete.limits.length < MOST_LIMITS)
        incomplete.limits.push({ capture, message: note.message });
      job.note(capture, note);
    },
  });
  let packets = 0;
  // how long a pipe is, nobody knows
  let percent: number | null = file === '-' ? null : 0;
  let isWhole = true;
  pass.begin(file);
  try {
    const end = await scan(
      file,
      dcerpc(job),
      { record: false, ports: job.ports, limits: job.limits, signal: job.signal },
      {
        onPacket() {
          // before the packet is looked at: it is not one of those that were
          if (job.interrupted) isWhole = false;
          else packets++;
          return isWhole;
        },
        onPdu(pdu) {
          teller.pdu(pdu);
          // a call that did not wait for this answer
          if (pdu.call !== null) teller.limits(pdu.call.warnings);
          pass.pdu(pdu);
        },
        onAttempt: (attempt) => pass.attempt(attempt),
        onNote(note) {
          if (note.code === 'limit') teller.limits([note]);
          else job.note(file, note);
        },
        onProgress(read, total) {
          percent = total > 0 ? Math.min(99, Math.floor((read / total) * 100)) : null;
          onProgress?.(read, total);
        },
      },
    );
    // the reading may have been waiting for more of a pipe
    if (file === '-' && job.interrupted) isWhole = false;
    teller.end(end, 'PDUs');
    if (end.damage !== null)
      incomplete.damaged.push({ capture: file, reason: `byte ${end.damage.offset}: ${end.damage.message}` });
    return end;
  } catch (e) {
    if (e instanceof UnreadableInput) incomplete.unreadable.push({ capture: file, reason: e.reason });
    throw e;
  } finally {
    pass.end();
    pass.packets(packets);
    if (!isWhole) incomplete.interrupted = { capture: file, packets, percent };
  }
}

/** Messages of limits in one report. */
const MOST_LIMITS = 100;

type Format = (report: AuditReport, options: AuditTextOptions) => string;

function formatOf(name: string): Format {
  switch (name) {
    case 'text':
      return auditText;
    case 'json':
      return (report) => `${JSON.stringify(auditToJson(report), null, 2)}\n`;
    case 'sarif':
      return (report) => `${JSON.stringify(auditToSarif(report), null, 2)}\n`;
    case 'html':
      return (report) => auditHtml(report);
    default:
      throw new UsageError(`audit prints -T text, json, sarif or html, not ${JSON.stringify(name)}`);
  }
}

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
  const what = `--baseline ${safe(file)}`;
  const json = parseJson(readInput(file, what), what);
  try {
    return readBaseline(json);
  } catch (e) {
    throw e instanceof UserError ? new UserError(`${what}: ${e.message}`) : e;
  }
}

/** Whether the report goes to standard output. */
function isPrinted(target: string | undefined): boolean {
  return target === undefined || target === '-';
}

function emit(text: string, target: string | undefined, options: OutFileOptions): void {
  const out = openOutFile(target ?? '-', options);
  out.write(text);
  out.close();
}

function textOptions(options: AuditOptions): AuditTextOptions {
  const width = Number(process.env.COLUMNS) || (isatty(1) ? (process.stdout.columns ?? 100) : 100);
  return { color: wantsColor(options.color, isatty(1), process.env) && isPrinted(options.o), width };
}
