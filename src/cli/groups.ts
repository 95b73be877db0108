/**
 * Which captures belong together: files of one capture point that follow one another, as dumpcap and tcpdump write them,
 * are read as one. Their names must say so (group-names.ts), and their times (group-chains.ts). What is not certain stays
 * apart: two captures in one would be worse than one in two.
 */
import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isUrl, type RandomAccess, shownName } from '#platform';
import { firstOf, isWithoutPackets, spanOf } from '../capture/span.js';
import { safe } from '../core/safe-text.js';
import { chainsOf, type GroupCandidate, type GroupMember, missingBetween } from './group-chains.js';
import { placesOf } from './group-names.js';
import type { CaptureFiles } from './job.js';
import { type Grouping, UsageError } from './options.js';
import { isStream } from './stream-input.js';

/**
 * The captures that files are, in the order in which the first file of each was named.
 * @param say hears what is read as one
 * @throws UsageError where all are to be one, and one of them can be read once only
 */
export async function groupsOf(
  files: readonly string[],
  how: Grouping,
  say: (message: string) => void,
): Promise<CaptureFiles[]> {
  const groups = how === 'none' || files.length < 2 ? [] : await (how === 'all' ? oneOf(files) : groupsAmong(files));
  const groupOf = new Map(groups.flatMap((group) => group.files.map((file) => [file, group] as const)));
  for (const { files: all, holes } of groups) {
    const which = how === 'auto' ? 'files of one capture point' : 'files';
    say(`${all.length} ${which} are read as one: ${nameOf(all[0])} to ${nameOf(all[all.length - 1])}${KEEP_APART}`);
    for (const { before, behind, count, elsewhere } of holes) {
      const between = `between ${nameOf(before)} and ${nameOf(behind)}`;
      if (count > 0) say(`${between}, ${count} ${count === 1 ? 'is' : 'are'} missing by the numbers`);
      for (const file of elsewhere)
        say(`${between} by its number, ${nameOf(file)} is of another time, as where a clock was set: it is read apart`);
    }
  }
  return [...new Set(files.map((file) => groupOf.get(file) ?? { name: shownName(file), files: [file] }))];
}

const KEEP_APART = ' (--group none keeps them apart)';

function nameOf(file: string): string {
  return safe(basename(shownName(file)));
}

/** A capture of several files. */
interface Group extends CaptureFiles {
  readonly holes: readonly Hole[];
}

/** Where files of a capture are missing by their numbers: so many that are not there, and those that do not follow in time. */
interface Hole {
  readonly before: string;
  readonly behind: string;
  readonly count: number;
  readonly elsewhere: readonly string[];
}

function named(files: readonly string[], holes: Group['holes'] = []): Group {
  return { name: `${shownName(files[0])}..${basename(shownName(files[files.length - 1]))}`, files, holes };
}

/** All files that are captures, in the order of their first packets. */
async function oneOf(files: readonly string[]): Promise<Group[]> {
  const paths = [...new Set(files)];
  const once = paths.find((path) => isStream(path) && !isUrl(path));
  if (once !== undefined)
    throw new UsageError(
      `--group all looks at each file first, and ${once === '-' ? 'standard input' : safe(once)} can be read once only`,
    );
  const firsts = await lookedAtAll(paths, firstOf);
  const begun = paths.flatMap((path, at) => (firsts[at] === null ? [] : [{ path, first: firsts[at] }]));
  begun.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return begun.length < 2 ? [] : [named(begun.map(({ path }) => path))];
}

/** Groups that names and times tell. */
async function groupsAmong(files: readonly string[]): Promise<Group[]> {
  const taken = new Set<string>();
  const groups: Group[] = [];
  for (const series of seriesOf(files)) {
    const left = series.filter(({ path }) => !taken.has(path));
    if (left.length < 2) continue;
    const members: GroupMember[] = [];
    const empty = new Set<GroupCandidate>();
    const found = await lookedAtAll(
      left.map(({ path }) => path),
      async (file) => {
        const span = await spanOf(file);
        return { size: file.size, span, isEmpty: span === null && (await isWithoutPackets(file)) };
      },
    );
    for (const [at, candidate] of left.entries()) {
      const { size = 0, span = null, isEmpty = false } = found[at] ?? {};
      if (span !== null) members.push({ ...candidate, size, span });
      else if (isEmpty) empty.add(candidate);
    }
    for (const chain of chainsOf(members)) {
      const whole = withEmpty(chain, left, empty);
      for (const { path } of whole) taken.add(path);
      groups.push(
        named(
          whole.map(({ path }) => path),
          holesIn(whole, members),
        ),
      );
    }
  }
  return groups;
}

