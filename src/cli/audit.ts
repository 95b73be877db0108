/** `clrscope audit FILE...`: findings about an interop deployment, from captures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { dcerpc } from '../../dissectors/index.js';
import {
  Audit,
  type AuditReport,
  failsOn,
  RULES,
  type Rule,
  readBaseline,
  reportOf,
  ruleOf,
  SEVERITIES,
  type Severity,
} from '../analysis/audit/index.js';
import { scan } from '../engine/scan.js';
import { auditHtml } from '../output/audit-html.js';
import { auditToJson, ruleToJson } from '../output/audit-json.js';
import { auditToSarif } from '../output/audit-sarif.js';
import { type AuditTextOptions, auditText, ruleList, ruleText } from '../output/audit-text.js';
import { wantsColor } from '../output/terminal.js';
import { type CommonOptions, Exit, UsageError } from './options.js';
import { fail, runJob } from './run.js';
import { limitTeller } from './tell-limits.js';

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
  try {
    if (options.listRules === true || options.explain !== undefined) explain(options);
    else await auditFiles(files, options, version);
  } catch (e) {
    process.exitCode = fail(e);
  }
}

/** `--list-rules` and `--explain`, which read no capture. */
function explain(options: AuditOptions): void {
  const rules = options.explain === undefined ? RULES : [known(options.explain)];
  const text = textOptions(options);
  if (options.T === 'json') emit(`${JSON.stringify(rules.map(ruleToJson), null, 2)}\n`, options.o);
  else if (options.T !== 'text') throw new UsageError('rules are printed as -T text or json');
  else emit(options.explain === undefined ? ruleList(rules, text.color) : ruleText(rules[0], text), options.o);
}

async function auditFiles(files: string[], options: AuditOptions, version: string): Promise<void> {
  const format = formatOf(options.T);
  const failOn = severityOf(options.failOn);
  const baseline = options.baseline === undefined ? null : loadBaseline(options.baseline);
  const rules = options.rule === undefined ? RULES : options.rule.map(known);
  let pass = new Audit(rules);
  let report: AuditReport | null = null;
  await runJob(files, options, {
    begin(job) {
      pass = new Audit(rules, job.limits);
    },
    async each(file, job, onProgress) {
      pass.begin(file);
      const tell = limitTeller(file, job);
      const end = await scan(
        file,
        dcerpc(job),
        { record: false, ports: job.ports, limits: job.limits },
        {
          onPdu(pdu) {
            tell(pdu.recording.notes);
            // a call that did not wait for this answer
            if (pdu.call !== null) tell(pdu.call.warnings);
            pass.pdu(pdu);
            return !job.interrupted;
          },
          onNote: (note) => job.note(file, note),
          onProgress,
        },
      );
      pass.end();
      return end;
    },
    end(job) {
      report = reportOf(pass.result(), baseline, version);
      const text = format(report, { color: job.color && options.o === undefined, width: job.width });
      if (options.o === undefined) job.out.write(text);
      else emit(text, options.o);
    },
  });
  const code = process.exitCode ?? Exit.done;
  if (report !== null && failOn !== null && (code === Exit.done || code === Exit.damaged) && failsOn(report, failOn))
    process.exitCode = Exit.found;
}

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
      return auditHtml;
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

function loadBaseline(file: string): Set<string> {
  try {
    return readBaseline(readFileSync(file, 'utf8'));
  } catch (e) {
    throw new UsageError(`--baseline ${file}: ${(e as Error).message}`);
  }
}

function emit(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (e) {
    throw new UsageError(`-o ${file}: ${(e as Error).message}`);
  }
}

function textOptions(options: AuditOptions): AuditTextOptions {
  const width = Number(process.env.COLUMNS) || (isatty(1) ? (process.stdout.columns ?? 100) : 100);
  return { color: wantsColor(options.color, isatty(1), process.env) && options.o === undefined, width };
}
