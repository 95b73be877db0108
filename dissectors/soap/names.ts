/**
 * .NET types by XML names: namespaces of the CLR with percent-encoded assemblies, types of XML Schema, and the array
 * types of SOAP 1.1 section 5.4.2 (MS-NRTP 2.2.4.1.1).
 */
import { utf8Text } from '#platform';

export const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
export const ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';
const CLR = 'http://schemas.microsoft.com/clr/';

/** XML Schema and its instances, of 1999, 2000 and 2001. */
const SCHEMA = /^http:\/\/www\.w3\.org\/(1999|2000\/10|2001)\/XMLSchema$/;
const INSTANCE = /^http:\/\/www\.w3\.org\/(1999|2000\/10|2001)\/XMLSchema-instance$/;

/** A type's full name and its assembly's display name, which is null for mscorlib. */
export interface TypeName {
  readonly type: string;
  readonly assembly: string | null;
}

export interface SoapArrayType extends TypeName {
  readonly element: TypeName;
  readonly lengths: readonly number[];
}

/** Finds the namespace of a prefix; undefined where it is not bound. */
export type Resolve = (prefix: string) => string | undefined;

/** Namespace or type, and assembly, of a namespace of the CLR. */
interface ClrParts {
  readonly name: string;
  readonly assembly: string | null;
}

/** Namespaces of a message that were taken apart: many elements share one. */
export type KnownNamespaces = Map<string, ClrParts | null>;

const OF_SCHEMA: ReadonlyMap<string, string> = new Map([
  ['anyType', 'System.Object'],
  ['ur-type', 'System.Object'],
  ['string', 'System.String'],
  ['boolean', 'System.Boolean'],
  ['byte', 'System.SByte'],
  ['unsignedByte', 'System.Byte'],
  ['short', 'System.Int16'],
  ['unsignedShort', 'System.UInt16'],
  ['int', 'System.Int32'],
  ['unsignedInt', 'System.UInt32'],
  ['long', 'System.Int64'],
  ['unsignedLong', 'System.UInt64'],
  ['float', 'System.Single'],
  ['double', 'System.Double'],
  ['decimal', 'System.Decimal'],
  ['dateTime', 'System.DateTime'],
  ['timeInstant', 'System.DateTime'],
  ['duration', 'System.TimeSpan'],
  ['timeDuration', 'System.TimeSpan'],
  ['base64', 'System.Byte[]'],
  ['base64Binary', 'System.Byte[]'],
  ['Array', 'System.Array'],
]);

export function isInstance(namespace: string): boolean {
  return INSTANCE.test(namespace);
}

/** `%2C` and the like as UTF-8; what is no such thing stays. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16));
    return utf8Text(bytes, 0, bytes.length);
  });
}

/**
 * A .NET name out of an XML name, which has `_x002B_` for what XML does not allow: `Outer+Inner`; eight digits are a
 * character beyond U+FFFF (XmlConvert.DecodeName).
 */
export function dotNetName(local: string): string {
  if (!local.includes('_')) return local;
  return local.replace(/_x([0-9A-F]{4}|00(?:0[1-9A-F]|10)[0-9A-F]{4})_/gi, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  );
}

/** Null for any other namespace. */
function clrParts(namespace: string): ClrParts | null {
  if (!namespace.startsWith(CLR)) return null;
  const rest = namespace.slice(CLR.length);
  const slash = rest.indexOf('/');
  const way = rest.slice(0, slash);
  const inside = rest.slice(slash + 1);
  if (way === 'ns') return { name: percentDecoded(inside), assembly: null };
  if (way === 'assem') return { name: '', assembly: percentDecoded(inside) };
  if (way !== 'nsassem') return null;
  const cut = inside.indexOf('/');
  if (cut < 0) return { name: percentDecoded(inside), assembly: null };
  return { name: percentDecoded(inside.slice(0, cut)), assembly: percentDecoded(inside.slice(cut + 1)) };
}

/** The type that a method's namespace names; empty where it names none. */
export function calledType(namespace: string): TypeName {
  const parts = clrParts(namespace);
  return { type: parts?.name ?? '', assembly: parts?.assembly ?? null };
}

/**
 * The .NET type of a qualified name, `xsd:QName` where .NET has no type for it; null where the namespace is of another
 * world.
 */
export function typeOf(namespace: string, local: string, known: KnownNamespaces): TypeName | null {
  const name = dotNetName(local);
  if (namespace === ENCODING) return { type: OF_SCHEMA.get(name) ?? `SOAP-ENC:${name}`, assembly: null };
  if (SCHEMA.test(namespace)) return { type: OF_SCHEMA.get(name) ?? `xsd:${name}`, assembly: null };
  let parts = known.get(namespace);
  if (parts === undefined) {
    parts = clrParts(namespace);
    known.set(namespace, parts);
  }
  if (parts === null) return null;
  return { type: parts.name === '' ? name : `${parts.name}.${name}`, assembly: parts.assembly };
}

/** The type that the text `prefix:local` of an attribute names; null where it names none that is known. */
export function namedType(text: string, resolve: Resolve, known: KnownNamespaces): TypeName | null {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const namespace = resolve(colon < 0 ? '' : trimmed.slice(0, colon));
  return namespace === undefined ? null : typeOf(namespace, trimmed.slice(colon + 1), known);
}

/** `xsd:int[2,3]`, `a1:Part[][4]`: the last brackets hold the lengths. Null where it is nothing of the kind. */
export function arrayType(text: string, resolve: Resolve, known: KnownNamespaces): SoapArrayType | null {
  const trimmed = text.trim();
  const last = trimmed.lastIndexOf('[');
  const ranks = trimmed.indexOf('[');
  if (last < 0 || !/^\[[\d, ]*\]$/.test(trimmed.slice(last))) return null;
  const inside = trimmed.slice(last + 1, -1);
  const named = namedType(trimmed.slice(0, ranks), resolve, known);
  const element = {
    type: (named?.type ?? trimmed.slice(0, ranks)) + trimmed.slice(ranks, last).replace(/[^[\],]/g, ''),
    assembly: named?.assembly ?? null,
  };
  return {
    type: `${element.type}[${inside.replace(/[^,]/g, '')}]`,
    assembly: element.assembly,
    element,
    lengths: /\d/.test(inside) ? inside.split(',').map(Number) : [],
  };
}
