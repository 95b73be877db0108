/** Every output of a PDU, a call and a frame; and what no output may hold. */
import { SaxesParser } from 'saxes';
import type { Call } from '../../dissectors/call.js';
import { dissectFrame } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { Audit, RULES, reportOf } from '../../src/analysis/audit/index.js';
import { objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import type { Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { steerless } from '../../src/core/safe-text.js';
import { knownFields } from '../../src/known-fields.js';
import { auditHtml } from '../../src/output/audit/html.js';
import { auditToSarif } from '../../src/output/audit/sarif.js';
import { auditText } from '../../src/output/audit/text.js';
import { callToJson } from '../../src/output/calls/json.js';
import { describeCallText } from '../../src/output/calls/text.js';
import { ekLines } from '../../src/output/columns/ek.js';
import { fieldRows, parseFieldOptions } from '../../src/output/columns/fields.js';
import { pdmlPacket } from '../../src/output/columns/pdml.js';
import { safe } from '../../src/output/terminal.js';
import { renderHex } from '../../src/output/tree/hex.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { pduSummary } from '../../src/output/tree/summary.js';
import { renderNotes, renderTree } from '../../src/output/tree/tree.js';
import { frameOf } from '../frame.js';
import { partitionProblems } from './partition.js';
import type { Random } from './random.js';
import type { RawPacket } from './way.js';

// what may steer a terminal, or is not seen; line feeds are ours
const RAW = /(?!\n)[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

const known = knownFields();
const COLUMNS = [
  'frame.number',
  'ip.src',
  'tcp.dstport',
  'dcerpc.opnum',
  'dcerpc.cn_call_id',
  'dcom.vt.bstr',
  'nrbf.type',
  'nrbf.library',
  'nrbf.member',
  'nrbf.value',
];
const rows = fieldRows(
  COLUMNS.filter((name) => known.get(name) !== undefined),
  known,
  parseFieldOptions([]),
);

/** Problems of one of a PDU's outputs; which, the random numbers say. Needs a tree. */
export function pduOutputProblems(pdu: Pdu, r: Random): string[] {
  const { roots, notes, sources } = pdu.recording;
  const number = pdu.transport.frames.at(-1) ?? 0;
  switch (r.below(7)) {
    case 0:
      return rawProblems('summary', safe(pduSummary(pdu)));
    case 1:
      return rawProblems('tree', renderTree(roots, { color: false, width: r.pick([1, 80, 200]) }));
    case 2:
      return [
        ...rawProblems('notes', renderNotes(notes, { color: false, room: 80 })),
        ...rawProblems('hex', renderHex(sources, false)),
      ];
    case 3:
      return jsonProblems(pdu);
    case 4:
      return lineProblems('fields', rows.row(frameOf(number, [roots])), 1);
    case 5:
      return xmlProblems(pdmlPacket(frameOf(number, [[], roots])));
    default:
      return lineProblems('ek', [...ekLines(frameOf(number, [roots], pdu.transport.time), known)].join(''), 2);
  }
}

/** Problems of one of a call's outputs. */
export function callOutputProblems(call: Call, number: number, table: ObjectTable, r: Random): string[] {
  if (r.once(2)) return rawProblems('call', describeCallText(call));
  const text = JSON.stringify(callToJson(call, number, 'fuzz', { full: r.once(2) }, table));
  const json = JSON.parse(text) as { warnings: { code: string }[] };
  return json.warnings.some((w) => w.code === 'bug') ? ['a call with a bug note'] : [];
}

/** What looks at all calls of a capture: objects and the audit. */
export class Analyses {
  readonly table = new ObjectTable();
  private readonly audit = new Audit(RULES);

  constructor() {
    this.audit.begin('fuzz');
  }

  pdu(pdu: Pdu): void {
    this.audit.pdu(pdu);
  }

  call(call: Call): void {
    this.table.add(call);
  }

  /** Makes their reports. */
  problems(): string[] {
    this.audit.end();
    const report = reportOf(this.audit.result(), null, '0.0.0');
    JSON.stringify(auditToSarif(report));
    const html = auditHtml(report);
    if (/<script[^>]*>[^<]*fuzz/i.test(html)) return ['the report has a script that it should not have'];
    JSON.stringify(objectsReport(this.table, 'fuzz'));
    return rawProblems('audit', auditText(report, { color: false, width: 100 }));
  }
}

/** Problems of a frame's layers and their columns. */
export function layerProblems(p: RawPacket, number: number): string[] {
  const recording = new Recording(true);
  dissectFrame({ ...p, number, fileOffset: 0 }, recording, {});
  const { roots, notes } = recording;
  const frame = frameOf(number, [roots], p);
  const bugs = notes.filter((n) => n.code === 'bug').map((n) => `bug in layers: ${n.message}`);
  return [
    ...bugs,
    ...lineProblems('fields', rows.row(frame), 1),
    ...lineProblems('ek', [...ekLines(frame, known)].join(''), 2),
  ];
}

/** Nothing of what is told becomes markup. */
function xmlProblems(text: string): string[] {
  const problems: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (e) => void problems.push(`pdml: ${e.message}`));
  parser.write(text).close();
  return [...problems, ...rawProblems('pdml', text)];
}

export function rawProblems(what: string, text: string): string[] {
  const found = RAW.exec(text);
  if (found === null) return [];
  return [`${what}: raw U+${text.charCodeAt(found.index).toString(16).padStart(4, '0')} in an output for terminals`];
}

function lineProblems(what: string, text: string, lines: number): string[] {
  const count = text.split(/\r\n|\r|\n/).length;
  // tabs stand between columns; what JSON leaves as it is, the way out takes care of
  const raw = rawProblems(what, steerless(text).replaceAll('\t', ''));
  return count === lines ? raw : [...raw, `${what}: ${count} lines instead of ${lines}`];
}

interface JsonTree {
  name: string;
  source?: number;
  offset?: number;
  length?: number;
  children: JsonTree[];
}

/** The rule of leaves, on the JSON that others read. */
function jsonProblems(pdu: Pdu): string[] {
  const json = JSON.parse(JSON.stringify(pduToJson(pdu, false))) as { tree: JsonTree[] };
  const { sources } = pdu.recording;
  const roots: Node[] = [];
  const todo: { from: JsonTree[]; to: Node[] }[] = [{ from: json.tree, to: roots }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop())
    for (const n of next.from) {
      const start = n.offset ?? 0;
      const node: Node = {
        field: { name: n.name, label: n.name, type: 'none' },
        source: n.offset === undefined ? null : sources[n.source ?? -1],
        start,
        end: start + (n.length ?? 0),
        value: null,
        display: null,
        role: 'data',
        children: [],
      };
      next.to.push(node);
      todo.push({ from: n.children, to: node.children });
    }
  const copy = new Recording(true);
  copy.sources.push(...sources);
  copy.roots.push(...roots);
  return partitionProblems(copy).map((p) => `JSON: ${p}`);
}
