/** Objects on one page: apartments, the objects in them, their interface pointers, what was done with each, and those of remoting. */
import { shortId } from '../../dissectors/dcom/value-text.js';
import { uuidText } from '../../dissectors/ndr/interface.js';
import { objRefText, shortType } from '../../dissectors/nrbf/index.js';
import type { ApartmentReport, LazyReport, ObjectReport, PointerReport } from '../analysis/objects/report.js';
import { attemptText, refusalText } from '../analysis/refusals.js';
import { Hosts } from '../core/hosts.js';
import { foldTo } from './line-width.js';
import { type Page, remotingHead, remotingLines, remotingText } from './objects-remoting.js';
import { allFrames, countOf, framesText } from './objects-words.js';
import { paint, safe } from './terminal.js';

/**
 * Lines of a report, each ending with a line feed: those of an apartment at a time, then the rest.
 * @param room columns that a line may take; what is longer goes on in lines of its own
 */
export function* objectsText(
  report: LazyReport,
  color: boolean,
  hosts = new Hosts(),
  room = Number.POSITIVE_INFINITY,
): Generator<string> {
  const p = { ...paint(color), hosts };
  const folded = (lines: readonly string[]): string => `${lines.flatMap((line) => foldTo(line, room)).join('\n')}\n`;
  let front = '';
  for (const apartment of report.apartments) {
    const lines = apartmentLines(apartment, p);
    for (const object of apartment.objects) lines.push(...objectLines(object, p));
    yield front + folded(lines);
    front = '\n';
  }
  for (const lines of remotingText(report.remoting, p)) {
    yield front + folded(lines);
    front = '\n';
  }
  const lines = front === '' ? [p.offset('no objects were seen')] : [];
  for (const a of report.unreached)
    lines.push(
      `${p.problem('✗')} ${hosts.text(a.client.address)}: ${p.problem(safe(attemptText(a, hosts.endpoint(a.server))))}  ${p.offset(inFrames(a.frames))}`,
    );
  for (const r of report.refusedBinds) {
    const times = r.count === 1 ? '' : `, ${r.count} times`;
    const text = `${hosts.endpoint(r.server)}: ${refusalText(r)}${times}`;
    lines.push(`${p.problem('✗')} ${hosts.text(r.client)} → ${p.problem(safe(text))}  ${p.offset(inFrames(r.frames))}`);
  }
  for (const w of report.warnings) lines.push(`${p.warning(`⚠ ${w.code}`)}: ${w.message}`);
  if (lines.length > 0) yield folded(lines);
}

function apartmentLines(a: ApartmentReport, p: Page): string[] {
  const name = a.oxid === null ? 'apartment unknown' : `apartment ${p.value(a.oxid)}`;
  const bindings = a.bindings.length === 0 ? '' : `  ${p.text(safe(a.bindings.join(', ')))}`;
  const lines = [`${p.strong(p.hosts.text(a.server))}  ${name}${bindings}`];
  const facts: string[] = [];
  if (a.processId !== null) {
    const thread = a.threadId === null ? '' : `, thread ${a.threadId}`;
    facts.push(`process ${a.processId}${thread}, ${a.kind}`);
  }
  if (a.remUnknown !== null)
    facts.push(
      `${a.remUnknown.interface ?? 'IRemUnknown'} ${shortId(a.remUnknown.ipid)}, ${countOf(a.remUnknown.calls, 'call')}`,
    );
  if (a.comVersion !== null) facts.push(`COM ${a.comVersion}`);
  if (a.authnHint !== null) facts.push(`wants ${a.authnHint}`);
  if (facts.length > 0) lines.push(`  ${facts.map(safe).join(' · ')}`);
  if (a.securityBindings.length > 0) lines.push(`  offers ${safe(a.securityBindings.join(', '))}`);
  for (const s of a.security) {
    const who = s.user === null ? '' : ` as ${s.user}`;
    const isNone = s.type === null && s.level === 'NONE';
    const how = isNone
      ? 'no authentication'
      : s.type === null
        ? 'unknown authentication'
        : `${s.type} ${s.level}${who}`;
    const text = `  ${countOf(s.calls, 'call')} with ${safe(how)}`;
    lines.push(isNone ? p.warning(text) : text);
  }
  for (const c of a.clients) {
    const border = c.crosses === 'none' ? 'within the apartment' : `across ${c.crosses}`;
    lines.push(`  ${countOf(c.calls, 'call')} from ${p.hosts.text(c.address)}, ${border}`);
  }
  return lines;
}

