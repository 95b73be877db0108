/** Pictures of an audit's report, as SVG that stands inside the page: its colours are the page's, light or dark. */
import { type AuditReport, SEVERITIES } from '../../analysis/audit/index.js';
import { levelText } from '../../analysis/levels.js';
import { cut } from '../../core/text.js';
import { isoTime } from '../../core/time.js';
import { escapeHtml as esc } from './escape.js';

const WIDTH = 960;

/** Rows of a picture; what does not fit is counted. */
const MOST_ROWS = 40;

/** Levels from the weakest on. */
const LEVEL_ORDER = ['unknown', 'NONE', 'DEFAULT', 'CONNECT', 'CALL', 'PKT', 'PKT_INTEGRITY', 'PKT_PRIVACY'];

/** Name of a level's colour. */
function levelClass(level: string): string {
  if (level === 'PKT_PRIVACY') return 'l-privacy';
  if (level === 'PKT_INTEGRITY') return 'l-integrity';
  if (level === 'PKT' || level === 'CALL') return 'l-packet';
  return level === 'unknown' ? 'l-unknown' : 'l-none';
}

function svg(id: string, title: string, description: string, height: number, body: string): string {
  return `<svg id="${id}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${esc(title)}</title><desc id="${id}-desc">${esc(description)}</desc>
${body}
</svg>`;
}

function text(x: number, y: number, content: string, cls = '', anchor = 'start', most = 60): string {
  const short = cut(content, most);
  const full = short === content ? '' : `<title>${esc(content)}</title>`;
  return `<text x="${x}" y="${y}" class="${cls}" text-anchor="${anchor}">${esc(short)}${full}</text>`;
}