/** A chain with files that hold no packets, each behind the one in front of it by number or name. */
function withEmpty(
  chain: readonly GroupMember[],
  series: readonly GroupCandidate[],
  empty: ReadonlySet<GroupCandidate>,
): GroupCandidate[] {
  const whole: GroupCandidate[] = [...chain];
  // where files are rotated, numbers of the chain are others than those of the names
  if (chain.some(({ number }) => (number ?? 0) < 0)) return whole;
  const inOrder = [...series].sort((a, b) => (a.number ?? 0) - (b.number ?? 0) || (a.path < b.path ? -1 : 1));
  for (const [at, one] of inOrder.entries()) {
    const before = empty.has(one) ? whole.findIndex(({ path }) => path === inOrder[at - 1]?.path) : -1;
    if (before >= 0) whole.splice(before + 1, 0, one);
  }
  return whole;
}

function holesIn(whole: readonly GroupCandidate[], members: readonly GroupMember[]): Hole[] {
  const holes = whole.slice(1).map((behind, at) => {
    const before = whole[at];
    const missing = missingBetween(before, behind);
    const others = missing === 0 ? [] : members.filter((member) => isBetween(before, member, behind));
    const elsewhere = others.map(({ path }) => path);
    return { before: before.path, behind: behind.path, count: Math.max(0, missing - elsewhere.length), elsewhere };
  });
  return holes.filter(({ count, elsewhere }) => count + elsewhere.length > 0);
}

/** Whether a number stands between those of two files, which count downwards where they are negative (group-chains.ts). */
function isBetween(
  { number: from }: GroupCandidate,
  { number }: GroupCandidate,
  { number: to }: GroupCandidate,
): boolean {
  if (from === null || to === null || number === null) return false;
  const own = from < 0 ? -number : number;
  return own > from && own < to;
}

/** Files of one folder whose names have something in common, those first whose names are the surest. */
function seriesOf(files: readonly string[]): GroupCandidate[][] {
  const series = new Map<string, GroupCandidate[]>();
  // one that was named twice is a capture of its own the second time
  const paths = new Map<string, string>();
  for (const path of files) {
    const whole = isUrl(path) ? path : resolve(path);
    if (path !== '-' && !paths.has(whole)) paths.set(whole, path);
  }
  for (const [whole, path] of paths)
    for (const place of placesOf(basename(shownName(whole)))) {
      const key = `${dirname(shownName(whole))}\0${place.series}`;
      const known = series.get(key);
      if (known === undefined) series.set(key, [{ ...place, path }]);
      else known.push({ ...place, path });
    }
  const isUnsure = ([{ giver }]: GroupCandidate[]): number => Number(giver === 'anybody');
  return [...series.values()].sort((a, b) => isUnsure(a) - isUnsure(b));
}

/** Addresses that are looked at side by side: each answer takes its time. */
const AT_ONCE = 4;

/** What is found in each of some files. */
async function lookedAtAll<T>(
  paths: readonly string[],
  look: (file: RandomAccess) => Promise<T | null>,
): Promise<(T | null)[]> {
  const found: (T | null)[] = [];
  let next = 0;
  const lookOn = async (): Promise<void> => {
    for (let at = next++; at < paths.length; at = next++) found[at] = await lookedAt(paths[at], look);
  };
  await Promise.all(Array.from({ length: paths.some(isUrl) ? AT_ONCE : 1 }, lookOn));
  return found;
}

/** What is found in a file that can be read from any place on; null where it cannot, or where reading fails. */
async function lookedAt<T>(path: string, look: (file: RandomAccess) => Promise<T | null>): Promise<T | null> {
  let file: FileHandle | null = null;
  try {
    if (isUrl(path)) return await look(await (await import('../platform/node/http/access.js')).accessTo(path));
    if (isStream(path)) return null;
    file = await promises.open(path);
    const opened = file;
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await opened.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    return await look({ size: (await file.stat()).size, read });
  } catch {
    // what is wrong with it is said when it is read
    return null;
  } finally {
    await file?.close();
  }
}
