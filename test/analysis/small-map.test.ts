import { describe, expect, test } from 'vitest';
import { SmallMap } from '../../src/analysis/small-map.js';

describe('a small map', () => {
  test('holds what a map holds, in the same order, with none, one and many', () => {
    const [small, map] = [new SmallMap<number>(), new Map<string, number>()];
    for (const [key, value] of [
      ['b', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
      ['b', 5],
      ['a', 6],
    ] as const) {
      expect([...small]).toEqual([...map]);
      expect([small.size, small.get(key), small.get('')]).toEqual([map.size, map.get(key), undefined]);
      small.set(key, value);
      map.set(key, value);
    }
    expect([...small]).toEqual([
      ['b', 5],
      ['a', 6],
      ['c', 4],
    ]);
    expect([[...small.values()], small.size, small.get('b')]).toEqual([[5, 6, 4], 3, 5]);
  });
});
