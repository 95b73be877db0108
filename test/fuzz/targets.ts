/** What is fuzzed, and what counts as a defect: a throw, a `bug` note, bytes in no leaf or in two, raw control characters. */

import { dissectFrame } from '../../dissectors/index.js';
import { describeNrbf, nrbfToJson, readNrbf, recordAt } from '../../dissectors/nrbf/index.js';
import { readCapture, UnreadableInput } from '../../src/capture/open.js';
import { Cursor } from '../../src/core/cursor.js';
import type { Frame } from '../../src/core/frame.js';
import { limitsWith } from '../../src/core/limits.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { compileFilter, FilterError } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { safe } from '../../src/output/terminal.js';
import { renderTree } from '../../src/output/tree/tree.js';
import { parseKeytab } from '../../src/security/kerberos/keytab.js';
import { frameOf } from '../frame.js';
import { type Corpus, toPcap } from './corpus.js';
import { packed } from './hostile.js';
import { mutateBytes, mutatePackets, mutateText } from './mutate.js';
import { Analyses, callOutputProblems, layerProblems, pduOutputProblems, rawProblems } from './outputs.js';
import { partitionProblems } from './partition.js';
import { Random } from './random.js';
import { packetsIn, pass, type RawPacket } from './way.js';

/** One input: how to try it, and how to keep it. */
export interface Input {
  /** Tries the input; tells what is wrong. */
  run(): string[] | Promise<string[]>;
  /** The input as a file that `replay` understands. */
  save(): { readonly bytes: Uint8Array; readonly extension: Extension };
  /** What of it was worth keeping to mutate further: called where the input showed something new. */
  readonly keep?: (() => void) | undefined;
  /** Names of what the input showed. */
  readonly features: Set<string>;
}

export type Extension = 'packets.pcap' | 'capture.bin' | 'nrbf' | 'filter' | 'keytab';

export type Target = (corpus: Corpus, r: Random) => Input;

/** By name, with how often each is tried. */
export const TARGETS: Readonly<Record<string, { readonly weight: number; readonly make: Target }>> = {
  packets: { weight: 6, make: packets },
  capture: { weight: 1, make: capture },
  nrbf: { weight: 6, make: nrbf },
  filter: { weight: 3, make: filter },
  keytab: { weight: 1, make: keytab },
};

/** How many inputs a corpus may grow by. */
const MOST_KEPT = 3000;

function packets(corpus: Corpus, r: Random): Input {
  const list = mutatePackets(r.pick(corpus.packets), r, () => payloadOf(corpus, r));
  return packetInput(list, corpus, r);
}

function payloadOf(corpus: Corpus, r: Random): Uint8Array {
  if (r.once(4) && corpus.nrbf.length > 0) return r.pick(corpus.nrbf);
  const list = r.pick(corpus.packets);
  return list.length === 0 ? new Uint8Array(16) : r.pick(list).bytes.subarray(54);
}

