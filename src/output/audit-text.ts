/** An audit's report for a terminal: read from the top down, worst first, a finding a paragraph. */
import type { AuditReport, Finding, Inventory, Rule, Severity } from '../analysis/audit/index.js';
import { SEVERITIES } from '../analysis/audit/index.js';
import { limitMessage } from '../core/limits.js';
import { countBySeverity } from './audit-json.js';
import { type Paint, paint, safe } from './terminal.js';

export interface AuditTextOptions {
  readonly color: boolean;
  readonly width: number;
}

/** Lists longer than this end with how many more there are. */
const MOST = 40;

/** The whole report. */
export function auditText(report: AuditReport, options: AuditTextOptions): string {
  const p = paint(options.color);
  const width = Math.max(60, Math.min(options.width, 120));
  const out: string[] = [headline(report, p), ''];
  let before: Rule | null = null;
  for (const finding of report.fresh) {
    out.push(...paragraph(finding, finding.rule === before, width, p), '');
    before = finding.rule;
  }
  out.push(...knownLines(report, p), ...inventoryLines(report.result.inventory, width, p), ...limits(report));
  return `${out.join('\n').trimEnd()}\n`;
}

function headline({ result, fresh }: AuditReport, p: Paint): string {
  const { captures, calls } = result;
  const where = captures.length === 1 ? safe(baseName(captures[0])) : `${captures.length} captures`;
  const counts = countBySeverity(fresh);
  const parts = SEVERITIES.filter((s) => counts[s] > 0).map((s) => `${counts[s]} ${s}`);
  const found = fresh.length === 0 ? 'no findings' : `${many(fresh.length, 'finding')}: ${parts.join(', ')}`;
  return p.strong(`${where}, ${many(calls, 'call')}: ${found}`);
}

function paragraph(f: Finding, again: boolean, width: number, p: Paint): string[] {
  const { rule } = f;
  const times = f.count === 1 ? '' : p.offset(`  ${f.count} times`);
  const lines = [`${colored(f.severity, p)}  ${p.strong(rule.id)}  ${p.strong(rule.title)}${times}`];
  const ports = f.ports.length === 0 ? '' : `:${f.ports.join(',')}`;
  const operations = f.operations.length === 0 ? '' : `, ${f.operations.slice(0, 3).join(', ')}`;
  const more = f.operations.length > 3 ? ` and ${f.operations.length - 3} more` : '';
  const sure = f.confidence === 'clear' ? '' : `, ${f.confidence}`;
  lines.push(
    ...entry('where', `${f.client} → ${f.server}${ports}, ${placesText(f)}${operations}${more}${sure}`, width, p),
  );
  lines.push(...entry('seen', f.evidence, width, p));
  if (again) return lines;
  lines.push(...entry('why', rule.why, width, p), ...entry('do', rule.fix, width, p));
  const see = [...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)];
  lines.push(...entry('see', [...new Set(see)].join(', '), width, p));
  return lines;
}

/** `frames 30, 45`, with the captures' names where there are several. */
export function placesText(f: Finding): string {
  const texts = f.places.map(({ capture, frames }) => {
    const shown = frames.slice(0, 8).join(', ');
    const numbers = `frame${frames.length === 1 ? '' : 's'} ${shown}${frames.length > 8 ? ', …' : ''}`;
    return f.places.length === 1 ? numbers : `${baseName(capture)} ${numbers}`;
  });
  return texts.length > 3 ? `${texts.slice(0, 3).join('; ')} and ${texts.length - 3} captures more` : texts.join('; ');
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

function knownLines({ known, absent, hasBaseline }: AuditReport, p: Paint): string[] {
  if (!hasBaseline) return [];
  const lines = [
    p.strong(`Known already: ${many(known.length, 'finding')}; ${absent.length} of the baseline not seen this time`),
  ];
  for (const f of known.slice(0, MOST))
    lines.push(`    ${f.severity.padEnd(8)}  ${f.rule.id}  ${safe(`${f.client} → ${f.server}  ${f.evidence}`)}`);
  if (known.length > MOST) lines.push(`    and ${known.length - MOST} more`);
  return [...lines, ''];
}

function inventoryLines(inventory: Inventory, width: number, p: Paint): string[] {
  const { servers, classes, types, clrs, uris, accounts } = inventory;
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
      return `${address}: ${facts.filter((t) => t !== '').join('; ')}`;
    }),
  );
  section(
    'Classes',
    [...classes].map(([clsid, c]) => `${clsid} on ${join(c.servers)}, activated by ${join(c.clients)}`),
  );
  section(
    'Managed types',
    [...types.values()].map((t) => {
      const from = t.assembly === null ? '' : `, ${t.assembly}${t.version === null ? '' : ` ${t.version}`}`;
      return `${t.name}${from}: ${[...t.kinds].join(', ')} at ${join(t.servers)}`;
    }),
  );
  section(
    'CLR instances',
    [...clrs].map(([guid, c]) => `${guid} on ${join(c.servers)}, application domain ${join(c.domains)}`),
  );
  section(
    'URIs',
    [...uris].map(([uri, hosts]) => `${uri} at ${join(hosts)}`),
  );
  section(
    'Accounts',
    [...accounts].map(
      ([user, a]) =>
        `${user}: ${join(a.mechanisms)} at ${join(a.levels)}, from ${join(a.clients)} to ${join(a.servers)}`,
    ),
  );
  return lines.length === 0 ? [] : [p.strong('What the captures expose'), ...lines, ''];
}

function join(set: ReadonlySet<string>, most = 8): string {
  const all = [...set];
  return all.length <= most ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
}

/** What the audit could not see. */
function limits({ result }: AuditReport): string[] {
  const lines: string[] = [];
  if (result.sealed > 0)
    lines.push(
      `${many(result.sealed, 'call')} ${result.sealed === 1 ? 'is' : 'are'} sealed and could not be opened: rules about contents say nothing of them (--secrets opens them).`,
    );
  for (const [rule, count] of result.dropped) lines.push(`${rule}: ${count} more sights found no room in the report.`);
  if (result.dropped.size > 0) lines.push(`There are ${limitMessage('findings', result.limits)}.`);
  if (result.inventory.full) lines.push(`The inventory is cut: ${limitMessage('inventory', result.limits)}.`);
  return lines;
}

function many(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** `--list-rules`: a line a rule. */
export function ruleList(rules: readonly Rule[], color: boolean): string {
  const p = paint(color);
  return `${rules.map((r) => `${r.id.padEnd(9)} ${colored(r.severity, p)}  ${r.title}`).join('\n')}\n`;
}

/** `--explain RULE`. */
export function ruleText(rule: Rule, options: AuditTextOptions): string {
  const p = paint(options.color);
  const width = Math.max(60, Math.min(options.width, 120));
  const lines = [`${p.strong(rule.id)}  ${p.strong(rule.title)}  ${colored(rule.severity, p).trimEnd()}`];
  lines.push(
    ...entry('shows', rule.shows, width, p),
    ...entry('why', rule.why, width, p),
    ...entry('do', rule.fix, width, p),
  );
  const see = [...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)];
  lines.push(...entry('see', [...new Set(see)].join(', '), width, p));
  return `${lines.join('\n')}\n`;
}
