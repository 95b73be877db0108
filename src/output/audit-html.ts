/**
 * An audit's report as one page that needs nothing else: no network, no script. What comes from traffic is escaped, and
 * a policy in the page's head forbids what should slip through.
 */
import { type AuditReport, type Finding, type Inventory, SEVERITIES } from '../analysis/audit/index.js';
import { limitMessage } from '../core/limits.js';
import { timeText } from '../core/time.js';
import { escapeHtml as esc } from './audit-escape.js';
import { countBySeverity } from './audit-json.js';
import { PAGE_STYLE } from './audit-style.js';
import { LEVEL_LEGEND, objectsPicture, talkPicture, timePicture } from './audit-svg.js';
import { placesText } from './audit-text.js';

/** Findings and rows of one list on a page; JSON has them all. */
const MOST = 1000;

/** The whole page. */
export function auditHtml(report: AuditReport): string {
  const { result, fresh, known, hasBaseline, absent, version } = report;
  const names = result.captures.map((c) => c.slice(c.lastIndexOf('/') + 1));
  const title = `Audit of ${names.length === 1 ? names[0] : `${names.length} captures`}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${esc(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${esc(title)}</h1>
<p class="sub">${result.calls} calls${names.length > 1 ? ` in ${esc(names.slice(0, 6).join(', '))}${names.length > 6 ? ' …' : ''}` : ''}, clrscope ${esc(version)}</p>
<div class="tiles">${tiles(fresh)}</div>
${warnings(report)}
</header>
<main>
<figure><h2>Who talks to whom, at which level</h2>${talkPicture(report)}
<figcaption class="legend">${LEVEL_LEGEND.map(([cls, name]) => `<span><i class="key ${cls}"></i>${esc(name)}</span>`).join('')}</figcaption></figure>
<figure><h2>Findings over time</h2>${timePicture(report)}
<figcaption>Every sight of a finding counts.</figcaption></figure>
<figure><h2>Exposed managed objects</h2>${objectsPicture(report)}</figure>
<section id="findings"><h2>Findings</h2>
${
  fresh.length === 0
    ? '<p>Nothing was found.</p>'
    : fresh
        .slice(0, MOST)
        .map((f, i) => card(f, fresh[i - 1]?.rule === f.rule))
        .join('\n')
}
${fresh.length > MOST ? `<p>and ${fresh.length - MOST} more</p>` : ''}
</section>
${hasBaseline ? knownSection(known, absent.length) : ''}
<section id="inventory"><h2>What the captures expose</h2>${inventoryTables(result.inventory)}</section>
</main>
</body>
</html>
`;
}

/** Counts by severity; each is a switch that shows or hides its findings. */
function tiles(findings: readonly Finding[]): string {
  const counts = countBySeverity(findings);
  return SEVERITIES.map(
    (s) =>
      `<label class="tile s-${s}-tile" title="show or hide these findings"><input type="checkbox" id="show-${s}" checked><b>${counts[s]}</b><span>${s}</span></label>`,
  ).join('');
}

function warnings({ result }: AuditReport): string {
  const lines: string[] = [];
  if (result.sealed > 0)
    lines.push(
      `${result.sealed} of ${result.calls} calls are sealed and could not be opened: rules about contents say nothing of them.`,
    );
  for (const [rule, count] of result.dropped) lines.push(`${rule}: ${count} more sights found no room.`);
  if (result.dropped.size > 0) lines.push(`There are ${limitMessage('findings', result.limits)}.`);
  if (result.inventory.full) lines.push(`The inventory is cut: ${limitMessage('inventory', result.limits)}.`);
  return lines.map((line) => `<p class="note">${esc(line)}</p>`).join('');
}

/** A finding; the first of a rule is open where it is bad. */
function card(f: Finding, again: boolean): string {
  const { rule } = f;
  const open = !again && (f.severity === 'critical' || f.severity === 'high') ? ' open' : '';
  const facts: [string, string][] = [
    ['Peers', `${f.client} → ${f.server}${f.ports.length === 0 ? '' : `:${f.ports.join(', ')}`}`],
    ['Where', placesText(f)],
    ['Operations', f.operations.join(', ')],
    [
      'Object',
      Object.entries(f.object ?? {})
        .filter(([, v]) => v)
        .map(([k, v]) => `${k.toUpperCase()} ${v}`)
        .join(', '),
    ],
    ['Bytes', bytesText(f)],
    ['Confidence', f.confidence],
    ['Community ID', f.communityIds.join(', ')],
    ['Seen', f.count === 1 ? timeText(f.first) : `${f.count} times from ${timeText(f.first)} to ${timeText(f.last)}`],
    ['See', [...new Set([...rule.references, ...rule.cwe, ...rule.attack.map((t) => `ATT&CK ${t}`)])].join(', ')],
    ['Fingerprint', f.fingerprint],
  ];
  return `<details class="card ${f.severity}"${open}><summary><span class="badge s-${f.severity}">${f.severity}</span> <span class="id">${esc(rule.id)}</span> <strong>${esc(rule.title)}</strong>${f.count > 1 ? ` <span class="times">${f.count} times</span>` : ''}<span class="evidence">${esc(f.evidence)}</span></summary>
<p><b>Why it matters.</b> ${esc(rule.why)}</p>
<p><b>What to do.</b> ${esc(rule.fix)}</p>
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

function knownSection(known: readonly Finding[], absent: number): string {
  const rows = known.slice(0, MOST).map((f) => [f.severity, f.rule.id, `${f.client} → ${f.server}`, f.evidence]);
  return `<section id="known"><h2>Known already</h2><p>${known.length} findings of the baseline were seen again, ${absent} were not.</p>${table(['Severity', 'Rule', 'Peers', 'Evidence'], rows)}</section>`;
}

const join = (set: ReadonlySet<string>): string => [...set].join(', ');

function inventoryTables(i: Inventory): string {
  const tables: [string, string[], string[][]][] = [
    [
      'Servers',
      ['Address', 'Endpoints', 'Bindings told', 'COM', 'Processes', 'Interfaces', 'Clients'],
      [...i.servers].map(([address, s]) => [
        address,
        join(s.endpoints),
        join(s.bindings),
        join(s.comVersions),
        join(s.processIds),
        join(s.interfaces),
        join(s.clients),
      ]),
    ],
    [
      'Classes',
      ['CLSID', 'Servers', 'Activated by'],
      [...i.classes].map(([id, c]) => [id, join(c.servers), join(c.clients)]),
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
        join(t.servers),
        join(t.uris),
      ]),
    ],
    [
      'CLR instances',
      ['GUID', 'Servers', 'Application domains'],
      [...i.clrs].map(([guid, c]) => [guid, join(c.servers), join(c.domains)]),
    ],
    ['URIs', ['URI', 'Hosts'], [...i.uris].map(([uri, hosts]) => [uri, join(hosts)])],
    [
      'Accounts',
      ['Account', 'By', 'Level', 'From', 'To'],
      [...i.accounts].map(([user, a]) => [user, join(a.mechanisms), join(a.levels), join(a.clients), join(a.servers)]),
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
