/** How much of each room ran, from V8's precise coverage: bytes of compiled code in blocks that were entered. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { startOffset: number; endOffset: number; count: number }[];
  }[];
}

/** Lines of a table: rooms and the share of their code that ran. */
export function coverageTable(scripts: readonly ScriptCoverage[], root: string): string[] {
  const rooms = new Map<string, { ran: number; all: number }>();
  for (const { url, functions } of scripts) {
    if (!url.startsWith('file:')) continue;
    const path = relative(root, fileURLToPath(url));
    const room = /^((?:src|dissectors)(?:\/[a-z]+)?)\//.exec(path)?.[1];
    if (room === undefined) continue;
    const text = readFileSync(fileURLToPath(url), 'utf8').replace(/\/\/# sourceMappingURL.*/, '');
    const ran = new Uint8Array(text.length).fill(1);
    // outer ranges come first, inner ones correct them
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    const sum = rooms.get(room) ?? { ran: 0, all: 0 };
    rooms.set(room, sum);
    sum.all += text.length;
    for (const bit of ran) sum.ran += bit;
  }
  return [...rooms]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([room, { ran, all }]) => `  ${room.padEnd(24)} ${((100 * ran) / all).toFixed(1).padStart(5)} %`);
}