function packetInput(list: readonly RawPacket[], corpus: Corpus, r: Random): Input {
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

function capture(corpus: Corpus, r: Random): Input {
  const other = (): Uint8Array => r.pick(corpus.files);
  let bytes = r.once(4) ? other() : mutateBytes(other(), r, other);
  if (r.once(3)) bytes = packed(bytes, r);
  if (r.once(10)) bytes = mutateBytes(bytes, r, other);
  return captureInput(bytes, corpus, r, () => void (corpus.files.length < MOST_KEPT && corpus.files.push(bytes)));
}

function captureInput(bytes: Uint8Array, corpus: Corpus, r: Random, keep?: () => void): Input {
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

function nrbf(corpus: Corpus, r: Random): Input {
  const base = r.pick(corpus.nrbf);
  const bytes = r.once(4) ? swapRecords(base, r) : mutateBytes(base, r, () => r.pick(corpus.nrbf), r.once(8) ? 0 : 17);
  return nrbfInput(
    bytes,
    r,
    () => void (corpus.nrbf.length < MOST_KEPT && bytes.length < 20_000 && corpus.nrbf.push(bytes)),
  );
}

function nrbfInput(bytes: Uint8Array, r: Random, keep?: () => void): Input {
  const features = new Set<string>();
  return {
    features,
    run() {
      const problems: string[] = [];
      const small = { nrbfDepth: 3, nrbfElements: 10, nrbfString: 20 };
      const recording = new Recording(!r.once(3), limitsWith(r.once(8) ? small : {}));
      const c = new Cursor(fileSource('NRBF', bytes), recording);
      const stream = readNrbf(c);
      recording.finish();
      for (const note of [...recording.notes, ...stream.warnings]) {
        if (note.code === 'bug') problems.push(`bug: ${note.message}`);
        features.add(shape(note.code, note.message));
      }
      for (let i = 0; i < stream.records.length; i++)
        features.add(`record ${recordAt(stream, i).type} ${stream.complete}`);
      if (recording.on) {
        problems.push(...partitionProblems(recording));
        if (r.once(8)) problems.push(...rawProblems('tree', renderTree(recording.roots, { color: false, width: 100 })));
      }
      if (r.once(3)) problems.push(...rawProblems('nrbf', safe(describeNrbf(stream))));
      if (r.once(2)) JSON.stringify(nrbfToJson(stream, { full: r.once(2), trailing: 0 }));
      return problems;
    },
    save: () => ({ bytes, extension: 'nrbf' }),
    keep,
  };
}

/** A stream whose records stand in another order, or twice. */
function swapRecords(bytes: Uint8Array, r: Random): Uint8Array {
  const { records } = readNrbf(new Cursor(fileSource('NRBF', bytes), new Recording(false)));
  const ends = [...new Set(records.flatMap((x) => (typeof x === 'number' ? [] : [x.offset, x.end])))].sort(
    (a, b) => a - b,
  );
  if (ends.length < 3) return bytes;
  const parts = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
  for (let i = 0; i <= r.below(3); i++) {
    const a = r.below(parts.length);
    const b = r.below(parts.length);
    const part = parts[a];
    if (r.once(3)) parts.splice(b, 0, part);
    else if (r.below(2) === 0) parts.splice(a, 1);
    else {
      parts[a] = parts[b];
      parts[b] = part;
    }
    if (parts.length === 0) return bytes;
  }
  return new Uint8Array(Buffer.concat(parts));
}

const known = knownFields();
/** Frames that filters are tried on. */
let frames: Frame[] | null = null;

function framesOf(corpus: Corpus): Frame[] {
  frames ??= corpus.packets.slice(0, 20).flatMap((list) => {
    const views: Frame[] = [];
    let number = 0;
    pass(list, {
      record: true,
      check: false,
      onPdu(pdu) {
        const layers = new Recording(true);
        dissectFrame({ ...list[0], number: ++number }, layers, {});
        views.push(frameOf(number, [layers.roots, pdu.recording.roots]));
      },
    });
    return views.slice(0, 3);
  });
  return frames;
}

function filter(corpus: Corpus, r: Random): Input {
  const text = mutateText(r.pick(corpus.filters), r, () => r.pick(corpus.filters));
  return filterInput(
    text,
    corpus,
    () => void (corpus.filters.length < MOST_KEPT && text.length < 500 && corpus.filters.push(text)),
  );
}

function filterInput(text: string, corpus: Corpus, keep?: () => void): Input {
  const features = new Set<string>();
  return {
    features,
    run() {
      try {
        const compiled = compileFilter(text, known);
        for (const frame of framesOf(corpus))
          features.add(`${compiled.matches(frame)} ${[...compiled.fieldNames].join()}`.slice(0, 80));
        return [];
      } catch (e) {
        if (!(e instanceof FilterError)) throw e;
        features.add(shape('filter', e.message.split('\n')[0]));
        return e.message.length > 5000 + 10 * text.length ? ['a message longer than ten times the filter'] : [];
      }
    },
    save: () => ({ bytes: Buffer.from(text), extension: 'filter' }),
    keep,
  };
}

function keytab(corpus: Corpus, r: Random): Input {
  if (corpus.keytabs.length === 0) return filter(corpus, r);
  return keytabInput(mutateBytes(r.pick(corpus.keytabs), r, () => r.pick(corpus.keytabs)));
}

function keytabInput(bytes: Uint8Array): Input {
  const features = new Set<string>();
  return {
    features,
    run() {
      const found = parseKeytab(bytes);
      features.add(typeof found === 'string' ? shape('keytab', found) : `keytab ${found.length}`);
      return [];
    },
    save: () => ({ bytes, extension: 'keytab' }),
  };
}

/** Tries a file that `save` made. */
export async function replay(bytes: Uint8Array, extension: Extension, corpus: Corpus): Promise<string[]> {
  const problems: string[] = [];
  // what the random numbers chose is not kept with the file: several of their ways are tried
  for (let seed = 0; seed < 24; seed++)
    problems.push(...(await inputOf(bytes, extension, corpus, new Random(seed, 1)).run()));
  return problems;
}

function inputOf(bytes: Uint8Array, extension: Extension, corpus: Corpus, r: Random): Input {
  switch (extension) {
    case 'nrbf':
      return nrbfInput(bytes, r);
    case 'filter':
      return filterInput(Buffer.from(bytes).toString(), corpus);
    case 'keytab':
      return keytabInput(bytes);
    case 'capture.bin':
      return captureInput(bytes, corpus, r);
    case 'packets.pcap':
      return {
        ...captureInput(bytes, corpus, r),
        run: async () => packetInput(await packetsIn(bytes), corpus, r).run(),
      };
  }
}

/** A message without what differs from input to input. */
function shape(code: string, message: string): string {
  return `${code} ${message.replace(/0x[0-9a-f]+|\d+|"[^"]*"|'[^']*'/g, '#').slice(0, 100)}`;
}

/** Names of nodes with their parent's. */
function addFields(features: Set<string>, recording: Recording): void {
  const todo = recording.roots.map((node) => ({ node, parent: '' }));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, parent } = next;
    const { name } = node.field;
    features.add(`${parent}>${name}`);
    for (const child of node.children) todo.push({ node: child, parent: name });
  }
}
