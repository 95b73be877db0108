/** Apartments that calls tell of, and where their bindings lead. */
import { bindingTexts } from '../../../dissectors/dcom/dual-string-array.js';
import { type Fact, type FactOf, factsOfKind } from '../../../dissectors/dcom/facts.js';
import { isAddress } from '../../core/address.js';
import type { FoundObject } from './found.js';

/** Apartments that a call tells of; of one that was activated, or of what a resolver was asked for. */
export function apartmentsIn(facts: readonly Fact[]) {
  return factsOfKind(facts, 'exported').flatMap(({ oxid, bindings }) =>
    oxid === null || bindings === null
      ? []
      : { oxid, bindings: bindingTexts(bindings), security: bindings.securityBindings },
  );
}

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

/** What rules about a resolver that answers with addresses of another host know the cause by. */
export function foreignKey(bindings: readonly string[]): string {
  return `foreign ${hostOf(bindings[0] ?? '')}`;
}

/**
 * Whether string bindings lead away from all of `hosts`: null where names alone are told, which the capture does not
 * resolve. One address that fits is enough: machines have several.
 */
export function leadsAway(bindings: readonly string[], hosts: readonly string[]): boolean | null {
  const addresses = bindings.map(hostOf).filter(isAddress);
  if (addresses.length === 0) return null;
  return !addresses.some((a) => hosts.includes(a));
}
