/** Objects that .NET remoting reaches, as lines: who received an ObjRef, who called, and how long the object lives. */
import { shortType } from '../../dissectors/nrbf/index.js';
import type { CallFrames } from '../analysis/objects/model.js';
import type { CallerReport, LeaseReport, RemotingReport } from '../analysis/objects/remoting-report.js';
import type { Hosts } from '../core/hosts.js';
import { allFrames, countOf, framesText } from './objects-words.js';
import { type Paint, safe } from './terminal.js';

/** Colours, and what hosts are called. */
export type Page = Paint & { readonly hosts: Hosts };

/** Operations that a line names. */
const NAMED = 6;

/** The objects of each host below its address, as lines: those of a host at a time. */
export function* remotingText(objects: readonly RemotingReport[], p: Page): Generator<string[]> {
  const hosts = new Map<string, RemotingReport[]>();
  for (const object of objects) {
    const list = hosts.get(object.server);
    if (list === undefined) hosts.set(object.server, [object]);
    else list.push(object);
  }
  for (const [host, list] of hosts) {
    const lines = [`${p.strong(p.hosts.text(host))}  .NET remoting`];
    for (const object of list)
      lines.push(
        `  ${p.strong('object')} ${remotingHead(object, p)}`,
        ...remotingLines(object, p).map((line) => `    ${line}`),
      );
    yield lines;
  }
}

/** `warehouse.rem   Warehouse   well-known   tcp://10.9.0.20:8085` */
export function remotingHead(o: RemotingReport, p: Page): string {
  const type = o.type === null ? 'type unknown' : p.name(safe(shortType(o.type)));
  return [
    p.value(safe(o.uri)),
    type,
    o.origin ?? 'its ObjRef was not seen',
    ...(o.endpoints.length === 0 ? o.channels : o.endpoints).map(safe),
  ].join('   ');
}

/** What was done with it. */
export function remotingLines(o: RemotingReport, p: Page): string[] {
  const lines = o.receipts.map(
    ({ from, to, operation, count, frames }) =>
      `ObjRef from ${p.hosts.text(from)} to ${p.hosts.text(to)} by ${p.name(safe(operation))}${times(count)}  ${p.offset(allFrames(frames))}`,
  );
  for (const caller of o.callers) lines.push(callerLine(caller, p));
  if (o.callers.length === 0) lines.push(p.warning('never called through remoting'));
  if (o.lease !== null) lines.push(...leaseLines(o.lease, p));
  return lines;
}

function callerLine(c: CallerReport, p: Page): string {
  const names = Object.entries(c.operations);
  const shown = names.slice(0, NAMED).map(([name, n]) => (n === 1 ? name : `${name} (${n})`));
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const failed = c.failed === 0 ? '' : p.problem(`, ${c.failed} failed`);
  const silent = c.unanswered === 0 ? '' : p.warning(`, ${c.unanswered} without an answer`);
  const stranger = c.received === false ? p.warning(', without having received its ObjRef') : '';
  return `${p.hosts.text(c.address)}: ${countOf(c.calls, 'call')}${failed}${silent}${stranger}: ${p.name(safe(shown.join(', ')))}${more}  ${p.offset(span(c.first, c.last))}`;
}

function leaseLines({ uris, calls, initial, state, left, renewals, sponsors }: LeaseReport, p: Page): string[] {
  const facts = [
    initial === null ? '' : `${seconds(initial)} at first`,
    state === null ? '' : state.toLowerCase(),
    left === null ? '' : `${seconds(left.seconds)} left in ${framesText(left)}`,
    calls === 0 ? '' : countOf(calls, 'call'),
  ].filter((text) => text !== '');
  const lines = [`lease ${p.value(safe(uris.join(', ')))}  ${facts.join(', ')}`.trimEnd()];
  for (const r of renewals)
    lines.push(`  renewed by ${p.hosts.text(r.client)} for ${seconds(r.seconds)}  ${p.offset(`in ${framesText(r)}`)}`);
  for (const s of sponsors) {
    const joined = s.registered === null ? '' : ` from ${s.registered.request} on`;
    const gone = s.unregistered === null ? '' : `, no longer from ${s.unregistered.request} on`;
    lines.push(`  sponsor ${p.value(safe(s.uri))} at ${p.hosts.text(s.server)}${joined}${gone}`);
    for (const r of s.renewals)
      lines.push(`    asked, renews for ${seconds(r.seconds)}  ${p.offset(`in ${framesText(r)}`)}`);
  }
  return lines;
}

function span(first: CallFrames, last: CallFrames): string {
  return first.request === last.request ? `in ${framesText(first)}` : `in ${framesText(first)} to ${framesText(last)}`;
}

function times(count: number): string {
  return count === 1 ? '' : ` ${count} times`;
}

/** Lease times as people set them: `5 min`. */
function seconds(s: number | null): string {
  if (s === null) return 'a time that is not known';
  return s >= 120 && s % 60 === 0 ? `${s / 60} min` : `${Number(s.toFixed(3))} s`;
}
