/**
 * An audit's report as one page that needs nothing else: no network, and no script but for a search that it does
 * without. What comes from traffic is escaped, and a policy in the page's head forbids what should slip through.
 */

import { uuidText } from '../../../dissectors/ndr/interface.js';
import {
  type AuditReport,
  type AuditResult,
  type Finding,
  KEPT,
  type Rule,
  SEVERITIES,
  type Severity,
} from '../../analysis/audit/index.js';
import { timeText } from '../../core/time.js';
import { escapeHtml as esc } from './escape.js';
import { countBySeverity } from './json.js';
import { PAGE_SCRIPT, PAGE_SCRIPT_SOURCE } from './script.js';
import { PAGE_STYLE } from './style.js';
import { LEVEL_LEGEND, objectsPicture, talkPicture, timePicture } from './svg.js';
import {
  alsoText,
  captureNames,
  coversText,
  lookedText,
  many,
  objectIdsText,
  partialLines,
  peersText,
  placesText,
  someOf,
  unseenLines,
} from './words.js';

/** Values in one cell of a table. */
const MOST_IN_CELL = 40;
/** Clients of one finding that the page names; JSON has more. */
const MOST_CLIENTS = 200;
/** Findings and rows of one list on a page; JSON has them all. */
const MOST = 1000;

/**
 * The whole page.
 * @param made when the audit was made
 */
