/** An audit's report for a terminal: read from the top down, worst first, a finding a paragraph. */

import { uuidText } from '../../../dissectors/ndr/interface.js';
import type { AuditReport, AuditResult, Finding, Rule, Severity } from '../../analysis/audit/index.js';
import { SEVERITIES } from '../../analysis/audit/index.js';
import { foldTo } from '../line-width.js';
import { type Paint, paint, safe } from '../terminal.js';
import { countBySeverity } from './json.js';
import {
  alsoText,
  captureNames,
  coversText,
  lookedText,
  many,
  partialLines,
  peersText,
  placesText,
  unseenLines,
} from './words.js';

export interface AuditTextOptions {
  readonly color: boolean;
  /** Columns to fill with sentences. */
  readonly width: number;
  /** Columns that any line may take; without it titles and the like are whole. */
  readonly room?: number;
}

/** Lists longer than this end with how many more there are. */
const MOST = 40;

/** The whole report. */
export function auditText(report: AuditReport, options: AuditTextOptions): string {
  const p = paint(options.color);
  const width = Math.max(60, Math.min(options.width, 120));
  const { room = Number.POSITIVE_INFINITY } = options;
  const { result } = report;
  const out: string[] = [...foldTo(headline(report, p), room), ...partial(result, width, p), ''];
  if (report.fresh.length === 0) out.push(...nothing(report, width), '');
  let before: Rule | null = null;
  for (const finding of report.fresh) {
    const [title, ...entries] = paragraph(finding, result, finding.rule === before, width, p);
    out.push(...foldTo(title, room), ...entries, '');
    before = finding.rule;
  }
  out.push(...knownLines(report, p).flatMap((line) => foldTo(line, room)), ...inventoryLines(result, width, p));
  if (report.fresh.length > 0) out.push(...unseenLines(result).flatMap((line) => wrap(line, width)));
  return `${out.join('\n').trimEnd()}\n`;
}

function headline({ result, fresh, known }: AuditReport, p: Paint): string {
  const { captures, looked } = result;
  const where = captures.length === 1 ? safe(captureNames(captures)(captures[0])) : many(captures.length, 'capture');
  const counts = countBySeverity(fresh);
  const parts = SEVERITIES.filter((s) => counts[s] > 0).map((s) => `${counts[s]} ${s}`);
  const none = known.length > 0 ? 'no new findings' : 'no findings';
  const found = fresh.length === 0 ? none : `${many(fresh.length, 'finding')}: ${parts.join(', ')}`;
  return p.strong(`${where}, ${many(looked.calls, 'call')}: ${found}`);
}

