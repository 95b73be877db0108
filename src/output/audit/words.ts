/** What text and page say alike of an audit: who, where, what was looked at, and what of it is missing. */
import type { AuditResult, Finding } from '../../analysis/audit/index.js';
import { endpointText } from '../../core/address.js';
import { limitMessage } from '../../core/limits.js';

/** `1 call`, `2 calls`. */
export function many(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a, b, c and 341 more` of so many; `at least 341` where they were not all told apart. */
export function someOf(items: readonly string[], most: number, count: number, exact = true): string {
  const shown = items.slice(0, most);
  const rest = count - shown.length;
  if (rest <= 0 && exact) return shown.join(', ');
  return `${shown.join(', ')} and ${exact ? '' : 'at least '}${rest} more`;
}

/** Short names of captures: those of the files where they differ, else the paths. */
export function captureNames(captures: readonly string[]): (capture: string) => string {
  const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const paths = new Map<string, Set<string>>();
  for (const path of captures) {
    const same = paths.get(base(path)) ?? new Set();
    paths.set(base(path), same.add(path));
  }
  return (capture) => {
    if (capture === '-') return 'standard input';
    return (paths.get(base(capture))?.size ?? 1) > 1 ? capture : base(capture);
  };
}

/** `frames 30, 45`, with the captures' names where the audit has several. */
export function placesText(f: Finding, { captures }: AuditResult, most: number): string {
  const nameOf = captureNames(captures);
  const texts = f.places.map(({ capture, frames, frameCount, exact }) => {
    const numbers = `frame${frameCount === 1 ? '' : 's'} ${someOf(frames.map(String), 8, frameCount, exact)}`;
    return captures.length === 1 ? numbers : `${nameOf(capture)} ${numbers}`;
  });
  const shown = texts.slice(0, most).join('; ');
  const rest = f.captureCount - Math.min(most, texts.length);
  return rest > 0 ? `${shown} and ${many(rest, 'capture')} more` : shown;
}

/** `10.0.0.1 → 10.0.0.2:135`, or how many clients there are with the first of them. */
export function peersText(f: Finding, { hosts }: Pick<AuditResult, 'hosts'>, mostClients: number): string {
  const { clients } = f;
  const server = f.ports.length === 0 ? hosts.text(f.server) : endpointText(hosts.text(f.server), f.ports.join(','));
  if (clients.count <= 1 && clients.exact) return `${hosts.text(f.client)} → ${server}`;
  const shown = clients.count === 0 ? [f.client] : clients.first(mostClients);
  const count = Math.max(1, clients.count);
  const list = someOf(
    shown.map((address) => hosts.text(address)),
    mostClients,
    count,
    clients.exact,
  );
  return `${clients.exact ? '' : 'at least '}${many(count, 'client')} (${list}) → ${server}`;
}

/** What else was read of the same cause; empty where there is nothing. */
export function alsoText(f: Finding, most: number): string {
  const { count, exact } = f.evidenceTopics;
  const others = f.evidences.slice(1).map((e) => e.text);
  if (others.length === 0) return '';
  const shown = others.slice(0, most);
  const rest = count - 1 - shown.length;
  return `${shown.join('; ')}${rest > 0 || !exact ? `; and ${exact ? '' : 'at least '}${rest} more` : ''}`;
}

/** Findings of other rules that this one stands for. */
export function coversText(f: Finding): string {
  return f.covered.map((c) => `${c.rule.id}, ${c.rule.title}: ${c.evidence}`).join('; ');
}

/** Objects of a finding that are not its first. */
export function objectIdsText(f: Finding): string {
  const texts = f.objects.map((o) =>
    Object.entries(o)
      .filter(([, id]) => id)
      .map(([kind, id]) => `${kind.toUpperCase()} ${id}`)
      .join(' '),
  );
  return someOf(
    texts.filter((t) => t !== ''),
    8,
    f.objectNames.count,
    f.objectNames.exact,
  );
}

/** Why the report does not speak of all that it was asked about, worst first; empty where it does. */
export function partialLines({ incomplete, captures, dropped, inventory, limits }: AuditResult): string[] {
  const { interrupted, notRead, unreadable, damaged } = incomplete;
  const nameOf = captureNames([...captures, ...notRead]);
  const lines: string[] = [];
  if (interrupted !== null) {
    const { capture, packets, percent } = interrupted;
    const how = percent === null ? '' : ` (${percent} % of it)`;
    lines.push(`interrupted in ${nameOf(capture)} behind packet ${packets}${how}: what follows was not read`);
  }
  if (notRead.length > 0)
    lines.push(`interrupted before ${someOf(notRead.map(nameOf), 8, notRead.length)}: not read at all`);
  for (const { capture, reason } of unreadable) lines.push(`${nameOf(capture)} could not be read: ${reason}`);
  for (const { capture, reason } of damaged) lines.push(`${nameOf(capture)} is cut short or damaged: ${reason}`);
  for (const { capture, message } of incomplete.limits) lines.push(`${nameOf(capture)}: ${message}`);
  for (const [rule, count] of dropped) lines.push(`${rule}: ${many(count, 'more sight')} found no room in the report`);
  if (dropped.size > 0) lines.push(`there are ${limitMessage('findings', limits)}`);
  if (inventory.full) lines.push(`the inventory is cut: ${limitMessage('inventory', limits)}`);
  if (inventory.cut) lines.push('the inventory is cut: some of its entries have longer lists than are kept');
  return lines;
}

/** What was looked at: `12 packets, 8 PDUs, 3 calls`. */
export function lookedText({ looked }: AuditResult): string {
  const { packets, pdus, calls } = looked;
  if (pdus === 0)
    return packets === 0
      ? 'no packet'
      : `${many(packets, 'packet')}, ${packets === 1 ? 'not' : 'none of them'} DCE/RPC`;
  const parts = packets === 0 ? [] : [many(packets, 'packet')];
  return [...parts, many(pdus, 'PDU'), calls === 0 ? 'no call' : many(calls, 'call')].join(', ');
}

/** What of the calls could not be looked into, and why; empty where all could. */
export function unseenLines({ looked }: AuditResult): string[] {
  const { calls, sealed, undecoded, cut } = looked;
  const lines: string[] = [];
  const of = (n: number, one: string, more: string): string => `${n} of ${many(calls, 'call')} ${n === 1 ? one : more}`;
  if (sealed > 0)
    lines.push(
      `${of(sealed, 'is', 'are')} sealed and could not be opened: rules about contents say nothing of them (--secrets opens them).`,
    );
  if (undecoded > 0)
    lines.push(
      `${of(undecoded, 'asks', 'ask')} for operations that are not decoded here: rules about contents say nothing of them.`,
    );
  if (cut > 0) lines.push(`${of(cut, 'was', 'were')} not captured whole: what is missing was not looked at.`);
  return lines;
}
