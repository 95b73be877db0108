/**
 * Files that follow one another in time, among those whose names say that they might. What overlaps was captured at
 * several points, or twice. Where the name is a weak sign, more must fit: a ring hands over at once, counts one by one,
 * and fills all of its files but the last in the same way.
 */
import type { Span } from '../capture/span.js';
import type { GroupPlace } from './group-names.js';

/** A file that may belong to others by its name. */
export interface GroupCandidate extends Pick<GroupPlace, 'number' | 'giver'> {
  readonly path: string;
}

/** One with what else is known of it. */
export interface GroupMember extends GroupCandidate {
  /** Bytes, as stored. */
  readonly size: number;
  readonly span: Span;
}

const SECOND = 1_000_000_000n;
/** A pause between two files that is short whatever they hold. */
const SHORT = 60n * SECOND;
/** A pause is short too that is so much shorter than the longer of both. */
const SHORTER = 10n;
/** Of the shorter of two, the part by which they may overlap. */
const SLACK = 100n;
/** Where numbers are missing, for each: how much longer than the longer of both it may have been. */
const LONGER = 2n;
/** Files that a ring must have to be told by its files alone. */
const LEAST_UNSURE = 3;
/** How much the files of such a ring may differ in size or in duration. */
const ALIKE = 1.1;

/**
 * Groups of files of one series, each in order of time.
 * @param members in any order
 */
export function chainsOf(members: readonly GroupMember[]): GroupMember[][] {
  if (members.length < 2) return [];
  const sorted = upwards(
    [...members].sort((a, b) => sign(a.span.first - b.span.first) || (a.number ?? 0) - (b.number ?? 0)),
  );
  const apart = overlapping(sorted);
  const wraps = wrapOf(sorted);
  const chains: GroupMember[][] = [];
  let chain: GroupMember[] = [];
  for (const member of sorted) {
    const before = chain.at(-1);
    if (before === undefined || apart.has(before) || apart.has(member) || !follows(before, member, wraps)) {
      chain = [];
      chains.push(chain);
    }
    chain.push(member);
  }
  return chains.filter((all) => all.length >= 2 && (all[0].giver !== 'anybody' || looksLikeRing(all)));
}

/** Files of a series whose numbers are missing between two that follow one another: a ring that began anew misses none. */
export function missingBetween({ number: before }: GroupCandidate, { number: behind }: GroupCandidate): number {
  return before === null || behind === null ? 0 : Math.max(0, behind - before - 1);
}

/** Where files are rotated, the latest has the lowest number: then numbers count from it. */
function upwards(sorted: readonly GroupMember[]): readonly GroupMember[] {
  const isRotated = sorted.every(
    ({ number, giver }, at) =>
      giver === 'tcpdump' && number !== null && (at === 0 || number < (sorted[at - 1].number ?? 0)),
  );
  return isRotated ? sorted.map((member) => ({ ...member, number: -(member.number ?? 0) })) : sorted;
}

function sign(n: bigint): number {
  return n < 0n ? -1 : n > 0n ? 1 : 0;
}

function durationOf({ first, last }: Span): bigint {
  return last === null ? 0n : last - first;
}

/**
 * How far a file may begin before the one in front of it ends: packets of several interfaces come a little out of order
 * where one file goes over into the next.
 */
function slackOf(before: GroupMember, behind: GroupMember): bigint {
  if (behind.giver === 'anybody') return 0n;
  const part = [durationOf(before.span), durationOf(behind.span)].reduce((x, y) => (x < y ? x : y)) / SLACK;
  return part < SECOND ? part : SECOND;
}

/** Those that begin before an earlier one ends, and these. */
function overlapping(sorted: readonly GroupMember[]): Set<GroupMember> {
  const found = new Set<GroupMember>();
  let latest: GroupMember | null = null;
  for (const member of sorted) {
    const end = latest?.span.last ?? latest?.span.first;
    if (latest !== null && end !== undefined && member.span.first + slackOf(latest, member) < end)
      found.add(latest).add(member);
    if (end === undefined || (member.span.last ?? member.span.first) >= end) latest = member;
  }
  return found;
}

/** The highest and the lowest number, where each number is there once: then a ring may go on from one to the other. */
function wrapOf(members: readonly GroupMember[]): { from: number; to: number } | null {
  if (members.some(({ giver }) => giver === 'dumpcap')) return null;
  const numbers = members.map(({ number }) => number ?? 0);
  if (new Set(numbers).size < numbers.length) return null;
  return { from: numbers.reduce((a, b) => Math.max(a, b)), to: numbers.reduce((a, b) => Math.min(a, b)) };
}

/** Whether a file goes on where the one before it ended. */
function follows(before: GroupMember, behind: GroupMember, wraps: ReturnType<typeof wrapOf>): boolean {
  const [a, b] = [before.span, behind.span];
  if (a.last === null || a.format !== b.format || a.link !== b.link) return false;
  const step = before.number === null || behind.number === null ? 1 : behind.number - before.number;
  const isNext = step > 0 || (wraps !== null && before.number === wraps.from && behind.number === wraps.to);
  const pause = b.first - a.last;
  if (before.giver === 'anybody') return isNext && step <= 1 && pause <= SECOND;
  const longer = [durationOf(a), durationOf(b)].reduce((x, y) => (x > y ? x : y));
  const most = longer / SHORTER > SHORT ? longer / SHORTER : SHORT;
  return isNext && pause <= most + BigInt(missingBetween(before, behind)) * LONGER * longer;
}

/** Whether all files but the last have the same size, about, or the same duration, and the last has not more. */
function looksLikeRing(chain: readonly GroupMember[]): boolean {
  if (chain.length < LEAST_UNSURE) return false;
  const isAlike = (measure: (member: GroupMember) => number): boolean => {
    const full = chain.slice(0, -1).map(measure);
    const [least, most] = [full.reduce((a, b) => Math.min(a, b)), full.reduce((a, b) => Math.max(a, b))];
    return least > 0 && most <= least * ALIKE && measure(chain[chain.length - 1]) <= most * ALIKE;
  };
  return isAlike(({ size }) => size) || isAlike(({ span }) => Number(durationOf(span)));
}
