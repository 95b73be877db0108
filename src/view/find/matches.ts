/** Where bytes stand in the sources of a PDU. */
import type { DataSource } from '../../index.js';

/** Bytes `start` to `end` (exclusive) of a source, by its index. */
export interface Match {
  readonly source: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Where any of the patterns stands. Bytes that are the same in several sources, as a BSTR's are in the stub and in the
 * PDU, are told once, in the innermost.
 */
export function matchesIn(sources: readonly DataSource[], patterns: readonly Uint8Array[]): Match[] {
  const matches: Match[] = [];
  /** What was told of a source further in. */
  const told = sources.map(() => new Set<number>());
  for (let index = sources.length - 1; index >= 0; index--) {
    const source = sources[index];
    const found = placesIn(source.bytes, patterns);
    if (found.size === 0) continue;
    const isSame = source.kind === 'derived' && isCopy(source);
    for (const [start, length] of found) {
      if (!told[index].has(start)) matches.push({ source: index, start, end: start + length });
      if (isSame) told[sources.indexOf(source.from.source)]?.add(source.from.start + start);
      if (source.kind === 'joined') tellParts(source, start, length, sources, told);
    }
  }
  return matches.sort((a, b) => a.source - b.source || a.start - b.start);
}

/** A match in a joined source is one in the part that holds all of it. */
function tellParts(
  { parts }: DataSource & { kind: 'joined' },
  start: number,
  length: number,
  sources: readonly DataSource[],
  told: readonly Set<number>[],
): void {
  let at = 0;
  for (const part of parts) {
    const behind = at + part.end - part.start;
    if (start >= at && start + length <= behind) told[sources.indexOf(part.source)]?.add(part.start + start - at);
    at = behind;
  }
}

function isCopy({ bytes, from }: DataSource & { kind: 'derived' }): boolean {
  if (from.end - from.start !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== from.source.bytes[from.start + i]) return false;
  return true;
}

/** Lengths of what was found, by where it begins; of several the longest. */
function placesIn(bytes: Uint8Array, patterns: readonly Uint8Array[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const pattern of patterns)
    for (let at = bytes.indexOf(pattern[0]); at >= 0; at = bytes.indexOf(pattern[0], at + 1)) {
      if (at + pattern.length > bytes.length) break;
      let same = 1;
      while (same < pattern.length && bytes[at + same] === pattern[same]) same++;
      if (same === pattern.length) found.set(at, Math.max(pattern.length, found.get(at) ?? 0));
    }
  return found;
}
