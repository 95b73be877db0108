import { existsSync } from 'node:fs';
import { it } from 'vitest';
import { loadSecrets } from '../../src/security/index.js';
import { dissect, nodes, partitionFaults, printed } from './tree.js';
import { walk } from './walk.js';

it('x', async () => {
  const base = process.env.CAP!;
  const sec = base.replace(/\.pcap.*/, '.secrets.json');
  const s = existsSync(sec) ? await loadSecrets(sec) : null;
  const seen = walk(base, s);
  console.log(
    'calls',
    seen.calls.length,
    'contexts',
    seen.contexts.length,
    'tokens',
    seen.tokens.length,
    'sealed',
    seen.sealedBytes,
    JSON.stringify(seen.notes),
  );
  for (const c of seen.contexts) console.log(JSON.stringify(c.info));
  const hows = new Map();
  for (const c of seen.calls)
    hows.set([...c.hows] + ' ' + c.verified, (hows.get([...c.hows] + ' ' + c.verified) ?? 0) + 1);
  console.log(hows);
  let shown = 0;
  const kinds = new Set<string>();
  for (const t of seen.tokens) {
    const r = dissect(t.bytes, t.authType, t.context);
    const bad = partitionFaults(r);
    const un = [...nodes(r.roots)].filter((n) => n.role === 'undissected');
    const kind =
      [...nodes(r.roots)]
        .slice(1, 4)
        .map((n) => n.field.name)
        .join() + t.bytes.length;
    if (bad.length || r.notes.length || un.length)
      console.log(
        'BAD',
        bad.slice(0, 3),
        r.notes,
        un.map((n) => [n.start, n.end]),
        Buffer.from(t.bytes).toString('hex'),
      );
    if (!kinds.has(kind) && shown++ < Number(process.env.N ?? 0)) console.log(printed(r.roots));
    kinds.add(kind);
  }
});
