/** Attack: the shapes of hostile.ts as they stand go the whole way, with all that the fuzzer looks at. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Corpus, loadCorpus, toPcap } from './corpus.js';
import { HOSTILE_FILTERS, hostileCapture, hostileFiles, hostileNrbf, hostilePackets, packed } from './hostile.js';
import type { Extension } from './input.js';
import { Random } from './random.js';
import { replay } from './targets.js';
import { packetsIn } from './way.js';

const numbered = (bytes: Uint8Array): Parameters<typeof toPcap>[0][number] => ({
  link: 1,
  bytes,
  length: bytes.length,
  sec: 1_700_000_000,
  nsec: 0,
});

const SEEDS: readonly [string, Extension, readonly Uint8Array[]][] = [
  ['clocks and lengths of pcapng', 'capture.bin', hostileFiles()],
  ['packed files', 'capture.bin', Array.from({ length: 20 }, (_, i) => packed(hostileCapture(), new Random(7, i)))],
  ['stacks of headers', 'packets.pcap', hostilePackets().map((frames) => toPcap(frames.map(numbered)))],
  ['names that steer', 'packets.pcap', [hostileCapture()]],
  ['ids and runs of nulls', 'nrbf', hostileNrbf()],
  ['numbers and repeats without end', 'filter', HOSTILE_FILTERS.map((text) => Buffer.from(text))],
];

describe('what attackers tried', () => {
  let corpus: Corpus;
  beforeAll(async () => {
    corpus = await loadCorpus();
  });

  it.each(SEEDS)('%s', { timeout: 120_000 }, async (_, extension, inputs) => {
    for (const [i, bytes] of inputs.entries()) expect(await replay(bytes, extension, corpus), `input ${i}`).toEqual([]);
  });

  it('a packed file that is not cut holds the packets that were packed', async () => {
    const bytes = hostileCapture();
    const whole = await packetsIn(bytes);
    let same = 0;
    for (let i = 0; i < 40; i++) {
      const found = await packetsIn(packed(bytes, new Random(9, i))).catch(() => []);
      expect(found).toEqual(whole.slice(0, found.length));
      if (found.length === whole.length) same++;
    }
    expect(same).toBeGreaterThan(10);
  });
});
