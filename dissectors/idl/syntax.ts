/** What an IDL file declares (C706 4.2, MIDL): its text taken apart, nothing looked up yet. */
import type { IdlPlace, IdlToken } from './tokens.js';

/** `name`, or `name(arguments)`, between the brackets in front of what it is about. */
export interface Attribute extends IdlPlace {
  readonly name: string;
  /** What stands between its parentheses, by the commas there. */
  readonly arguments: readonly (readonly IdlToken[])[];
}

/** What stands in front of a declared name. */
export type Specifier =
  /** A type that the language has, as `unsigned long`. */
  | { readonly kind: 'base'; readonly name: string }
  | { readonly kind: 'name'; readonly name: string; readonly at: IdlPlace }
  | { readonly kind: 'record'; readonly of: 'struct' | 'union'; readonly name: string; readonly at: IdlPlace }
  | Enumeration
  | { readonly kind: 'safearray' };

export interface Enumeration {
  readonly kind: 'enum';
  /** 32 bits in NDR too. */
  readonly isLong: boolean;
  /** Null for one that is declared elsewhere. */
  readonly items: Readonly<Record<number, string>> | null;
  readonly name: string;
  readonly at: IdlPlace;
}

/** A name with its type: a member, a parameter, a typedef. */
export interface Declaration extends IdlPlace {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly specifier: Specifier;
  /** `*` in front of the name. */
  readonly pointers: number;
  /** Elements of each dimension behind the name; null where the brackets do not say it. */
  readonly dimensions: readonly (number | null)[];
}

/** A union's member; null where an arm is empty. */
export interface Arm {
  readonly cases: readonly number[];
  readonly isDefault: boolean;
  readonly member: Declaration | null;
}

/** A struct or a union with its members. */
export type RecordBody = IdlPlace & { readonly name: string } & (
    | { readonly of: 'struct'; readonly members: readonly Declaration[] }
    | {
        readonly of: 'union';
        readonly arms: readonly Arm[];
        /** What tells the arms apart, where the union itself says it: in its head or in its attributes. */
        readonly tag: Declaration | null;
      }
  );

export interface OperationSyntax extends IdlPlace {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** The type that it returns is its declaration's. */
  readonly result: Declaration;
  readonly parameters: readonly Declaration[];
}

export interface InterfaceSyntax extends IdlPlace {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** The interface that it continues; null where there is none. */
  readonly base: IdlToken | null;
  readonly operations: readonly OperationSyntax[];
}

/** All that was declared, in all files. */
export interface Declared {
  readonly typedefs: Map<string, Declaration>;
  /** Structs and unions, by `struct NAME` and `union NAME`. */
  readonly records: Map<string, RecordBody>;
  readonly enums: Map<string, Enumeration>;
  readonly constants: Map<string, bigint>;
  /** Names of interfaces, those too that were only announced. */
  readonly interfaceNames: Set<string>;
  readonly interfaces: Map<string, InterfaceSyntax>;
}

/** Nothing declared yet. */
export const nothingDeclared = (): Declared => ({
  typedefs: new Map(),
  records: new Map(),
  enums: new Map(),
  constants: new Map(),
  interfaceNames: new Set(),
  interfaces: new Map(),
});

/** The attribute of a name, where there is one. */
export function attributeOf(attributes: readonly Attribute[], name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}
