import { spawnSync } from 'node:child_process';
import { it } from 'vitest';
import { knownFields } from '../src/known-fields.js';

it('x', () => {
  const { stdout } = spawnSync('tshark', ['-G', 'fields'], { maxBuffer: 1 << 30 });
  const theirs = new Map<string, string[][]>();
  for (const l of stdout.toString().split('\n')) {
    const c = l.split('\t');
    if (c[0] === 'F') theirs.set(c[2], [...(theirs.get(c[2]) ?? []), c]);
  }
  const out = [];
  for (const e of knownFields().list()) {
    const t = theirs.get(e.name);
    if (!t) continue;
    if (e.kind === 'int') {
      const hex = e.fields.map((f) => f.hex === true);
      const b = t.map((x) => x[5]);
      if (!b.every((x) => x.startsWith('BASE_HEX') === hex[0])) out.push(`${e.name} ${hex} ${b}`);
    }
    const tt = t.map((x) => x[3].replace('FT_', '').toLowerCase());
    if (!tt.includes(e.type)) out.push(`TYPE ${e.name} ${e.type} ${tt}`);
  }
  console.log(out.join('\n'));
});