function box(x: number, y: number, w: number, h: number, cls: string): string {
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="6" class="${cls}"/>`;
}

/** Who talks to whom at which level: a line for each pair and level, as thick as there are calls. */
export function talkPicture({ result }: AuditReport): string {
  const rows: { client: string; server: string; level: string; calls: number }[] = [];
  for (const { client, server, levels } of result.inventory.conversations.values())
    for (const [level, calls] of levels) rows.push({ client, server, level, calls });
  const order = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
  rows.sort(
    (a, b) =>
      order(a.client, b.client) ||
      order(a.server, b.server) ||
      LEVEL_ORDER.indexOf(a.level) - LEVEL_ORDER.indexOf(b.level),
  );
  const shown = rows.slice(0, MOST_ROWS);
  const step = 46;
  const top = 40;
  const rowY = shown.map((_, i) => top + 23 + i * step);
  const clients = columnOf(
    shown.map((r) => r.client),
    rowY,
    step,
  );
  const servers = columnOf(
    shown.map((r) => r.server),
    rowY,
    step,
  );
  const bottom = Math.max(top + shown.length * step, ...[...clients.values(), ...servers.values()].map((y) => y + 24));
  const parts = [
    text(30, 22, 'clients', 'caption'),
    text(WIDTH / 2, 22, 'level and calls', 'caption', 'middle'),
    text(WIDTH - 30, 22, 'servers', 'caption', 'end'),
  ];
  shown.forEach((r, i) => {
    const y = rowY[i];
    const from = clients.get(r.client) ?? y;
    const to = servers.get(r.server) ?? y;
    const thick = Math.min(9, 1.5 + Math.log10(1 + r.calls) * 1.8).toFixed(1);
    const cls = levelClass(r.level);
    parts.push(
      `<path class="edge ${cls}" stroke-width="${thick}" d="M230 ${from} C300 ${from} 300 ${y} 360 ${y} L600 ${y} C660 ${y} 660 ${to} 726 ${to}"/>`,
      `<path class="arrow ${cls}" d="M738 ${to} l-14 -7 v14 z"/>`,
      text(WIDTH / 2, y - 9, `${r.level} · ${r.calls} call${r.calls === 1 ? '' : 's'}`, `strong ${cls}-text`, 'middle'),
    );
  });
  for (const [name, y] of clients)
    parts.push(box(20, y - 17, 210, 34, 'node'), text(125, y + 5, result.hosts.text(name), 'strong', 'middle', 28));
  for (const [name, y] of servers) {
    parts.push(box(740, y - 17, 200, 34, 'node'), text(840, y + 5, result.hosts.text(name), 'strong', 'middle', 27));
  }
  if (rows.length > shown.length)
    parts.push(text(WIDTH / 2, bottom + 16, `and ${rows.length - shown.length} more`, 'caption', 'middle'));
  const words = shown
    .map((r) => `${result.hosts.text(r.client)} to ${result.hosts.text(r.server)}: ${r.calls} calls at ${r.level}`)
    .join('; ');
  return svg('talk', 'Who talks to whom at which level', cut(words, 2000), bottom + 26, parts.join('\n'));
}

/** Each name at the mean of its rows, pushed down where two would overlap. */
function columnOf(names: readonly string[], rowY: readonly number[], step: number): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  names.forEach((name, i) => {
    const s = sums.get(name) ?? { sum: 0, count: 0 };
    sums.set(name, { sum: s.sum + rowY[i], count: s.count + 1 });
  });
  const sorted = [...sums].map(([name, { sum, count }]) => ({ name, y: sum / count })).sort((a, b) => a.y - b.y);
  let least = Number.NEGATIVE_INFINITY;
  const placed = new Map<string, number>();
  for (const { name, y } of sorted) {
    const at = Math.round(Math.max(y, least));
    placed.set(name, at);
    least = at + step;
  }
  return placed;
}

/** Findings by severity over time: stacked bars. */
export function timePicture({ result }: AuditReport): string {
  const buckets = result.timeline.list();
  const { width } = result.timeline;
  const slots = Math.max(24, buckets.length);
  const left = 50;
  const right = WIDTH - 20;
  const top = 20;
  const base = 220;
  const slot = (right - left) / slots;
  const most = niceMost(Math.max(1, ...buckets.map((b) => b.counts.reduce((sum, n) => sum + n, 0))));
  const scale = (base - top) / most;
  const parts: string[] = [];
  for (let i = 0; i <= 4; i++) {
    const value = (most / 4) * i;
    const y = base - value * scale;
    parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>`);
    if (Number.isInteger(value)) parts.push(text(left - 8, y + 4, String(value), 'tick', 'end'));
  }
  buckets.forEach((bucket, i) => {
    let y = base;
    // the worst stands on the ground, where it is easiest to compare
    bucket.counts.forEach((count, rank) => {
      if (count === 0) return;
      const h = count * scale;
      y -= h;
      const x = left + i * slot + slot * 0.1;
      const hint = `${count} ${SEVERITIES[rank]}, ${spanText((bucket.start - buckets[0].start) * 1000)} after the first`;
      parts.push(
        `<rect class="s-${SEVERITIES[rank]}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(slot * 0.8).toFixed(1)}" height="${h.toFixed(1)}"><title>${esc(hint)}</title></rect>`,
      );
    });
  });
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const x = left + (right - left) * part;
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    const label = part === 0 ? 'first' : `+${spanText(part * slots * width * 1000)}`;
    parts.push(text(x, base + 20, label, 'tick', anchor));
  }
  let x = left;
  for (const severity of SEVERITIES) {
    parts.push(box(x, base + 36, 12, 12, `s-${severity}`), text(x + 18, base + 47, severity, 'tick'));
    x += 100;
  }
  const first = buckets[0] === undefined ? '' : `${dateText(buckets[0].start)} UTC`;
  parts.push(text(right, base + 47, first === '' ? 'nothing was found' : `from ${first}`, 'tick', 'end'));
  const sums = SEVERITIES.map((s, rank) => `${buckets.reduce((sum, b) => sum + b.counts[rank], 0)} ${s}`).join(', ');
  return svg('time', 'Findings by severity over time', `Sights of findings: ${sums}`, base + 62, parts.join('\n'));
}

/** The next number of four equal whole steps. */
function niceMost(n: number): number {
  const step = Math.ceil(n / 4);
  const magnitude = 10 ** Math.floor(Math.log10(step));
  for (const m of [1, 2, 5, 10]) if (step <= m * magnitude) return 4 * m * magnitude;
  return 4 * step;
}

function dateText(seconds: number): string {
  const iso = isoTime({ sec: Math.floor(seconds), nsec: 0 });
  return iso === null ? 'an unknown time' : iso.replace('T', ' ').replace(/\.\d+Z$/, '');
}

