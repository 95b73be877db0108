/**
 * What a SOAP message of .NET remoting holds (SOAP 1.1 sections 4 and 5; MS-NRTP 2.2.4.1): the call or its answer, and
 * values that may refer to each other in circles.
 */
import type { Limits } from '../../src/core/limits.js';

/** A value as it stands in the document; `ref` leads to one that stands elsewhere. */
export type SoapValue = SoapNull | SoapRef | SoapScalar | SoapObject | SoapArray;

export interface SoapNull {
  readonly kind: 'null';
}

/** `href`: the id of an element of the message, without `#`; of anything else as it stands. */
export interface SoapRef {
  readonly kind: 'ref';
  readonly id: string;
}

/** A text: number, string, name of an enumeration's value, bytes in base64. */
export interface SoapScalar {
  readonly kind: 'scalar';
  readonly id: string | null;
  /** The .NET type; null where neither the element nor what it stands in says it. */
  readonly type: string | null;
  readonly assembly: string | null;
  readonly text: string;
}

export interface SoapObject {
  readonly kind: 'object';
  readonly id: string | null;
  readonly type: string | null;
  /** As a display name; null for types of mscorlib. */
  readonly assembly: string | null;
  readonly members: readonly SoapMember[];
}

export interface SoapArray {
  readonly kind: 'array';
  readonly id: string | null;
  /** As .NET spells it: `System.Int32[,]`. */
  readonly type: string;
  /** Of the element type. */
  readonly assembly: string | null;
  /** As promised: there may be fewer elements. Empty where it is not said. */
  readonly lengths: readonly number[];
  /** SOAP-ENC:offset, as `[2]`: where the first element belongs (SOAP 1.1 section 5.4.2.1). */
  readonly offset: string | null;
  readonly elements: readonly SoapValue[];
  /** How many follow that are null: .NET's formatter leaves out those at the end. */
  readonly nulls: number;
  /** SOAP-ENC:position of each element (5.4.2.2); null where no element has one. */
  readonly positions: readonly (string | null)[] | null;
}

export interface SoapMember {
  readonly name: string;
  readonly value: SoapValue;
}

export interface SoapHeader extends SoapMember {
  readonly namespace: string;
}

export interface SoapFault {
  readonly code: string;
  readonly string: string;
  /** Null where there is none. */
  readonly detail: SoapValue | null;
}

export interface SoapMessage {
  /** Null where the message has no call, or what was read of it ends before. */
  readonly kind: 'call' | 'return' | 'fault' | null;
  /** Local name of the element, `AddResponse` in an answer, `Fault` with a fault. */
  readonly method: string;
  readonly namespace: string;
  /** The type that is called, without its assembly; empty where the namespace names none. */
  readonly typeName: string;
  readonly assembly: string | null;
  /** Parameters in their order; of an answer those that are out or ref. */
  readonly args: readonly SoapMember[];
  /** Null for `void`, and for calls. */
  readonly returnValue: SoapValue | null;
  readonly headers: readonly SoapHeader[];
  readonly fault: SoapFault | null;
  /** Everything that has an id. */
  readonly byId: ReadonlyMap<string, SoapValue>;
  /** Where each id leads that stands for a reference: `chainEnds`. */
  readonly ends: ReadonlyMap<string, SoapValue>;
  /** Whether the document was read to its end. */
  readonly complete: boolean;
  /** Bytes of the document. */
  readonly length: number;
  readonly limits: Limits;
}

/** What a value is or refers to; a `ref` where that is not in the message, or only references in a circle. */
export function resolve({ byId, ends }: SoapMessage, value: SoapValue): SoapValue {
  if (value.kind !== 'ref') return value;
  const found = byId.get(value.id) ?? value;
  return found.kind === 'ref' ? (ends.get(value.id) ?? found) : found;
}

/** Where references end that lead to references, by the id of each: every one is followed once, however long chains are. */
export function chainEnds(byId: ReadonlyMap<string, SoapValue>): Map<string, SoapValue> {
  const ends = new Map<string, SoapValue>();
  for (const [id, first] of byId) {
    const chain = new Set<string>();
    let at = id;
    let end = first;
    while (end.kind === 'ref' && byId.has(at) && !ends.has(at) && !chain.has(at)) {
      chain.add(at);
      at = end.id;
      end = ends.get(at) ?? byId.get(at) ?? end;
    }
    for (const passed of chain) ends.set(passed, end);
  }
  return ends;
}
