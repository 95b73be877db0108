/** Captures as tables, beside the same calls as lines: what the tables cost more, and whether memory follows the capture. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bigCapture, captures } from './inputs.mjs';
import { aim, compare, held } from './measure.mjs';
import { before, CLEAR, clrscope } from './programs.mjs';

/** By name: megabytes of nothing but calls, and rounds at most. */
const SIZES = [
  ['100 MB', 100, 5],
  ['1 GB', 1000, 4],
];

/** `export` beside `calls -T ndjson`. */
export function tables(rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-bench-'));
  const out = join(folder, 'out');
  // what is there already is not written again
  const anew = () => rmSync(out, { recursive: true, force: true });
  try {
    const rows = SIZES.flatMap(([name, mb, most]) => {
      const file = bigCapture(`rpc-${mb}`, mb * 1e6, captures(...CLEAR));
      const exporting = ['export', '-q', file, '-o', out];
      return compare(
        [
          { name: `clrscope calls -T ndjson, ${name}`, command: clrscope('calls', '-T', 'ndjson', file) },
          ...before(`clrscope export, ${name}`, ...exporting).map((p) => ({ ...p, before: anew })),
          { name: `clrscope export, ${name}`, command: clrscope(...exporting), before: anew },
        ],
        Math.min(rounds, most),
      );
    });
    const mb = (size) => rows.find((r) => r.name === `clrscope export, ${size}`).mb;
    const [[small], [large]] = SIZES;
    return {
      lines: ['Nothing but calls, in clear.'],
      rows,
      base: 'clrscope calls -T ndjson, 1',
      aims: [
        ...SIZES.flatMap(([size]) =>
          aim(
            rows,
            `export, ${size}: \`export\` / \`calls -T ndjson\``,
            `clrscope export, ${size}`,
            `clrscope calls -T ndjson, ${size}`,
            { most: 1.6 },
          ),
        ),
        ...(mb(large) === null
          ? []
          : [
              { row: `export, ${large}: MB at the peak`, ...held(mb(large), { most: 220 }) },
              { row: `export: MB at the peak, ${large} / ${small}`, ...held(mb(large) / mb(small), { most: 1.2 }) },
            ]),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
