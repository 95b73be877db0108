/**
 * Records as JSON and back: with every value that stands in them, so that the same bytes can be written again.
 */
import { hexText } from '../../../src/core/text.js';
import {
  type ArrayRecord,
  type CodedValue,
  type MessageRecord,
  type NrbfScalar,
  type NrbfStream,
  type ObjectRecord,
  recordAt,
} from '../format/model.js';
import { isDecimal, wellFormed } from '../format/text.js';
import {
  ARRAY_TYPE_NAMES,
  BINARY_TYPE_NAMES,
  BinaryType,
  flagNames,
  type MemberType,
  PRIMITIVE_NAMES,
  Primitive,
  RECORD_NAMES,
} from '../format/types.js';

/** One record. Which members there are depends on `type`. */
export interface RecordJson {
  type: string;
  offset?: number;
  length?: number;
  [member: string]: unknown;
}

/** A type of a member or an element. */
export interface TypeJson {
  type: string;
  primitive?: string;
  className?: string;
  libraryId?: number;
}

/**
 * The first `most` records, in the order of the stream.
 * @param budget characters of class names that records repeat: where they are used up, the rest is left out
 */
export function recordsToJson(stream: NrbfStream, most: number, budget = Number.POSITIVE_INFINITY): RecordJson[] {
  const count = Math.min(stream.recordCount, most);
  const out: RecordJson[] = [];
  let left = budget;
  for (let i = 0; out.length < count && left > 0; i++) {
    const record = recordAt(stream, i);
    if (record.type === 1) left -= record.cls.name.length;
    if (record.type !== 10) out.push(recordToJson(stream, record));
    else
      for (let at = record.offset; at < record.end && out.length < count; at++)
        out.push({ type: RECORD_NAMES[10], offset: at - stream.start, length: 1 });
  }
  return out;
}

/** Members stand in each literal at once: objects that grow, or are spread into others, cost several times as much. */
function recordToJson(stream: NrbfStream, r: ReturnType<typeof recordAt>): RecordJson {
  const type = RECORD_NAMES[r.type];
  const offset = r.offset - stream.start;
  const length = r.end - r.offset;
  switch (r.type) {
    case 0: {
      const { rootId, headerId, majorVersion, minorVersion } = r;
      return { type, offset, length, rootId, headerId, majorVersion, minorVersion };
    }
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return objectToJson(type, offset, length, r);
    case 6:
      return { type, offset, length, objectId: r.id, value: r.text };
    case 7:
    case 15:
    case 16:
    case 17:
      return arrayToJson(type, offset, length, r);
    case 8:
      return r.primitive === Primitive.Null || r.value === null
        ? { type, offset, length, primitive: PRIMITIVE_NAMES[r.primitive] }
        : {
            type,
            offset,
            length,
            primitive: PRIMITIVE_NAMES[r.primitive],
            value: scalarToJson(r.primitive, r.value),
          };
    case 9:
      return { type, offset, length, idRef: r.id };
    case 12:
      return { type, offset, length, libraryId: r.id, libraryName: r.name };
    case 13:
    case 14:
      return { type, offset, length, nullCount: r.count };
    case 18:
      return { type, offset, length, index: r.index };
    case 19:
    case 20:
      return { type, offset, length, objectId: r.id, index: r.index };
    case 21:
    case 22:
      return messageToJson(type, offset, length, r);
    default:
      return { type, offset, length };
  }
}

function objectToJson(type: string, offset: number, length: number, r: ObjectRecord): RecordJson {
  const { cls } = r;
  const json: RecordJson =
    r.type === 1
      ? { type, offset, length, objectId: r.id, metadataId: cls.id, className: cls.name }
      : {
          type,
          offset,
          length,
          objectId: r.id,
          className: cls.name,
          memberNames: cls.members,
          memberTypes: cls.types.map(typeToJson),
        };
  if (r.type === 3 || r.type === 5) json.libraryId = cls.libraryId;
  let raw: (NrbfScalar | null)[] | null = null;
  for (let i = 0; i < cls.kinds.length; i++) {
    const kind = cls.kinds[i];
    if (kind <= 0) continue;
    const value = r.values[i];
    if (value === undefined) continue;
    raw ??= [];
    raw.push(scalarToJson(kind, value as NrbfScalar));
  }
  if (raw !== null) json.values = raw;
  return json;
}

function arrayToJson(type: string, offset: number, length: number, r: ArrayRecord): RecordJson {
  const json: RecordJson = { type, offset, length, objectId: r.id };
  if (r.type === 7) {
    json.arrayType = ARRAY_TYPE_NAMES[r.arrayType];
    json.rank = r.lengths.length;
    json.lengths = r.lengths;
    if (r.lowerBounds !== null) json.lowerBounds = r.lowerBounds;
    json.elementType = typeToJson(r.element);
  } else {
    json.arrayLength = r.lengths[0] ?? 0;
    if (r.type === 15) json.primitive = PRIMITIVE_NAMES[r.element.primitive];
  }
  if (r.data !== null) json.hex = hexText(r.data);
  return json;
}

function messageToJson(type: string, offset: number, length: number, r: MessageRecord): RecordJson {
  const json: RecordJson = { type, offset, length, messageFlags: flagNames(r.flags) };
  if (r.method !== null) json.methodName = codedToJson(r.method);
  if (r.typeName !== null) json.typeName = codedToJson(r.typeName);
  if (r.returnValue !== null) json.returnValue = codedToJson(r.returnValue);
  if (r.context !== null) json.callContext = codedToJson(r.context);
  if (r.args !== null) json.args = r.args.map(codedToJson);
  return json;
}