function objectLines(o: ObjectReport, p: Page): string[] {
  const lines = [`  ${p.strong('object')} ${headline(o, p)}`];
  const add = (text: string): void => {
    lines.push(`    ${text}`);
  };
  if (o.created !== null) {
    const clsid = o.clsid === null ? '' : `class ${p.value(safe(uuidText(o.clsid, o.className ?? undefined)))} `;
    add(`${clsid}made by ${o.created.operation} in ${framesText(o.created)} for ${p.hosts.text(o.created.client)}`);
  }
  for (const i of o.identities) {
    const ccw = i.ccw === null ? '' : `, CCW ${[i.ccw.value, ...i.ccw.alternatives.map((a) => a.value)].join(' or ')}`;
    add(`CLR ${p.value(safe(i.clr ?? 'unknown'))}, domain ${i.appDomainId}${ccw}  ${p.offset(allFrames(i.frames))}`);
  }
  for (const s of o.serialized) {
    const text = s.objRef === null ? s.summary : objRefText(s.objRef);
    add(`serialized: ${p.text(safe(text))}  ${p.offset(`${s.length} bytes, ${allFrames(s.frames)}`)}`);
  }
  if (o.componentInfo !== null) {
    const { processId, appDomain, uri, frames: seen } = o.componentInfo;
    const parts = [
      processId === null ? null : `pid ${processId}`,
      appDomain === null ? null : `domain ${JSON.stringify(appDomain)}`,
      uri,
    ].filter((t) => t !== null);
    add(`component: ${p.text(safe(parts.join(', ')))}  ${p.offset(allFrames(seen))}`);
    for (const other of o.componentInfo.others)
      add(
        `component: ${p.warning('another answer')}, ${other.name} ${p.text(safe(JSON.stringify(other.value)))}  ${p.offset(allFrames([other.seen]))}`,
      );
  }
  for (const r of o.remoting) {
    add(`proxy ${remotingHead(r, p)}`);
    for (const line of remotingLines(r, p)) add(`  ${line}`);
  }
  for (const w of o.ways) add(`${p.hosts.text(w.client)}: ${p.ours(safe(w.text))}`);
  const width = Math.max(20, ...o.interfacePointers.map((i) => (i.interface ?? i.iid ?? '').length));
  for (const i of o.interfacePointers) add(pointerLine(i, width, p));
  for (const r of o.refused) {
    const times = r.count === 1 ? '' : ` ${r.count} times`;
    add(
      `${p.problem('✗')} ${safe(r.interface)} refused${times} ${p.problem(r.hresult.name)}  ${p.offset(allFrames(r.frames))}`,
    );
  }
  for (const g of o.pings) {
    const added = g.added === null ? '' : ` from ${g.added.request} on`;
    const removed = g.removed === null ? '' : `, no longer from ${g.removed.request} on`;
    add(`pinged by ${p.hosts.text(g.client)} in set ${g.set}${added}${removed}`);
  }
  if (o.released !== null) add(p.offset(`released in ${framesText(o.released)}`));
  return lines;
}

/** `0xf1fd… Svc (ObjRef svc.rem) CLR {8A9A021E-…} domain 2` */
function headline(o: ObjectReport, p: Page): string {
  const parts = [o.oid === null ? 'without a known OID' : p.value(o.oid)];
  const [serialized] = o.serialized;
  if (serialized?.type != null) {
    const uri = serialized.objRef?.uri == null ? '' : ` (ObjRef ${serialized.objRef.uri})`;
    parts.push(p.name(safe(shortType(serialized.type) + uri)));
  }
  const [identity] = o.identities;
  if (identity !== undefined)
    parts.push(`CLR ${safe((identity.clr ?? '').slice(0, 10))}…}  domain ${identity.appDomainId}`);
  if (o.managed === false) parts.push('not managed');
  else if (o.managed === true && identity === undefined && serialized === undefined) parts.push('managed');
  return parts.join('   ');
}

function pointerLine(i: PointerReport, width: number, p: Page): string {
  const name = i.interface ?? 'interface unknown';
  const calls = i.calls === 0 ? 'no calls' : countOf(i.calls, 'call');
  const failed = i.failed === 0 ? '' : p.problem(`, ${i.failed} failed`);
  const silent = i.unanswered === 0 ? '' : p.warning(`, ${i.unanswered} without an answer`);
  const { handedOut, added, released, privateAdded, privateReleased } = i.references;
  const refs = [
    handedOut > 0 ? `${handedOut} handed out` : '',
    added + privateAdded > 0 ? `${added + privateAdded} added` : '',
    released + privateReleased > 0 ? `${released + privateReleased} released` : '',
  ].filter((t) => t !== '');
  const held = i.holders.filter((h) => h.references > 0).map((h) => `${p.hosts.text(h.address)} holds ${h.references}`);
  const end = i.released === null ? held.join(', ') : `released in ${framesText(i.released)}`;
  const references = refs.length === 0 ? '' : `  references: ${refs.join(', ')}${end === '' ? '' : `; ${end}`}`;
  const paintName = i.interface === 'IManagedObject' || i.interface === 'IRemoteDispatch' ? p.ours : p.name;
  return `${paintName(safe(name.padEnd(width)))}  ${p.offset(shortId(i.ipid))}  ${calls}${failed}${silent}${p.offset(references)}`;
}

function inFrames(list: readonly number[]): string {
  return `in ${list.slice(0, 6).join(', ')}${list.length > 6 ? ' and more' : ''}`;
}