function spanText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** Exposed managed objects: which host, which runtime, which type of which assembly, and under which URI. */
export function objectsPicture({ result }: AuditReport): string {
  const { inventory } = result;
  const hosts = new Map<string, { types: string[][] }>();
  let left = MOST_ROWS;
  let more = 0;
  for (const t of inventory.types.values()) {
    if (!t.kinds.has('exposed') && !t.kinds.has('called')) continue;
    for (const host of t.hosts) {
      if (left-- <= 0) {
        more++;
        continue;
      }
      const entry = hosts.get(host) ?? { types: [] };
      hosts.set(host, entry);
      const assembly = t.assembly === null ? 'assembly not told' : `${t.assembly} ${t.version ?? ''}`.trim();
      const sign = t.strongName === false ? ', no strong name' : '';
      const lines = [t.name, `${assembly}${sign}`, `${[...t.kinds].join(', ')}`];
      for (const uri of [...t.uris].slice(0, 3)) lines.push(`URI ${uri}`);
      const interfaces = [...t.interfaces];
      if (interfaces.length > 0)
        lines.push(`implements ${interfaces.slice(0, 3).join(', ')}${interfaces.length > 3 ? ' …' : ''}`);
      entry.types.push(lines);
    }
  }
  const parts = [text(30, 22, 'host and runtime', 'caption'), text(460, 22, 'managed types', 'caption')];
  let y = 36;
  for (const [host, { types }] of hosts) {
    const facts = hostFacts(inventory, host);
    const heights = types.map((lines) => 18 + lines.length * 18);
    const total = Math.max(
      heights.reduce((sum, h) => sum + h + 12, -12),
      30 + facts.length * 18,
    );
    const hostHeight = 38 + facts.length * 18;
    const middle = y + hostHeight / 2;
    let at = y;
    types.forEach((lines, i) => {
      const center = at + heights[i] / 2;
      parts.push(
        `<path class="edge l-unknown" stroke-width="1.5" d="M372 ${middle} C412 ${middle} 412 ${center} 452 ${center}"/>`,
      );
      parts.push(box(452, at, 488, heights[i], 'node'));
      lines.forEach((line, n) => {
        const weak = n === 1 && line.endsWith('no strong name') ? ' warn' : '';
        parts.push(
          text(468, at + 24 + n * 18, line, `${n === 0 ? 'strong' : 'small'}${weak}`, 'start', n === 0 ? 58 : 66),
        );
      });
      at += heights[i] + 12;
    });
    parts.push(
      box(20, y, 352, hostHeight, 'node host'),
      text(36, y + 24, result.hosts.text(host), 'strong', 'start', 38),
    );
    facts.forEach((fact, n) => {
      parts.push(text(36, y + 44 + n * 18, fact, 'small', 'start', 46));
    });
    y += total + 24;
  }
  if (hosts.size === 0) {
    parts.push(text(30, 60, 'No managed object was told.', 'small'));
    y = 90;
  }
  if (more > 0) parts.push(text(460, y, `and ${more} more`, 'caption'));
  const words = [...hosts]
    .map(([host, { types }]) => `${result.hosts.text(host)}: ${types.map((l) => l[0]).join(', ')}`)
    .join('; ');
  return svg(
    'objects',
    'Exposed managed objects with their types',
    cut(words || 'none', 2000),
    y + 10,
    parts.join('\n'),
  );
}

/** Runtimes, processes and addresses of a host. */
function hostFacts(inventory: AuditReport['result']['inventory'], host: string): string[] {
  const facts: string[] = [];
  for (const [guid, clr] of inventory.clrs)
    if (clr.servers.has(host) && facts.length < 4) facts.push(`CLR ${guid.replace(/[{}]/g, '')}`);
  const server = inventory.servers.get(host);
  if (server !== undefined && server.processIds.size > 0)
    facts.push(`process ${[...server.processIds].slice(0, 6).join(', ')}`);
  if (server !== undefined) facts.push([...server.endpoints].slice(0, 3).join(', '));
  return facts;
}

/** Entries of the legend of `talkPicture`. */
export const LEVEL_LEGEND: readonly (readonly [cls: string, name: string])[] = [
  ['l-none', `${levelText(0)} or ${levelText(2)}: readable and changeable`],
  ['l-packet', 'PKT: signed by most, readable'],
  ['l-integrity', 'PKT_INTEGRITY: signed, readable'],
  ['l-privacy', 'PKT_PRIVACY: signed and sealed'],
];
