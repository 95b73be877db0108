import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/open.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { collector, type Outcome } from './support.js';

async function cut(name: string): Promise<Outcome> {
  const { streams, outcome } = collector();
  const end = await readCapture(join(TRAFFIC, name), (p) => streams.packet(p));
  streams.end();
  expect(end.damage).toBeNull();
  return outcome;
}

/** PDUs as text, in the order of the two directions' streams, since captures mix these differently. */
function listed({ pdus }: Outcome): string[] {
  return pdus.map((p) => Buffer.from(p.bytes).toString('base64')).sort();
}

describe('the net-* captures hold the PDUs of net-base', () => {
  for (const name of [
    'net-bigendian-file.pcap',
    'net-bigendian-nsec.pcap',
    'net-dup.pcap',
    'net-gzip.pcap.gz',
    'net-ipfrag.pcap',
    'net-multi-if-mixed.pcapng',
    'net-multi-if.pcapng',
    'net-nsec.pcap',
    'net-ooo.pcap',
    'net-overlap.pcap',
    'net-rawip.pcap',
  ])
    it.skipIf(!isHere(name))(`${name}: all of them`, async () => {
      const base = await cut('net-base.pcap');
      const other = await cut(name);
      expect(base.pdus).toHaveLength(71);
      expect(listed(other)).toEqual(listed(base));
      expect(other.notes).toEqual([]);
    });

  it.skipIf(!isHere('net-lost.pcap'))('net-lost: one is cut, the rest is whole', async () => {
    const { pdus, codes } = await cut('net-lost.pcap');
    expect(pdus).toHaveLength(71);
    expect(pdus.filter((p) => p.bytes.length < p.length)).toHaveLength(1);
    expect(codes).toEqual(['truncated']);
  });

  it.skipIf(!isHere('net-lost-header.pcap'))(
    'net-lost-header: one is cut, one is lost with its header, the rest is whole',
    async () => {
      const { pdus } = await cut('net-lost-header.pcap');
      expect(pdus).toHaveLength(70);
      expect(pdus.filter((p) => p.bytes.length < p.length)).toHaveLength(1);
    },
  );

  it.skipIf(!isHere('net-midstart.pcap'))('net-midstart: those that begin behind the frames it lacks', async () => {
    const base = await cut('net-base.pcap');
    const { pdus } = await cut('net-midstart.pcap');
    expect(pdus).toHaveLength(base.pdus.filter((p) => p.frames[0] > 187 - 120).length);
  });

  it.skipIf(!isHere('net-snap.pcap'))('net-snap: cut PDUs carry their claimed length', async () => {
    const { pdus } = await cut('net-snap.pcap');
    const short = pdus.filter((p) => p.bytes.length < p.length);
    expect(short).toHaveLength(21);
    expect(pdus.length - short.length).toBe(38);
  });
});
