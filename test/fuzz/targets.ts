/** What is fuzzed, and what counts as a defect: a throw, a `bug` note, bytes in no leaf or in two, raw control characters. */

import { dissectFrame } from '../../dissectors/index.js';
import { describeNrbf, nrbfToJson, readNrbf, recordAt } from '../../dissectors/nrbf/index.js';
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
import type { Corpus } from './corpus.js';
import { type Extension, type Input, MOST_KEPT, shape, type Target } from './input.js';
import { http, httpInput, nns, smb, soap, soapInput } from './messages.js';
import { mutateBytes, mutateText } from './mutate.js';
import { rawProblems } from './outputs.js';
import { capture, captureInput, packetInput, packets } from './packets.js';
import { partitionProblems } from './partition.js';
import { Random } from './random.js';
import { packetsIn, pass } from './way.js';

/** By name, with how often each is tried. */
export const TARGETS: Readonly<Record<string, { readonly weight: number; readonly make: Target }>> = {
  packets: { weight: 6, make: packets },
  capture: { weight: 1, make: capture },
  nrbf: { weight: 6, make: nrbf },
  http: { weight: 2, make: http },
  soap: { weight: 2, make: soap },
  smb: { weight: 4, make: smb },
  nns: { weight: 2, make: nns },
  filter: { weight: 3, make: filter },
  keytab: { weight: 1, make: keytab },
};

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
    case 'http':
      return httpInput(bytes, r);
    case 'soap':
      return soapInput(bytes, r);
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
