import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DCERPC_DATAGRAM } from '../../dissectors/dcerpc/cl/header.js';
import { PARTS } from '../../dissectors/protocols.js';
import { readCapture } from '../../src/capture/open.js';
import { createStreams, type StreamEvents } from '../../src/streams/index.js';
import { Feeder, Outcome } from './support.js';

const SAMPLES = new URL('../../samples/', import.meta.url).pathname;

/** All that comes out of packets, and how many of them were not looked into. */
function outcome(packets: readonly { bytes: Uint8Array; length: number }[], more: Partial<StreamEvents>): unknown {
  const found = new Outcome();
  const streams = createStreams(
    { streams: PARTS.map(({ stream }) => stream), datagram: DCERPC_DATAGRAM },
    { pdu: (pdu) => found.pdus.push(pdu), note: (note) => found.notes.push(note), ...more },
  );
  const feeder = new Feeder(streams);
  for (const { bytes, length } of packets) feeder.feed(bytes, { length });
  streams.end();
  const pdus = found.pdus.map(({ connection: { state: _, ...connection }, ...pdu }) => ({ ...pdu, connection }));
  return { pdus, notes: found.notes, unseen: streams.notLookedInto };
}

/** Whoever hears of every transport has each packet walked through. */
const WALKED = { transport: () => {} };

async function packetsOf(path: string): Promise<{ bytes: Uint8Array; length: number }[]> {
  const packets: { bytes: Uint8Array; length: number }[] = [];
  await readCapture(path, (p) => packets.push({ bytes: p.bytes.slice(p.start, p.end), length: p.length }));
  return packets;
}

describe('what is seen at a glance is what a walk sees', () => {
  for (const name of readdirSync(SAMPLES).filter((folder) => folder !== 'truth'))
    it(name, async () => {
      const packets = await packetsOf(join(SAMPLES, name, 'capture.pcap'));
      expect(outcome(packets, {})).toEqual(outcome(packets, WALKED));
    });

  it('with bytes of headers changed, and packets cut, at random', async () => {
    const [tcpPackets, udpPackets] = await Promise.all([
      packetsOf(join(SAMPLES, 'remoting-tcp/capture.pcap')),
      packetsOf(join(SAMPLES, 'truth/udp.pcap')),
    ]);
    const packets = [...tcpPackets.slice(0, 30), ...udpPackets.slice(0, 30)];
    // kinds, lengths, fragments, protocols; and any
    const at = fc.oneof(fc.constantFrom(12, 13, 14, 16, 17, 20, 21, 23, 38, 46, 47), fc.nat(60));
    const to = fc.oneof(fc.constantFrom(0, 1, 6, 17, 32, 69, 70), fc.nat(255));
    const kind = fc.constantFrom('byte', 'no length', 'cut');
    const change = fc.record({ packet: fc.nat(packets.length - 1), at, to, kind });
    fc.assert(
      fc.property(fc.array(change, { minLength: 20, maxLength: 20 }), (changes) => {
        const changed = packets.map(({ bytes, length }) => ({ bytes: bytes.slice(), length }));
        for (const { packet, at, to, kind } of changes) {
          const { bytes } = changed[packet];
          if (kind === 'cut') changed[packet].bytes = bytes.slice(0, at + 14);
          // a network card was to fill it in
          else if (kind === 'no length') bytes.fill(0, 16, 18);
          else bytes[at] = to;
        }
        expect(outcome(changed, {})).toEqual(outcome(changed, WALKED));
      }),
      { numRuns: 60 },
    );
  });
});
