/** Targets that are packets and capture files: they go the whole way. */
import { readCapture, UnreadableInput } from '../../src/capture/open.js';
import { type Corpus, toPcap } from './corpus.js';
import { packed } from './hostile.js';
import { addFields, type Input, MOST_KEPT, shape } from './input.js';
import { mutateBytes, mutatePackets } from './mutate.js';
import { Analyses, callOutputProblems, layerProblems, pduOutputProblems } from './outputs.js';
import type { Random } from './random.js';
import { pass, type RawPacket } from './way.js';

export function packets(corpus: Corpus, r: Random): Input {
  const list = mutatePackets(r.pick(corpus.packets), r, () => payloadOf(corpus, r));
  return packetInput(list, corpus, r);
}

function payloadOf(corpus: Corpus, r: Random): Uint8Array {
  if (r.once(4) && corpus.nrbf.length > 0) return r.pick(corpus.nrbf);
  const list = r.pick(corpus.packets);
  return list.length === 0 ? new Uint8Array(16) : r.pick(list).bytes.subarray(54);
}

export function packetInput(list: readonly RawPacket[], corpus: Corpus, r: Random): Input {
  const features = new Set<string>();
  return {
    features,
    run() {
      const problems: string[] = [];
      const record = !r.once(4);
      const analyses = new Analyses();
      const passed = pass(list, {
        record,
        secrets: r.once(3) ? corpus.secrets : null,
        limits: r.once(4)
          ? { bufferedPerConnection: 2000, buffered: 5000, connections: 2, flows: 64, fragmented: 2 }
          : {},
        onPdu(pdu) {
          analyses.pdu(pdu);
          for (const note of pdu.recording.notes) features.add(shape(note.code, note.message));
          if (record && r.once(3)) problems.push(...pduOutputProblems(pdu, r));
          if (record) addFields(features, pdu.recording);
        },
        onCall(call, number) {
          analyses.call(call);
          if (r.once(3)) problems.push(...callOutputProblems(call, number, analyses.table, r));
        },
      });
      for (const note of passed.notes) features.add(shape(note.code, note.message));
      if (list.length > 0 && r.once(2)) problems.push(...layerProblems(r.pick(list), 1));
      if (r.once(3)) problems.push(...analyses.problems());
      return [...passed.problems, ...problems];
    },
    save: () => ({ bytes: toPcap(list), extension: 'packets.pcap' }),
    keep: () => void (corpus.packets.length < MOST_KEPT && corpus.packets.push(list)),
  };
}

export function capture(corpus: Corpus, r: Random): Input {
  const other = (): Uint8Array => r.pick(corpus.files);
  let bytes = r.once(4) ? other() : mutateBytes(other(), r, other);
  if (r.once(3)) bytes = packed(bytes, r);
  if (r.once(10)) bytes = mutateBytes(bytes, r, other);
  return captureInput(bytes, corpus, r, () => void (corpus.files.length < MOST_KEPT && corpus.files.push(bytes)));
}

export function captureInput(bytes: Uint8Array, corpus: Corpus, r: Random, keep?: () => void): Input {
  const features = new Set<string>();
  return {
    features,
    async run() {
      const list: RawPacket[] = [];
      // pieces of odd sizes, as pipes give them
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bytes.length; ) {
          const n = r.once(3) ? 1 + r.below(100) : 65536;
          yield bytes.subarray(at, at + n);
          at += n;
        }
      }
      try {
        const end = await readCapture(pieces(), (p) => {
          const { link, length, sec, nsec } = p;
          list.push({ link, bytes: p.bytes.slice(p.start, p.end), length, sec, nsec });
        });
        if (end.damage !== null) features.add(shape(end.format, end.damage.message));
      } catch (e) {
        if (!(e instanceof UnreadableInput)) throw e;
        features.add(shape('unreadable', e.reason));
      }
      // times of every kind come from files only
      return packetInput(list.slice(0, 2000), corpus, r).run();
    },
    save: () => ({ bytes, extension: 'capture.bin' }),
    keep,
  };
}
