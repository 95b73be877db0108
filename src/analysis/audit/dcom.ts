/** Apartments that calls tell of, and where their bindings lead. */
import { bindingTexts, type DualStringArray } from '../../../dissectors/dcom/dual-string-array.js';
import { type Fact, type FactOf, factsOfKind } from '../../../dissectors/dcom/facts.js';
import { isAddress } from '../../core/address.js';
import { once } from '../../core/once.js';
import type { FoundObject } from './found.js';

/** An apartment that a call tells of. */
export interface ToldApartment {
  readonly oxid: string;
  readonly bindings: readonly string[];
  /** Those that the bindings name, one for each. */
  readonly hosts: readonly string[];
  readonly security: DualStringArray['securityBindings'];
}

/** Apartments that a call tells of; of one that was activated, or of what a resolver was asked for. */
export const apartmentsIn = once((facts: readonly Fact[]): readonly ToldApartment[] =>
  factsOfKind(facts, 'exported').flatMap(({ oxid, bindings: told }) => {
    if (oxid === null || told === null) return [];
    const bindings = bindingTexts(told);
    return { oxid, bindings, hosts: bindings.map(hostOf), security: told.securityBindings };
  }),
);

/** The object that was asked for an interface, by the pointer that it gave. */
export function objectOf({ pointer }: FactOf<'asked'>): FoundObject {
  return pointer === null ? {} : { ipid: pointer.ipid, oid: pointer.oid, oxid: pointer.oxid };
}

/** Whether a call is an activation. */
export function isActivation(facts: readonly Fact[]): boolean {
  return facts.some((fact) => fact.kind === 'activated');
}

/** The host of a string binding: `10.0.0.1[49664]`, `ncacn_np:\\HOST[\pipe\x]`. */
export function hostOf(binding: string): string {
  return binding
    .replace(/^(?:nca[a-z_]+|tower \d+):/, '')
    .replace(/\[[^[\]]*\]$/, '')
    .replace(/^\\\\/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

/** What rules about a resolver that answers with addresses of other hosts know the cause by. */
export function foreignKey([first = '']: readonly string[]): string {
  return `foreign ${first}`;
}

/**
 * Whether what string bindings name leads away from all of `hosts`: null where that is names alone, which the capture does
 * not resolve. One address that fits is enough: machines have several.
 */
export function leadsAway(named: readonly string[], hosts: readonly string[]): boolean | null {
  const addresses = named.filter(isAddress);
  if (addresses.length === 0) return null;
  return !addresses.some((a) => hosts.includes(a));
}