export function auditHtml(report: AuditReport, made: Date = new Date()): string {
  const { result, fresh, hasBaseline, version } = report;
  const { captures } = result;
  const title = `Audit of ${captures.length === 1 ? captureNames(captures)(captures[0]) : many(captures.length, 'capture')}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${PAGE_SCRIPT_SOURCE}; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${esc(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${esc(title)}</h1>
<p class="sub">Looked at: ${esc(lookedText(result))}. Made on ${isoDate(made)} by clrscope ${esc(version)}.</p>
${captureList(captures)}
${partial(result)}
<div class="tiles">${tiles(fresh)}</div>
${unseen(result)}
</header>
<main>
<section id="findings"><h2>Findings</h2>
<div id="tools" hidden><input type="search" id="search" placeholder="Search: a rule, host, capture, type …" aria-label="Search findings and inventory" autocomplete="off"><button type="button" id="unfold">Unfold all</button><button type="button" id="fold">Fold all</button><output id="hits" for="search"></output></div>
${findingCards(report)}
</section>
<figure><h2>Who talks to whom, at which level</h2>${
    result.inventory.conversations.size === 0
      ? empty('No call was seen, so nobody talked to anybody.')
      : `${picture(talkPicture(report))}
<figcaption class="legend">${LEVEL_LEGEND.map(([cls, name]) => `<span><i class="key ${cls}"></i>${esc(name)}</span>`).join('')}</figcaption>`
  }</figure>
<figure><h2>Findings over time</h2>${
    result.timeline.list().length === 0
      ? empty('Nothing was found, at no time.')
      : `${picture(timePicture(report))}
<figcaption>Every sight of a finding counts.</figcaption>`
  }</figure>
<figure><h2>Exposed managed objects</h2>${
    [...result.inventory.types.values()].some((t) => t.kinds.has('exposed') || t.kinds.has('called'))
      ? picture(objectsPicture(report))
      : empty('No managed object was told.')
  }</figure>
${hasBaseline ? knownSection(report) : ''}
<section id="inventory"><h2>What the captures expose</h2>${inventoryTables(result) || empty('Nothing was seen of a deployment.')}</section>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function isoDate(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function empty(sentence: string): string {
  return `<p class="empty">${esc(sentence)}</p>`;
}

/** A picture that small screens scroll instead of shrinking its letters. */
function picture(svg: string): string {
  return `<div class="picture" tabindex="0">${svg}</div>`;
}

/** Every capture by its path. */
function captureList(captures: readonly string[]): string {
  if (captures.length < 2) return '';
  const items = captures.map((path) => `<li>${esc(path === '-' ? 'standard input' : path)}</li>`).join('');
  return `<details class="captures"><summary>${many(captures.length, 'capture')}</summary><ol>${items}</ol></details>`;
}

/** That the report is partial, and why. */
function partial(result: AuditResult): string {
  const reasons = partialLines(result);
  if (reasons.length === 0) return '';
  const items = reasons.slice(0, MOST).map((reason) => `<li>${esc(reason)}</li>`);
  return `<div class="note partial" role="note"><b>This report is partial.</b><ul>${items.join('')}</ul></div>`;
}

/** What of the calls could not be looked into, and why. */
function unseen(result: AuditResult): string {
  const lines = unseenLines(result);
  return lines.length === 0 ? '' : `<div class="note">${lines.map((line) => `<p>${esc(line)}</p>`).join('')}</div>`;
}

/** All findings; those of one rule and severity fold together where there are several. */
function findingCards(report: AuditReport): string {
  const { fresh, known, result } = report;
  if (fresh.length === 0)
    return empty(`Nothing ${known.length > 0 ? 'new ' : ''}was found. Looked at: ${lookedText(result)}.`);
  const shown = fresh.slice(0, MOST);
  const groups: Finding[][] = [];
  for (const f of shown) {
    const group = groups.at(-1);
    if (group !== undefined && group[0].rule === f.rule && group[0].severity === f.severity) group.push(f);
    else groups.push([f]);
  }
  const parts = groups.map((group) => {
    const [{ rule, severity }] = group;
    const isBad = severity === 'critical' || severity === 'high';
    if (group.length === 1) return card(group[0], result, isBad);
    const servers = new Set(group.map((f) => f.server)).size;
    const cards = group.map((f) => card(f, result, false)).join('\n');
    return `<details class="group ${severity}"${isBad ? ' open' : ''}><summary>${badge(severity)} <span class="id">${esc(rule.id)}</span> <strong>${esc(rule.title)}</strong> <span class="times">${many(group.length, 'finding')} at ${many(servers, 'server')}</span></summary>
${advice(rule)}
${cards}</details>`;
  });
  const rest = fresh.length - shown.length;
  return `${parts.join('\n')}${rest > 0 ? `<p>and ${rest} more, which JSON has</p>` : ''}`;
}

/** Counts by severity; each is a switch that shows or hides its findings. */
function tiles(findings: readonly Finding[]): string {
  const counts = countBySeverity(findings);
  return SEVERITIES.map(
    (s) =>
      `<label class="tile s-${s}-tile" title="show or hide these findings"><input type="checkbox" id="show-${s}" checked><b>${counts[s]}</b><span>${s}</span></label>`,
  ).join('');
}

function badge(severity: Severity): string {
  return `<span class="badge s-${severity}">${severity}</span>`;
}

function advice(rule: Rule): string {
  return `<p><b>Why it matters.</b> ${esc(rule.why)}</p>
<p><b>What to do.</b> ${esc(rule.fix)}</p>`;
}

/** A finding. */
function card(f: Finding, result: AuditResult, isOpen: boolean): string {
  const { rule } = f;
  const facts: [string, string][] = [
    ['Peers', peersText(f, result, MOST_CLIENTS)],
    ['Where', placesText(f, result, KEPT.captures)],
    ['Operations', f.operations.join(', ')],
    ['Also seen', alsoText(f, f.evidences.length)],
    ['Stands for', coversText(f)],
    [f.objectNames.count > 1 ? 'Objects' : 'Object', objectIdsText(f)],
    ['Bytes', bytesText(f)],
    ['Confidence', f.confidence],
    ['Community ID', f.communityIds.join(', ')],
    ['Seen', f.count === 1 ? timeText(f.first) : `${f.count} times from ${timeText(f.first)} to ${timeText(f.last)}`],
    ['See', [...new Set([...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)])].join(', ')],
    ['Fingerprint', f.fingerprint],
  ];
  return `<details class="card ${f.severity}"${isOpen ? ' open' : ''}><summary>${badge(f.severity)} <span class="id">${esc(rule.id)}</span> <strong>${esc(rule.title)}</strong>${f.count > 1 ? ` <span class="times">${f.count} times</span>` : ''}<span class="peers">${esc(peersText(f, result, 1))}</span><span class="evidence">${esc(f.evidence)}</span></summary>
${advice(rule)}
<dl>${facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<dt>${name}</dt><dd>${esc(value)}</dd>`)
    .join('')}</dl></details>`;
}

function bytesText({ bytes }: Finding): string {
  if (bytes === null) return '';
  const [run] = bytes.file;
  const file = run === undefined ? '' : `; in the file from byte ${run.offset} on`;
  return `${bytes.length} bytes at ${bytes.offset} of ${bytes.source}${file}`;
}

function knownSection({ result, known, absent }: AuditReport): string {
  const rows = known.slice(0, MOST).map((f) => [f.severity, f.rule.id, peersText(f, result, 3), f.evidence]);
  return `<section id="known"><h2>Known already</h2><p>${known.length} findings of the baseline were seen again, ${absent.length} were not.</p>${table(['Severity', 'Rule', 'Peers', 'Evidence'], rows)}</section>`;
}

const join = (set: ReadonlySet<string>): string => someOf([...set], MOST_IN_CELL, set.size);

function inventoryTables({ inventory: i, hosts }: AuditResult): string {
  const at = (addresses: ReadonlySet<string>): string => join(hosts.textsOf(addresses));
  const tables: [string, string[], string[][]][] = [
    [
      'Servers',
      ['Address', 'Endpoints', 'Bindings told', 'COM', 'Processes', 'Interfaces', 'Clients'],
      [...i.servers].map(([address, s]) => [
        hosts.text(address),
        ...[s.endpoints, s.bindings, s.comVersions, s.processIds, s.interfaces].map(join),
        at(s.clients),
      ]),
    ],
    [
      'Classes',
      ['CLSID', 'Servers', 'Activated by'],
      [...i.classes].map(([id, c]) => [uuidText(id, c.name ?? undefined), at(c.servers), at(c.clients)]),
    ],
    [
      'Managed types',
      ['Type', 'Assembly', 'Version', 'Strong name', 'How', 'Hosts', 'URIs'],
      [...i.types.values()].map((t) => [
        t.name,
        t.assembly ?? '',
        t.version ?? '',
        t.strongName === null ? '' : t.strongName ? 'yes' : 'no',
        [...t.kinds].join(', '),
        at(t.hosts),
        join(t.uris),
      ]),
    ],
    [
      'CLR instances',
      ['GUID', 'Servers', 'Application domains'],
      [...i.clrs].map(([guid, c]) => [guid, at(c.servers), join(c.domains)]),
    ],
    ['URIs', ['URI', 'Hosts'], [...i.uris].map(([uri, servers]) => [uri, at(servers)])],
    [
      'Accounts',
      ['Account', 'By', 'Level', 'From', 'To'],
      [...i.accounts].map(([user, a]) => [user, join(a.mechanisms), join(a.levels), at(a.clients), at(a.servers)]),
    ],
  ];
  return tables
    .filter(([, , rows]) => rows.length > 0)
    .map(([title, head, rows]) => `<h3>${esc(title)}</h3>${table(head, rows)}`)
    .join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((c) => `<${tag}>${esc(c)}</${tag}>`).join('')}</tr>`;
  const more = rows.length > MOST ? `<p>and ${rows.length - MOST} more</p>` : '';
  return `<div class="scroll"><table><thead>${line(head, 'th')}</thead><tbody>${rows
    .slice(0, MOST)
    .map((r) => line(r, 'td'))
    .join('')}</tbody></table></div>${more}`;
}