/** That the report is partial, and why: nobody should take it for the whole. */
function partial(result: AuditResult, width: number, p: Paint): string[] {
  const reasons = partialLines(result);
  if (reasons.length === 0) return [];
  const lines = reasons
    .slice(0, MOST)
    .flatMap((reason) => wrap(safe(reason), width - 4).map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`));
  if (reasons.length > MOST) lines.push(`  - and ${reasons.length - MOST} more`);
  return [p.problem('This report is partial:'), ...lines];
}

/** What was looked at where nothing was found. */
function nothing({ result, known }: AuditReport, width: number): string[] {
  const what = known.length > 0 ? 'Nothing new was found.' : 'Nothing was found.';
  return [`${what} Looked at: ${lookedText(result)}.`, ...unseenLines(result)].flatMap((line) => wrap(line, width));
}

function paragraph(f: Finding, result: AuditResult, again: boolean, width: number, p: Paint): string[] {
  const { rule } = f;
  const times = f.count === 1 ? '' : p.offset(`  ${f.count} times`);
  const lines = [`${colored(f.severity, p)}  ${p.strong(rule.id)}  ${p.strong(rule.title)}${times}`];
  const operations = f.operations.length === 0 ? '' : `, ${f.operations.slice(0, 3).join(', ')}`;
  const more = f.operations.length > 3 ? ` and ${f.operations.length - 3} more` : '';
  const sure = f.confidence === 'clear' ? '' : `, ${f.confidence}`;
  lines.push(
    ...entry('where', `${peersText(f, result, 3)}, ${placesText(f, result, 3)}${operations}${more}${sure}`, width, p),
    ...entry('seen', f.evidence, width, p),
  );
  const also = [alsoText(f, 3), coversText(f)].filter((text) => text !== '').join('; ');
  if (also !== '') lines.push(...entry('also', also, width, p));
  if (again) return lines;
  lines.push(...entry('why', rule.why, width, p), ...entry('do', rule.fix, width, p));
  const see = [...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)];
  lines.push(...entry('see', [...new Set(see)].join(', '), width, p));
  return lines;
}

function colored(severity: Severity, p: Paint): string {
  const text = severity.toUpperCase().padEnd(8);
  if (severity === 'critical' || severity === 'high') return p.problem(text);
  return severity === 'medium' ? p.warning(text) : p.offset(text);
}

/** A label and text that is wrapped beside it. */
function entry(label: string, text: string, width: number, p: Paint): string[] {
  const lines = wrap(safe(text), width - 12);
  return lines.map((line, i) => `    ${i === 0 ? p.offset(label.padEnd(6)) : ' '.repeat(6)}  ${line}`);
}

/** Words in lines of at most `width` characters; longer words stand alone. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

function knownLines({ result, known, absent, hasBaseline }: AuditReport, p: Paint): string[] {
  if (!hasBaseline) return [];
  const lines = [
    p.strong(`Known already: ${many(known.length, 'finding')}; ${absent.length} of the baseline not seen this time`),
  ];
  for (const f of known.slice(0, MOST))
    lines.push(`    ${f.severity.padEnd(8)}  ${f.rule.id}  ${safe(`${peersText(f, result, 1)}  ${f.evidence}`)}`);
  if (known.length > MOST) lines.push(`    and ${known.length - MOST} more`);
  return [...lines, ''];
}

function inventoryLines({ inventory, hosts }: AuditResult, width: number, p: Paint): string[] {
  const { servers, classes, types, clrs, uris, accounts } = inventory;
  const at = (addresses: ReadonlySet<string>): string => join(hosts.textsOf(addresses));
  const lines: string[] = [];
  const section = (title: string, entries: readonly string[]): void => {
    if (entries.length === 0) return;
    lines.push(p.name(`  ${title}`));
    for (const text of entries.slice(0, MOST))
      lines.push(...wrap(safe(text), width - 6).map((line, i) => (i === 0 ? `    ${line}` : `      ${line}`)));
    if (entries.length > MOST) lines.push(`    and ${entries.length - MOST} more`);
  };
  section(
    'Servers',
    [...servers].map(([address, s]) => {
      const facts = [
        `endpoints ${join(s.endpoints)}`,
        s.bindings.size === 0 ? '' : `tells ${join(s.bindings)}`,
        s.comVersions.size === 0 ? '' : `COM ${join(s.comVersions)}`,
        s.processIds.size === 0 ? '' : `process ${join(s.processIds)}`,
        `interfaces ${join(s.interfaces)}`,
      ];
      return `${hosts.text(address)}: ${facts.filter((t) => t !== '').join('; ')}`;
    }),
  );
  section(
    'Classes',
    [...classes].map(
      ([clsid, c]) => `${uuidText(clsid, c.name ?? undefined)} on ${at(c.servers)}, activated by ${at(c.clients)}`,
    ),
  );
  section(
    'Managed types',
    [...types.values()].map((t) => {
      const from = t.assembly === null ? '' : `, ${t.assembly}${t.version === null ? '' : ` ${t.version}`}`;
      return `${t.name}${from}: ${[...t.kinds].join(', ')} at ${at(t.hosts)}`;
    }),
  );
  section(
    'CLR instances',
    [...clrs].map(([guid, c]) => `${guid} on ${at(c.servers)}, application domain ${join(c.domains)}`),
  );
  section(
    'URIs',
    [...uris].map(([uri, servers]) => `${uri} at ${at(servers)}`),
  );
  section(
    'Accounts',
    [...accounts].map(
      ([user, a]) => `${user}: ${join(a.mechanisms)} at ${join(a.levels)}, from ${at(a.clients)} to ${at(a.servers)}`,
    ),
  );
  return lines.length === 0 ? [] : [p.strong('What the captures expose'), ...lines, ''];
}

function join(set: ReadonlySet<string>, most = 8): string {
  const all = [...set];
  return all.length <= most ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
}

/** `--list-rules`: a line a rule. */
export function ruleList(rules: readonly Rule[], { color, room = Number.POSITIVE_INFINITY }: AuditTextOptions): string {
  const p = paint(color);
  const lines = rules.map((r) => `${r.id.padEnd(9)} ${colored(r.severity, p)}  ${r.title}`);
  return `${lines.flatMap((line) => foldTo(line, room)).join('\n')}\n`;
}

/** `--explain RULE`. */
export function ruleText(rule: Rule, options: AuditTextOptions): string {
  const p = paint(options.color);
  const width = Math.max(60, Math.min(options.width, 120));
  const title = `${p.strong(rule.id)}  ${p.strong(rule.title)}  ${colored(rule.severity, p).trimEnd()}`;
  const lines = foldTo(title, options.room ?? Number.POSITIVE_INFINITY);
  lines.push(
    ...entry('shows', rule.shows, width, p),
    ...entry('why', rule.why, width, p),
    ...entry('do', rule.fix, width, p),
  );
  const see = [...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)];
  lines.push(...entry('see', [...new Set(see)].join(', '), width, p));
  return `${lines.join('\n')}\n`;
}
