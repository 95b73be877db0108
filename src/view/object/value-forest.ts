/** Plain JSON as a tree: a member or an element a row. */
import type { ParamJson } from '../../index.js';
import { type Forest, TOP } from './rows.js';

/** A member or an element. */
export interface ValueSpot {
  readonly label: string;
  readonly value: ParamJson;
}

export class ValueForest implements Forest<ValueSpot> {
  private readonly held: (readonly ValueSpot[])[] = [];
  private readonly numbers = new Map<ParamJson, number>();
  private readonly parents = [-1];
  private readonly places = [-1];
  private readonly depths = [0];

  constructor(root: ParamJson) {
    this.held.push(spotsOf(root));
    // what is found is looked through in its turn
    for (let holder = TOP; holder < this.held.length; holder++)
      for (const [at, { value }] of this.held[holder].entries()) {
        if (typeof value !== 'object' || value === null) continue;
        this.numbers.set(value, this.held.push(spotsOf(value)) - 1);
        this.parents.push(holder);
        this.places.push(at);
        this.depths.push(this.depths[holder] + 1);
      }
  }

  countOf(holder: number): number {
    return this.held[holder].length;
  }

  spot(holder: number, at: number): ValueSpot {
    return this.held[holder][at];
  }

  holderOf({ value }: ValueSpot): number | null {
    return this.numbers.get(value) ?? null;
  }

  parentOf(holder: number): number {
    return this.parents[holder];
  }

  placeOf(holder: number): number {
    return this.places[holder];
  }

  depthOf(holder: number): number {
    return this.depths[holder];
  }
}

function spotsOf(value: ParamJson): ValueSpot[] {
  if (Array.isArray(value)) return value.map((inner, i) => ({ label: `[${i}]`, value: inner }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([label, inner]) => ({ label, value: inner }));
}
