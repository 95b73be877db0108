/**
 * Apartments and the borders that a call crosses (../../shared/spec/002: interop and COM marshalling). An IPID of a
 * Windows server tells process and apartment in its second and third group; others fill these groups as they like,
 * so they count only where all the IPIDs of an apartment agree.
 */

/** Threading models of apartments. */
export type ApartmentKind = 'single-threaded' | 'multi-threaded' | 'neutral';

/** Where an apartment lives. */
export interface ProcessPlace {
  readonly processId: number;
  readonly kind: ApartmentKind;
  /** The thread of a single-threaded apartment; null for the other kinds. */
  readonly threadId: number | null;
}

/** The border between caller and object: the furthest one that is sure to be crossed. */
export type Border = 'none' | 'apartments' | 'processes' | 'machines';

const MULTI_THREADED = 0;
const NEUTRAL = 0xffff;

/** IPIDs that must agree before their groups are believed. */
const WITNESSES = 2;

/** What the IPIDs of one apartment say about where it lives. */
export class PlaceClues {
  private groups: string | null = null;
  private witnesses = 0;
  private contradicted = false;

  /** Takes an IPID; each of an apartment's is to be given once. */
  add(ipid: string): void {
    const groups = ipid.slice(9, 18);
    this.groups ??= groups;
    if (groups === this.groups) this.witnesses++;
    else this.contradicted = true;
  }

  /** Process and thread, or null where the IPIDs do not tell. */
  get place(): ProcessPlace | null {
    if (this.groups === null || this.contradicted || this.witnesses < WITNESSES) return null;
    const processId = Number.parseInt(this.groups.slice(0, 4), 16);
    const apartment = Number.parseInt(this.groups.slice(5), 16);
    if (processId === 0) return null;
    if (apartment === MULTI_THREADED) return { processId, kind: 'multi-threaded', threadId: null };
    if (apartment === NEUTRAL) return { processId, kind: 'neutral', threadId: null };
    return { processId, kind: 'single-threaded', threadId: apartment };
  }
}

/** One side of a call, as far as it is known. */
export interface BorderSide {
  readonly address: string;
  readonly oxid: string | null;
  readonly place: ProcessPlace | null;
}

/**
 * The border between two sides. Where the addresses are equal it is another process, unless the caller's own
 * apartment is known: a call inside a process does not go through a socket without need.
 */
export function borderBetween(caller: BorderSide, callee: BorderSide): Border {
  if (caller.address !== callee.address) return 'machines';
  if (caller.oxid !== null && caller.oxid === callee.oxid) return 'none';
  if (caller.place !== null && callee.place !== null && caller.place.processId === callee.place.processId)
    return 'apartments';
  return 'processes';
}

/** A call that is being served: what goes out with its causality id meanwhile comes from its apartment. */
interface Served {
  readonly side: BorderSide;
  readonly from: number;
  /** Frame of the answer; infinite while there is none. */
  readonly to: number;
}

/** Causality ids remembered, and calls under each. */
const MAX_CAUSALITIES = 2000;
const MAX_SERVED = 16;

/** Finds the apartment that a call comes from, where it was made while serving another call of the same causality. */
export class Causalities {
  private readonly served = new Map<string, Served[]>();

  /** Remembers a call and the apartment that serves it. */
  add(causality: string, side: BorderSide, from: number, to: number): void {
    let list = this.served.get(causality);
    if (list === undefined) {
      if (this.served.size >= MAX_CAUSALITIES) this.served.delete(this.served.keys().next().value as string);
      list = [];
      this.served.set(causality, list);
    }
    if (list.length >= MAX_SERVED) list.shift();
    list.push({ side, from, to });
  }

  /** The side that a call of `causality` from `address` in `frame` comes from. */
  callerOf(causality: string | null, address: string, frame: number): BorderSide {
    const unknown: BorderSide = { address, oxid: null, place: null };
    if (causality === null) return unknown;
    const list = this.served.get(causality) ?? [];
    return list.findLast((s) => s.side.address === address && s.from < frame && frame < s.to)?.side ?? unknown;
  }
}
