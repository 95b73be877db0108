/** Where bytes lie in the capture file, through whatever they were put together of. */
import { describe, expect, it } from 'vitest';
import { type DataSource, fileSource, locate, type Range } from '../../src/core/source.js';

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const joined = (...parts: Range[]): DataSource => ({
  kind: 'joined',
  name: 'Stub',
  bytes: bytes(parts.reduce((sum, p) => sum + p.end - p.start, 0)),
  parts,
});

/** Two PDUs, the second of two segments with a hole between them. */
const first = fileSource('PDU', bytes(40), 1000, 1);
const second: DataSource = {
  kind: 'captured',
  name: 'PDU',
  bytes: bytes(60),
  pieces: [
    { at: 0, length: 30, frame: 2, fileOffset: 2000 },
    { at: 30, length: 10, frame: 0, fileOffset: -1 },
    { at: 40, length: 20, frame: 4, fileOffset: 4000 },
  ],
};
/** The stub of both: bytes 24 to 40 of the first, 24 to 60 of the second. */
const stub = joined({ source: first, start: 24, end: 40 }, { source: second, start: 24, end: 60 });

const places = (range: Range) => locate(range).map(({ frame, fileOffset, length }) => [frame, fileOffset, length]);

describe('bytes of a joined source', () => {
  it('lie where those of its parts do', () => {
    expect(places({ source: stub, start: 0, end: 16 })).toEqual([[1, 1024, 16]]);
    expect(places({ source: stub, start: 4, end: 6 })).toEqual([[1, 1028, 2]]);
    expect(places({ source: stub, start: 16, end: 20 })).toEqual([[2, 2024, 4]]);
    expect(places({ source: stub, start: 34, end: 36 })).toEqual([[4, 4002, 2]]);
  });

  it('lie in several where they go over their bounds', () => {
    expect(places({ source: stub, start: 15, end: 17 })).toEqual([
      [1, 1039, 1],
      [2, 2024, 1],
    ]);
    expect(places({ source: stub, start: 0, end: 52 })).toEqual([
      [1, 1024, 16],
      [2, 2024, 6],
      [0, -1, 10],
      [4, 4000, 20],
    ]);
  });

  it('lie nowhere where there are none', () => {
    expect(locate({ source: stub, start: 16, end: 16 })).toEqual([]);
    expect(locate({ source: stub, start: 52, end: 60 })).toEqual([]);
  });

  it('lie through one join behind another', () => {
    const again = joined({ source: stub, start: 10, end: 20 }, { source: stub, start: 40, end: 52 });
    expect(places({ source: again, start: 5, end: 12 })).toEqual([
      [1, 1039, 1],
      [2, 2024, 4],
      [4, 4008, 2],
    ]);
  });
});

describe('bytes of a derived source', () => {
  it('lie where all that it was made from lies', () => {
    const plain: DataSource = {
      kind: 'derived',
      name: 'Decrypted',
      bytes: bytes(20),
      from: { source: stub, start: 12, end: 20 },
    };
    const where = [
      [1, 1036, 4],
      [2, 2024, 4],
    ];
    expect(places({ source: plain, start: 3, end: 4 })).toEqual(where);
    expect(places({ source: joined({ source: plain, start: 0, end: 20 }), start: 1, end: 2 })).toEqual(where);
  });
});