function typeToJson(t: MemberType): TypeJson {
  const type = BINARY_TYPE_NAMES[t.binary];
  switch (t.binary) {
    case BinaryType.Primitive:
    case BinaryType.PrimitiveArray:
      return { type, primitive: PRIMITIVE_NAMES[t.primitive] };
    case BinaryType.SystemClass:
      return { type, className: t.className };
    case BinaryType.Class:
      return { type, className: t.className, libraryId: t.libraryId };
    default:
      return { type };
  }
}

function codedToJson(v: CodedValue): { primitive: string; value?: unknown } {
  const primitive = PRIMITIVE_NAMES[v.primitive];
  return v.value === null ? { primitive } : { primitive, value: scalarToJson(v.primitive, v.value) };
}

/** A raw value with nothing lost: 64-bit numbers, NaN, infinities and the negative zero are text. */
function scalarToJson(primitive: number, value: NrbfScalar): number | string | boolean {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && (primitive === Primitive.Double || primitive === Primitive.Single)) {
    if (!Number.isFinite(value)) return String(value);
    if (Object.is(value, -0)) return '-0';
  }
  return value;
}

/** Whole numbers that JSON has as numbers: the least and the greatest. */
const NUMBERS: Readonly<Record<number, readonly [low: number, high: number]>> = {
  [Primitive.Byte]: [0, 0xff],
  [Primitive.SByte]: [-0x80, 0x7f],
  [Primitive.Int16]: [-0x8000, 0x7fff],
  [Primitive.UInt16]: [0, 0xffff],
  [Primitive.Int32]: [-0x80000000, 0x7fffffff],
  [Primitive.UInt32]: [0, 0xffffffff],
};

/** The same for those of 64 bits, which are text, or a number that JSON has not rounded. */
const WIDE: Readonly<Record<number, readonly [low: bigint, high: bigint]>> = {
  [Primitive.Int64]: [-(1n << 63n), (1n << 63n) - 1n],
  [Primitive.TimeSpan]: [-(1n << 63n), (1n << 63n) - 1n],
  [Primitive.UInt64]: [0n, (1n << 64n) - 1n],
  [Primitive.DateTime]: [0n, (1n << 64n) - 1n],
};

const FLOAT = /^(-?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|-?Infinity)$/;

/** The reverse of `scalarToJson`. Throws a TypeError that says what is wanted for a value that the type cannot hold. */
export function scalarFromJson(primitive: number, json: unknown): NrbfScalar {
  const value = exactScalar(primitive, json);
  if (value === null) throw new TypeError(`${PRIMITIVE_NAMES[primitive]}: ${wantedScalar(primitive)} is wanted`);
  return value;
}

function exactScalar(primitive: number, json: unknown): NrbfScalar | null {
  const range = NUMBERS[primitive];
  if (range !== undefined)
    return typeof json === 'number' && Number.isInteger(json) && json >= range[0] && json <= range[1] ? json : null;
  const wide = WIDE[primitive];
  if (wide !== undefined) {
    if (!Number.isSafeInteger(json) && !(typeof json === 'string' && /^-?\d+$/.test(json))) return null;
    const value = BigInt(json as string | number);
    return value >= wide[0] && value <= wide[1] ? value : null;
  }
  switch (primitive) {
    case Primitive.Boolean:
      return typeof json === 'boolean' ? json : null;
    case Primitive.Double:
    case Primitive.Single:
      return exactFloat(json, primitive === Primitive.Single);
    case Primitive.Char:
      return typeof json === 'string' && json.length === 1 && wellFormed(json) ? json : null;
    case Primitive.Decimal:
      return typeof json === 'string' && isDecimal(json) ? json : null;
    case Primitive.String:
      return typeof json === 'string' && wellFormed(json) ? json : null;
    default:
      return null;
  }
}

/** NaN with its bits is `NaN:` and them in hex. */
function exactFloat(json: unknown, single: boolean): number | string | null {
  if (typeof json === 'string' && (single ? /^NaN:[0-9a-f]{1,8}$/ : /^NaN:[0-9a-f]{1,16}$/).test(json)) return json;
  if (typeof json !== 'number' && !(typeof json === 'string' && FLOAT.test(json))) return null;
  const value = Number(json);
  const finite = Number.isFinite(single ? Math.fround(value) : value);
  return finite || (typeof json === 'string' && /n/i.test(json)) ? value : null;
}

/** What `scalarFromJson` takes, in words. */
export function wantedScalar(primitive: number): string {
  const range = NUMBERS[primitive];
  if (range !== undefined) return `a whole number from ${range[0]} to ${range[1]}`;
  const wide = WIDE[primitive];
  if (wide !== undefined) return `a whole number from ${wide[0]} to ${wide[1]}, as text`;
  switch (primitive) {
    case Primitive.Boolean:
      return 'true or false';
    case Primitive.Single:
    case Primitive.Double:
      return 'a number, NaN, Infinity or -Infinity';
    case Primitive.Char:
      return 'one UTF-16 unit that is no half of a pair';
    case Primitive.Decimal:
      return 'text of digits with an optional point and sign, of at most 96 bits and 28 digits behind the point,';
    default:
      return 'text without half surrogate pairs';
  }
}
