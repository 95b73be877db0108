/** What a table of objects that follows a capture forgets when it is full: what no call used for longest. */
import type { Limits } from '../../core/limits.js';
import {
  type Apartment,
  type ByHost,
  type ComObject,
  type Followed,
  type InterfacePointer,
  middleUse,
} from './model.js';
import type { RemotingObject } from './remoting.js';

/** What goes together: no pointer without its object, no apartment while something of it stays. */
export interface Idle {
  readonly apartments: ReadonlySet<Apartment>;
  readonly objects: ReadonlySet<ComObject>;
  readonly pointers: ReadonlySet<InterfacePointer>;
  readonly remoting: ReadonlySet<RemotingObject>;
}

/** What a table knows. */
interface Known {
  readonly apartments: ReadonlyMap<string, Apartment>;
  readonly objects: ReadonlySet<ComObject>;
  readonly pointers: ByHost<InterfacePointer>;
  readonly remoting: { readonly all: ReadonlySet<RemotingObject> };
}

/**
 * What is enough for whoever follows a capture, and forgets before the next call what is more: a fraction of what there is
 * room for, since one call may tell of many.
 */
export function followedLimits(limits: Limits): Limits {
  const { apartments, objects, pointers, details, findings } = limits;
  const part = (n: number): number => Math.ceil(n / 4);
  return {
    ...limits,
    apartments: part(apartments),
    objects: part(objects),
    pointers: part(pointers),
    details: part(details),
    findings: part(findings),
  };
}

/** At least half of each kind that there is enough of, of all together where it is their details: those used longest ago. */
export function idleOf(table: Known, enough: Limits): Idle {
  const [apartments, objects, pointers] = [
    [...table.apartments.values()],
    [...table.objects],
    [...table.pointers.values()],
  ];
  const remoting = [...table.remoting.all];
  const kinds: [kept: readonly Followed[], most: number][] = [
    [apartments, enough.apartments],
    [objects, enough.objects],
    [pointers, enough.pointers],
    [remoting, enough.objects],
  ];
  const full = kinds.filter(([kept, most]) => kept.length >= most);
  const lists = full.length > 0 ? full.map(([kept]) => kept) : [kinds.flatMap(([kept]) => kept)];
  const border = Math.max(...lists.map(middleUse));
  const isIdle = ({ used }: Followed): boolean => used <= border;

  const idleObjects = new Set(objects.filter(isIdle));
  const staying = new Set(apartments.filter((a) => !isIdle(a)));
  for (const { object, apartment } of pointers)
    if (object !== null && apartment !== null && !idleObjects.has(object)) staying.add(apartment);
  const isGone = (p: InterfacePointer): boolean => {
    if (p.object !== null) return idleObjects.has(p.object);
    // the IRemUnknown of an apartment stays with it
    return p.apartment?.remUnknown === p ? !staying.has(p.apartment) : isIdle(p);
  };
  // what a serialized form leads to stands with its object, a lease with what lives by it
  const isOver = (owner: RemotingObject): boolean =>
    owner.com?.object == null ? isIdle(owner) : idleObjects.has(owner.com.object);
  return {
    apartments: new Set(apartments.filter((a) => !staying.has(a))),
    objects: idleObjects,
    pointers: new Set(pointers.filter(isGone)),
    remoting: new Set(remoting.filter((o) => isOver(o.leaseOf ?? o))),
  };
}
