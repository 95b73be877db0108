import { describe, expect, it } from 'vitest';
import { asObject } from '../../dissectors/nrbf/graph/graph.js';
import { describeNrbf, nrbfToJson, recordAt } from '../../dissectors/nrbf/index.js';
import { HEADER, HERE, hasShared, hex, read, readRecorded, SHARED, vectors } from './support.js';

const MB = 1 << 20;

describe('a stream that is cut', () => {
  it('inside its message is told as bytes: null would be a value', () => {
    const [{ bytes }] = vectors(HERE).filter(({ name }) => name === 'v-call-add-int');
    expect(describeNrbf(read(bytes))).toBe('Svc.Add(40, 2)');
    expect(describeNrbf(read(bytes.subarray(0, 40)))).toBe('NRBF, 40 bytes');
  });
});

describe.skipIf(!hasShared)('malformed vectors', () => {
  const all = hasShared ? vectors(`${SHARED}/malformed`) : [];

  it.each(all)('$name is reported as its truth says', ({ bytes, truth }) => {
    const stream = read(bytes);
    const trailing = stream.ended ? bytes.length - stream.length : 0;
    const seen = !stream.complete
      ? 'error'
      : trailing > 0
        ? 'ok-with-trailing'
        : stream.warnings.length > 0
          ? 'ok-with-warning'
          : 'ok';
    expect([truth.expect, ...(truth.also_accept ?? [])]).toContain(seen);
    if (seen === 'error') expect(stream.warnings.length).toBeGreaterThan(0);
  });
});

describe('attacks', () => {
  it('does not allocate what counts claim', () => {
    const claims = [
      '0f 01000000 ffffff7f 08', // 2^31-1 Int32
      '10 01000000 ffffff7f 0a', // 2^31-1 objects, one null
      '04 01000000 01 43 ffffff7f', // 2^31-1 members
      '07 01000000 02 ffffff3f', // rank 2^30
      '06 01000000 ffffffff07', // a string of 2^31-1 bytes
      '15 02000000 1201 41 1201 42 ffffff7f', // 2^31-1 arguments
    ];
    for (const claim of claims) {
      const before = process.memoryUsage().rss;
      const stream = read(hex(HEADER + claim));
      expect(stream.complete).toBe(false);
      expect(stream.warnings.length).toBeGreaterThan(0);
      expect(process.memoryUsage().rss - before).toBeLessThan(20 * MB);
    }
  });

  it('does not repeat a long shared string for each of its sights', () => {
    const text = 'x'.repeat(200_000);
    const length = Buffer.from([0xc0, 0x9a, 0x0c]);
    const refs = 100_000;
    const count = Buffer.alloc(4);
    count.writeInt32LE(refs + 1);
    const bytes = Buffer.concat([
      hex(`${HEADER} 10 01000000`),
      count,
      hex('06 02000000'),
      length,
      Buffer.from(text),
      ...Array.from({ length: refs }, () => hex('09 02000000')),
      hex('0b'),
    ]);
    const stream = read(bytes);
    expect(stream.complete).toBe(true);
    const document = nrbfToJson(stream, { full: true });
    expect(document.warnings.map((w) => w.code)).toEqual(['limit']);
    expect(JSON.stringify(document.root).length).toBeLessThan(250e6);
  });

  it('notes the same oddity only so often', () => {
    const many = Array.from({ length: 5000 }, () => '06 00000000 00').join('');
    const stream = read(hex(`${HEADER} 10 01000000 88130000 ${many} 0b`));
    expect(stream.complete).toBe(true);
    expect(stream.warnings.length).toBeLessThan(50);
  });

  it('never throws, whatever byte of a stream is changed or cut', () => {
    for (const { bytes, truth } of vectors(HERE).filter((v) => v.bytes.length < 1500)) {
      for (let i = 0; i < bytes.length; i += 3) {
        const changed = Buffer.from(bytes);
        changed[i] ^= 1 << (i % 8);
        const stream = read(changed, { schema: truth.schema });
        expect(stream.warnings.map((w) => w.code)).not.toContain('bug');
        describeNrbf(stream);
        nrbfToJson(stream, { full: true });
        const { stream: cut, recording } = readRecorded(bytes.subarray(0, i), { schema: truth.schema });
        expect(cut.complete).toBe(false);
        expect(recording.notes.length).toBeGreaterThan(0);
        expect(recording.notes.map((w) => w.code)).not.toContain('bug');
      }
    }
  });

  it('shows of an object that was cut off what was read, and no null for what is missing', () => {
    // a, s, b and n of two objects; the first defines the class
    const cls = '05 02000000 0143 04000000 0161 0173 0162 016e 00 01 00 02 08 01 09000000';
    const first = '07000000 06 03000000 0178 01 0a';
    const second = '01 04000000 02000000 08000000 06 05000000 0179 00 0a';
    const bytes = hex(`${HEADER} 0c 09000000 014c ${cls} ${first} ${second} 0b`);
    const [begin, end] = [bytes.length - 1 - hex(second).length, bytes.length - 1];
    for (let at = begin + 9; at < end; at++) {
      const count = at < begin + 13 ? 0 : at < begin + 20 ? 1 : at < begin + 21 ? 2 : 3;
      const cut = bytes.subarray(0, at);
      for (const stream of [read(cut), readRecorded(cut).stream]) {
        const object = asObject(stream.byId.get(4) ?? null);
        expect([at, object?.values.length, object?.end]).toEqual([at, count, stream.length]);
        expect(recordAt(stream, 5)).toBe(object);
      }
    }
  });

  it('says so of a single byte that is not UTF-8', () => {
    expect(read(hex(`${HEADER} 06 01000000 01 80 0b`)).warnings[0].code).toBe('string-invalid-utf8');
  });

  it('keeps to limits that are set', () => {
    const nested = `${'10 ff000000 01000000 '.repeat(5)}0a 0b`;
    expect(read(hex(HEADER + nested), {}, { nrbfDepth: 3 }).warnings.map((w) => w.code)).toContain('limit');
    expect(read(hex(`${HEADER} 10 01000000 05000000 0d05 0b`), {}, { nrbfElements: 4 }).warnings[0].code).toBe('limit');
    expect(read(hex(`${HEADER} 06 01000000 03 414141 0b`), {}, { nrbfString: 2 }).warnings[0].code).toBe('limit');
  });
});
