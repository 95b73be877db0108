/** The object browser's tree: each object and array of a stream stands in it once, whatever the stream is. */
import { describe, expect, test } from 'vitest';
import { decode, type NrbfStream, recordAt } from '../../src/nrbf.js';
import { Graph } from '../../src/view/object/graph.js';
import { meaningOfGraph } from '../../src/view/object/meaning.js';
import { Rows, TOP } from '../../src/view/object/rows.js';
import { concat, u32 } from '../bytes.js';
import { HEADER, HERE, hasShared, hex, SHARED, vectors } from '../nrbf/support.js';

/** All rows of a stream, with what holds others open. */
function opened(stream: NrbfStream): Rows<ReturnType<Graph['spot']>> {
  const rows = new Rows(new Graph(stream));
  for (let at = rows.length - 1; at >= 0; at--) rows.openAll(at);
  return rows;
}

/** Objects that refer to each other in a row; the last one to `last`, or to nothing. */
function chain(length: number, last: number | null): Uint8Array {
  const next = (id: number): Uint8Array => concat(hex('09'), u32(id, true));
  const end = last === null ? hex('0a') : next(last);
  const first = concat(hex(`${HEADER} 04 01000000 04 4e6f6465 01000000 04 6e657874 02`), length === 1 ? end : next(2));
  const more = Array.from({ length: length - 1 }, (_, i) =>
    concat(hex('01'), u32(i + 2, true), u32(1, true), i + 2 === length ? end : next(i + 3)),
  );
  return concat(first, ...more, hex('0b'));
}

describe.each([HERE, ...(hasShared ? [`${SHARED}/valid`, `${SHARED}/malformed`] : [])])('streams of %s', (folder) => {
  test.each(vectors(folder))('$name', ({ bytes }) => {
    const stream = decode(bytes);
    const rows = opened(stream);
    const standing = Array.from({ length: rows.length }, (_, at) => rows.row(at)).filter(({ stands }) => stands);
    const shown = new Set(standing.map(({ spot }) => spot.item));
    expect(shown.size).toBe(standing.length);
    const left = stream.records
      .map((_, i) => recordAt(stream, i))
      .filter(({ type }) => (type >= 1 && type <= 5) || type === 7 || (type >= 15 && type <= 17))
      .filter((record) => stream.byId.get((record as { id: number }).id) === record && !shown.has(record as never));
    // a message is shown by its parts and not by the arrays that they stand in
    expect(left.length).toBeLessThanOrEqual(stream.message === null ? 0 : 2);
    meaningOfGraph(new Graph(stream));
  });
});

describe('streams that are not nice', () => {
  test('a row of 100,000 objects is as deep, and a jump opens the way to the last one', () => {
    const graph = new Graph(decode(chain(100_000, null)));
    const rows = new Rows(graph);
    expect(rows.length).toBe(2);
    const at = rows.reveal(100_000);
    expect(rows.row(at).to).toBe(100_000);
    expect(graph.depthOf(rows.row(at).holder)).toBe(99_999);
    rows.openAll(0);
    expect(rows.length).toBe(100_001);
  });

  test('a circle is walked once, and its last reference jumps to the first object', () => {
    const rows = opened(decode(chain(5, 1)));
    expect(rows.length).toBe(6);
    const { to, stands } = rows.row(5);
    expect({ to, stands }).toEqual({ to: 1, stands: false });
    expect(rows.reveal(1)).toBe(0);
  });

  test('100,000 elements, and nulls that two bytes stand for', () => {
    const count = 100_000;
    const numbers = concat(
      hex(`${HEADER} 0f 01000000`),
      u32(count, true),
      hex('08'),
      new Uint8Array(4 * count),
      hex('0b'),
    );
    expect(opened(decode(numbers)).length).toBe(1 + count);
    const nulls = concat(hex(`${HEADER} 10 01000000`), u32(255, true), hex('0d ff 0b'));
    expect(opened(decode(nulls)).length).toBe(256);
  });

  test('what is chosen stays when what is around it opens and closes', () => {
    const rows = new Rows(new Graph(decode(chain(3, null))));
    rows.openAll(0);
    const { holder, at } = rows.row(3);
    rows.toggle(0);
    // it is not seen any more: what hides it is
    expect(rows.placeOf(holder, at)).toBe(0);
    rows.toggle(0);
    expect(rows.placeOf(holder, at)).toBe(3);
    expect(rows.placeOf(TOP, 0)).toBe(0);
  });
});
