/**
 * Every stub of every capture beside the project: what nobody dissects is counted and printed, and only three things
 * may be left: bytes behind a BSTR's NRBF stream, ends that the capture cut off, and stubs of operations that are
 * only named.
 */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { scan } from '../../src/engine/scan.js';
import { loadSecrets } from '../../src/security/index.js';
import { SHARED } from '../cli.js';
import { REAL, TRAFFIC } from '../traffic.js';
import { nodes } from './support.js';

const folders = SHARED === null ? [TRAFFIC] : [REAL, TRAFFIC];
const captures = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((f) => /\.pcap(ng)?(\.gz)?$/.test(f))
    .map((f) => ({ file: `${folder}/${f}`, secrets: `${folder}/${f.split('.pcap')[0]}.secrets.json` })),
);

type Counts = Record<'stubs' | 'bytes' | 'behind NRBF' | 'cut off' | 'only named' | 'left', number>;

function count(pdu: Pdu, counts: Counts, left: string[]): void {
  const { call, transport, protocol } = pdu;
  if (protocol !== 'DCERPC') return;
  const half = pdu.completes === 'response' ? call?.response : call?.request;
  if (pdu.completes !== null && half?.stub) {
    counts.stubs++;
    counts.bytes += half.stub.length;
  }
  for (const n of nodes(pdu.recording.roots)) {
    const length = n.end - n.start;
    if (n.field.name === 'dcerpc.stub_data') counts['only named'] += length;
    if (n.role !== 'undissected') continue;
    if (n.source?.name === 'BSTR') counts['behind NRBF'] += length;
    else if (transport.bytes.length < transport.length || pdu.recording.notes.some((note) => note.code === 'truncated'))
      counts['cut off'] += length;
    else {
      counts.left += length;
      left.push(`frame ${transport.frames.at(-1)}: ${length} bytes of ${n.source?.name} at ${n.start}`);
    }
  }
}

describe('stubs of all captures', () => {
  it('are dissected to the last byte', { timeout: 120_000 }, async () => {
    const counts: Counts = { stubs: 0, bytes: 0, 'behind NRBF': 0, 'cut off': 0, 'only named': 0, left: 0 };
    const left: string[] = [];
    for (const { file, secrets } of captures) {
      const keys = existsSync(secrets) ? await loadSecrets(secrets) : null;
      const before = left.length;
      await scan(file, protocols({ secrets: keys }), { record: true }, { onPdu: (pdu) => count(pdu, counts, left) });
      for (let i = before; i < left.length; i++) left[i] = `${file}: ${left[i]}`;
    }
    console.log(`undissected bytes of ${captures.length} captures:`, counts);
    expect(left).toEqual([]);
    expect(counts.stubs).toBeGreaterThan(10 * captures.length);
  });
});
