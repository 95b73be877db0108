/** Counting what is distinct in bounded memory. */

import { longer } from '../../core/keep-first.js';

/** What all tallies of one report may keep together, in units of some 40 bytes. */
export interface TallyRoom {
  left: number;
}

/** What every tally keeps, room or not: who reads a finding must learn where it was seen, and by whom. */
export const FIRST = 4;

/** What it takes to keep a text. */
export function costOf(text: string): number {
  return 1 + (text.length >> 4);
}

/** Values up to which a list is searched: most tallies have few, and a set takes ten times the memory. */
const FEW = 8;

/** Of many texts. */
const NONE: readonly never[] = [];

/** Distinct texts in the order of their first sight, counted as long as there is room to tell them apart. */
export class Tally {
  private few: readonly string[] = NONE;
  private many: Set<string> | null = null;
  /** How much room it took. */
  cost = 0;
  /** False where there was no room: there are at least `count` of them. */
  exact = true;

  /** @param most distinct texts that this tally tells apart */
  constructor(
    private readonly room: TallyRoom,
    private readonly most: number,
  ) {}

  get count(): number {
    return this.many?.size ?? this.few.length;
  }

  /** Returns whether the text was new and there was room for it. */
  add(text: string): boolean {
    const { few, many, room } = this;
    if (many?.has(text) ?? few.includes(text)) return false;
    const cost = costOf(text);
    if (this.count >= this.most || (room.left < cost && this.count >= FIRST)) {
      this.exact = false;
      return false;
    }
    room.left -= cost;
    this.cost += cost;
    if (many !== null) many.add(text);
    else if (few.length === FEW) {
      this.many = new Set(few).add(text);
      this.few = NONE;
    } else this.few = longer(few, text);
    return true;
  }

  /** The first of them. */
  first(most: number): string[] {
    const list: string[] = [];
    for (const text of this.many ?? this.few) {
      if (list.length >= most) break;
      list.push(text);
    }
    return list;
  }
}

/** Numbers that one word of a `NumberTally` has a bit for. */
const WORD = 32;

/**
 * Distinct numbers from 0 on, counted in the same way. They come in runs, in order for the most part: a word of bits for
 * each 32 that have one of them takes a tenth of a set's memory.
 */
export class NumberTally {
  /** By their place: which 32, in order, and the bits of those that are there. */
  private readonly places: number[] = [];
  private readonly words: number[] = [];
  count = 0;
  /** False where there was no room: there are at least `count` of them. */
  exact = true;

  /** @param most distinct numbers that this tally tells apart */
  constructor(
    private readonly room: TallyRoom,
    private readonly most: number,
  ) {}

  /** How much room it took. */
  get cost(): number {
    return this.places.length;
  }

  /** Returns whether the number was new and there was room for it. */
  add(n: number): boolean {
    const { places, words, room } = this;
    const place = Math.floor(n / WORD);
    const bit = 1 << (n % WORD);
    const at = placeIn(places, place);
    const isThere = places[at] === place;
    if (isThere && (words[at] & bit) !== 0) return false;
    if (this.count >= this.most || (!isThere && room.left < 1 && this.count >= FIRST)) {
      this.exact = false;
      return false;
    }
    this.count++;
    if (isThere) {
      words[at] |= bit;
      return true;
    }
    room.left--;
    if (at === places.length) {
      places.push(place);
      words.push(bit);
    } else {
      places.splice(at, 0, place);
      words.splice(at, 0, bit);
    }
    return true;
  }
}

/** Where a number stands in a sorted list, or would. */
function placeIn(sorted: readonly number[], n: number): number {
  let [low, high] = [0, sorted.length];
  if (high === 0 || sorted[high - 1] < n) return high;
  if (sorted[high - 1] === n) return high - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < n) low = middle + 1;
    else high = middle;
  }
  return low;
}
