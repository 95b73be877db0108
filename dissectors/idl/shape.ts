/** What a declaration comes to when its typedefs are followed: arrays and pointers from outside in, around a type. */
import { isIt } from '../../src/core/nearest.js';
import { WELL_KNOWN } from './prelude.js';
import { type Attribute, attributeOf, type Declaration, type Declared, type Specifier } from './syntax.js';
import { IdlError, type IdlToken } from './tokens.js';

/** A pointer or an array around a type. */
export interface Layer {
  /** Elements of an array; null for an array whose brackets do not say it, undefined for a pointer. */
  readonly elements?: number | null;
  /** Attributes of the declaration that it stands in. */
  readonly attributes: readonly Attribute[];
}

/** What is inside: `well-known` (prelude.ts), an interface, or what a file declares. */
export type Core =
  | Exclude<Specifier, { kind: 'name' }>
  | { readonly kind: 'well-known' | 'interface'; readonly name: string };

export interface Shape {
  /** From outside in. */
  readonly layers: readonly Layer[];
  readonly core: Core;
  /** Attributes of the declaration and of the typedefs behind it. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The typedef that names what is inside; null where there is none. */
  readonly name: string | null;
}

/** How many typedefs may follow each other. */
const MOST_TYPEDEFS = 64;

/** How many pointers and arrays may lie around a type. */
const MOST_LAYERS = 16;

/**
 * Follows a declaration's typedefs.
 * @param isInterface whether a name is that of an interface
 * @throws IdlError where a type is not known, or none that this reads
 */
export function shapeOf(from: Declaration, declared: Declared, isInterface: (name: string) => boolean): Shape {
  const layers: Layer[] = [];
  const attributes = new Map<string, Attribute>();
  let name: string | null = null;
  let at = from;
  for (let followed = 0; followed < MOST_TYPEDEFS; followed++) {
    for (const one of at.attributes) if (!attributes.has(one.name)) attributes.set(one.name, one);
    if (layers.length + at.dimensions.length + at.pointers > MOST_LAYERS)
      throw new IdlError(from, `${from.name} has more than ${MOST_LAYERS} pointers and dimensions`);
    for (const elements of at.dimensions) layers.push({ elements, attributes: at.attributes });
    for (let i = 0; i < at.pointers; i++) layers.push({ attributes: i === 0 ? at.attributes : [] });
    const { specifier } = at;
    const done = (core: Core): Shape => ({ layers, core, attributes, name });
    if (specifier.kind !== 'name') return done(specifier);
    if (Object.hasOwn(WELL_KNOWN, specifier.name)) return done({ kind: 'well-known', name: specifier.name });
    const typedef = declared.typedefs.get(specifier.name);
    if (typedef === undefined) {
      if (isInterface(specifier.name)) return done({ kind: 'interface', name: specifier.name });
      const near = isIt(specifier.name, declared.typedefs.keys());
      throw new IdlError(specifier.at, `the type ${specifier.name} is not declared${near}`);
    }
    name = layers.length === 0 || typedef.pointers + typedef.dimensions.length === 0 ? specifier.name : name;
    at = typedef;
  }
  throw new IdlError(from, `more than ${MOST_TYPEDEFS} typedefs behind ${from.name}`);
}

/** What `size_is` and the like say of the layer at a place; undefined where they say nothing. */
export function boundOf(of: Declaration, names: readonly string[], at: number): readonly IdlToken[] | undefined {
  for (const name of names) {
    const told = attributeOf(of.attributes, name)?.arguments[at];
    if (told !== undefined && told.length > 0) return told;
  }
  return undefined;
}
