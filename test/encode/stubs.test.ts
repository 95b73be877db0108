/** Stubs to documents and back: `vectors` and `encode` are inverses. */
import { describe, expect, it } from 'vitest';
import { stubDocument } from '../../src/encode/documents/extract.js';
import { encodeStub, type StubDocument } from '../../src/encode/stub.js';
import { TRAFFIC } from '../traffic.js';
import { captures, changed, KNOWN, leavesOf, real, secretsOf, throughJson, walkCapture } from './support.js';

/** What the values of a document are, without how they lie on the wire. */
const meaning = ({ orpc, params, result, bytes }: StubDocument) => ({ orpc, params, result, bytes });

const files = [...captures.map((name) => `${TRAFFIC}/${name}`), ...real];

describe.each(files.map((file) => [file.split('/').slice(-2).join('/'), file]))('%s', (_, file) => {
  const opened = secretsOf(file).then((secrets) => walkCapture(file, secrets));

  it('gives the same bytes for every stub', async () => {
    const { stubs } = await opened;
    if (file.startsWith(TRAFFIC)) expect(stubs.length).toBeGreaterThan(0);
    for (const { document, bytes } of stubs) {
      const again = encodeStub(throughJson(document) as never, KNOWN);
      expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
    }
  });

  it('takes every stub of a known operation apart: none stays bytes', async () => {
    const { stubs } = await opened;
    const whole = stubs.filter((s) => s.sight.operation?.decoded && s.document.bytes !== undefined);
    expect(whole.map((s) => `${s.document.operation} ${s.side}: ${s.document.why}`)).toEqual([]);
  });

  it('sets nothing by wire.padding and wire.referents that a value depends on', async () => {
    const { stubs } = await opened;
    for (const { bytes, sight, document } of stubs) {
      const padding = (document.wire.padding ?? []).map((p) => {
        if (!('gap' in p)) throw new Error('padding is noted by its gap');
        return {
          gap: p.gap,
          hex: Buffer.from(Buffer.from(p.hex, 'hex').map((b) => b ^ (b === 0x40 ? 1 : 0x40))).toString('hex'),
        };
      });
      const edited = { ...document, wire: { ...document.wire, padding } };
      const other = encodeStub(throughJson(edited) as never, KNOWN);
      if (Buffer.compare(other, bytes) === 0) continue;
      expect(meaning(stubDocument(other, sight))).toEqual(meaning(document));
    }
    for (const { bytes, sight, document } of stubs.filter((s) => s.document.wire.referents !== undefined)) {
      const { referents: _, padding: __, ...wire } = document.wire;
      const canonical = encodeStub(throughJson({ ...document, wire }) as never, KNOWN);
      // both are read with what was known of the server, which decides between layouts of pCCW
      expect(meaning(stubDocument(canonical, sight))).toEqual(meaning(stubDocument(bytes, sight)));
    }
  });
});

describe('damaged stubs', () => {
  it('attack: a changed byte gives a document that makes it again, values or bytes', { timeout: 60_000 }, async () => {
    const { stubs } = await walkCapture(`${TRAFFIC}/dispatch-impacket.pcap`, null);
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    let kept = 0;
    for (const { bytes, sight } of stubs)
      for (let i = 0; i < 25 && bytes.length > 0; i++) {
        const other = Uint8Array.from(bytes.subarray(0, bytes.length - (random(4) === 0 ? random(bytes.length) : 0)));
        if (other.length > 0) other[random(other.length)] ^= 1 << random(8);
        const document = stubDocument(other, sight);
        if (document.bytes === undefined) kept++;
        const again = encodeStub(throughJson(document) as never, KNOWN);
        expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(other).toString('hex'));
      }
    expect(kept).toBeGreaterThan(100);
  });
});

describe('a document', () => {
  it('has no value without which its bytes would be the same', async () => {
    const { stubs } = await walkCapture(`${TRAFFIC}/clear-ndr.pcap`, null);
    const mute: string[] = [];
    const tried = new Set<string>();
    for (const { document, bytes } of stubs) {
      if (tried.has(`${document.operation} ${document.side}`)) continue;
      tried.add(`${document.operation} ${document.side}`);
      for (const part of ['orpc', 'params', 'result'] as const)
        for (const { path, value } of leavesOf(document[part], [part])) {
          // names that only tell a class to people
          if (path.includes('className') && path.includes('records')) continue;
          for (const next of others(value)) {
            let again: Uint8Array | null = null;
            try {
              again = encodeStub(throughJson(changed(document, path, next)) as never, KNOWN);
            } catch {
              continue;
            }
            if (Buffer.compare(again, bytes) === 0) mute.push(`${document.operation} ${path.join('.')}`);
          }
        }
    }
    // the kind of an OBJREF that stands there as bytes is told for people
    expect(mute.filter((m) => !/pActProperties\.(type|iid)$|ppActProperties\.(type|iid)$/.test(m))).toEqual([]);
  });
});

/** Other values of the same kind. */
function others(value: unknown): unknown[] {
  if (typeof value === 'number') return [value + 1];
  if (typeof value === 'boolean') return [!value];
  if (typeof value !== 'string') return [];
  if (/^[0-9a-f]{8}-/.test(value)) return [`${value.slice(0, -1)}${value.endsWith('0') ? 1 : 0}`];
  if (/^(0x)?[0-9a-f]+$/.test(value)) return [`${value.slice(0, -1)}${value.endsWith('0') ? 1 : 0}`];
  return [`${value}x`];
}
