/** Statistics as tables, with the spread of response times as a picture in a line. */
import type { CallTally, StatsReport, Times } from '../../analysis/stats/stats.js';
import { Hosts } from '../../core/hosts.js';
import { clockText, timeText } from '../../core/time.js';
import { cutTo, foldTo } from '../line-width.js';
import { type Paint, paint, safe } from '../terminal.js';

/** Captures that are named; JSON has all. */
const NAMED = 20;

function captures(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map(safe).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${count(names.length, 'capture')}${names.length > 1 ? `: ${shown}${more}` : ''}`;
}

/** Rows of a table that are printed; JSON has all. */
const ROWS = 100;

/** What goes first where a table is too wide. */
const DISPENSABLE = [
  ...['last', 'first', 'transport', 'bytes out', 'bytes in', 'min', 'silent', '95 %', 'connections', 'max', 'faults'],
];

/** Colours, what hosts are called, and columns of the terminal. */
type Page = Paint & { readonly hosts: Hosts; readonly width: number };

/** Column heads; one that begins with `>` stands to the right. */
type Head = readonly string[];

/** The tables, each with a title; columns go where `width` has no room for them. */
export function statsText(
  report: StatsReport,
  color: boolean,
  width = Number.POSITIVE_INFINITY,
  hosts = new Hosts(),
): string {
  const p = { ...paint(color), hosts, width };
  const folded = (line: string): string => `${foldTo(line, width).join('\n')}\n`;
  const parts = [folded(`${p.strong(count(report.calls, 'call'))} in ${captures(report.captures)}`)];
  if (report.conversations.length > 0) parts.push(conversations(report, p));
  if (report.security.length > 0) parts.push(security(report, p));
  if (report.interfaces.length > 0) parts.push(interfaces(report, p), operations(report, p));
  if (report.hresults.length > 0) parts.push(hresults(report, p));
  if (report.faults.length > 0) parts.push(faults(report, p));
  if (report.passedOver > 0) parts.push(`${count(report.passedOver, 'message')} of SMB about files: passed over\n`);
  for (const w of report.warnings) parts.push(folded(`${p.warning(`⚠ ${w.code}`)}: ${w.message}`));
  return parts.join('\n');
}

const TALLY: Head = ['>calls', '>failed', '>faults', '>silent', '>bytes in', '>bytes out'];

function tally(t: CallTally): string[] {
  return [t.calls, t.failed, t.faults, t.unanswered, t.bytes.in, t.bytes.out].map(String);
}

function conversations(report: StatsReport, p: Page): string {
  const head = ['client', 'server', 'transport', 'authentication', '>connections', ...TALLY, 'first', 'last'];
  const rows = report.conversations.map((c) => [
    p.hosts.text(c.client),
    p.hosts.endpoint({ address: c.server, port: c.port }),
    c.transport,
    authText(c.auth.type, c.auth.level),
    String(c.connections),
    ...tally(c),
    timeText(c.first),
    clockText(c.last),
  ]);
  // which is which by port alone, where all use the same
  const isOne = new Set(report.conversations.map((c) => c.transport)).size === 1;
  return table(
    'Conversations',
    head,
    rows,
    p,
    isOne ? DISPENSABLE : DISPENSABLE.filter((name) => name !== 'transport'),
  );
}

function security(report: StatsReport, p: Page): string {
  const most = Math.max(1, ...report.security.map((s) => s.connections));
  const rows = report.security.map((s) => [
    authText(s.type, s.level),
    String(s.connections),
    String(s.calls),
    bar(s.connections / most),
  ]);
  return table('Connections by authentication', ['authentication', '>connections', '>calls', ''], rows, p);
}

const TIMES: Head = ['>min', '>median', '>95 %', '>max'];

function times(t: Times): string[] {
  return [t.min, t.median, t.p95, t.max].map((s) => (s === null ? '' : seconds(s)));
}

function interfaces(report: StatsReport, p: Page): string {
  const rows = report.interfaces.map((i) => [i.interface ?? 'unknown', ...tally(i), ...times(i.times)]);
  return table('Interfaces', ['interface', ...TALLY, ...TIMES], rows, p);
}

function operations(report: StatsReport, p: Page): string {
  const { min, max } = report.range;
  const scale = min === null || max === null ? '' : `${seconds(min)} … ${seconds(max)}`;
  const rows = report.operations.map((o) => [
    `${o.interface ?? 'unknown'}.${o.operation ?? '(unknown operation)'}`,
    ...tally(o),
    ...times(o.times),
    picture(o.picture),
  ]);
  return table('Operations', ['operation', ...TALLY, ...TIMES, scale], rows, p, [...DISPENSABLE, scale]);
}

function hresults(report: StatsReport, p: Page): string {
  const rows = report.hresults.map((h) => [String(h.count), h.code, h.name, h.exception ?? '']);
  return table('Results other than S_OK', ['>count', 'code', 'name', 'exception'], rows, p);
}

function faults(report: StatsReport, p: Page): string {
  const rows = report.faults.map((f) => [String(f.count), f.status, f.name]);
  return table('Faults', ['>count', 'status', 'name'], rows, p);
}

function authText(type: string | null, level: string): string {
  return type === null ? level.toLowerCase() : `${type} ${level}`;
}

/** A table as wide as its cells, or as the room for it: a row takes several lines then. */
function table(title: string, head: Head, rows: string[][], p: Page, dispensable = DISPENSABLE): string {
  const room = p.width - MARGIN;
  const shown = rows.slice(0, ROWS).map((row) => row.map((cell) => cutTo(safe(cell), room)));
  const names = head.map((h) => h.replace(/^>/, ''));
  const widths = names.map((name, i) => Math.max(name.length, ...shown.map((row) => row[i].length)));
  const kept = columnsFor(names, widths, p.width, dispensable);
  const lines = linesFor(kept, widths, p.width);
  const row = (cells: readonly string[]): string[] =>
    lines.map((columns, n) => {
      const padded = columns.map((i) =>
        head[i].startsWith('>') ? cells[i].padStart(widths[i]) : cells[i].padEnd(widths[i]),
      );
      return `${n === 0 ? '  ' : '      '}${padded.join('  ')}`.trimEnd();
    });
  const more = rows.length > ROWS ? [p.offset(`  … and ${rows.length - ROWS} more (-T json has all)`)] : [];
  return [p.strong(title), ...row(names).map(p.offset), ...shown.flatMap(row), ...more, ''].join('\n');
}

/** Columns in front of a row's further lines. */
const MARGIN = 6;

/** Indexes of the columns that fit. */
function columnsFor(
  names: readonly string[],
  widths: readonly number[],
  width: number,
  dispensable: readonly string[],
): number[] {
  let kept = names.map((_, i) => i);
  for (const name of dispensable) {
    if (kept.reduce((sum, i) => sum + widths[i] + 2, 0) <= width) break;
    kept = kept.filter((i) => names[i] !== name);
  }
  return kept;
}

/** The columns of each line of a row: one line, where that has room for all. */
function linesFor(kept: readonly number[], widths: readonly number[], width: number): number[][] {
  let line: number[] = [];
  const lines = [line];
  let taken = 0;
  for (const i of kept) {
    if (line.length > 0 && taken + 2 + widths[i] > width) {
      line = [];
      lines.push(line);
      taken = MARGIN - 2;
    }
    line.push(i);
    taken += 2 + widths[i];
  }
  return lines;
}

const STEPS = '▁▂▃▄▅▆▇█';

/** Counts as a line of blocks, empty where there is none. */
function picture(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((n) => (n === 0 ? '·' : STEPS[Math.ceil((n / most) * STEPS.length) - 1])).join('');
}

function bar(share: number): string {
  return '█'.repeat(Math.max(1, Math.round(share * 20)));
}

function seconds(s: number): string {
  if (s >= 1) return `${s.toFixed(2)} s`;
  if (s >= 0.001) return `${(s * 1000).toFixed(1)} ms`;
  return `${(s * 1e6).toFixed(0)} µs`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
