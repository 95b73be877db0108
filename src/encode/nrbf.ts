/** NRBF documents as bytes: `records`, or VALUEs. What they hold is looked at before, with its path. */

import { flagBits, MessageFlag, PRIMITIVE_NAMES, Primitive } from '../../dissectors/nrbf/format/types.js';
import { scalarFromJson, wantedScalar } from '../../dissectors/nrbf/graph/records-json.js';
import {
  checkAgreement,
  encodeValues,
  NrbfWriteError,
  type RecordJson,
  type ValueDocument,
  writeNrbf,
} from '../../dissectors/nrbf/index.js';
import { concat } from '../core/bytes.js';
import { NRBF, RECORD_TYPE, recordShape } from './documents/nrbf-shapes.js';
import { checked } from './documents/schema.js';
import { bytesAt, EncodeError, found, type Json, type JsonObject } from './error.js';
import { checkValues } from './nrbf-values.js';

/**
 * The bytes of an NRBF document: its `records`, or its `root`, `call` and `objects` as VALUEs; then `trailing`, where
 * that is hex (`nrbf` prints the number of those bytes).
 */
export function nrbfBytes(json: Json, path: string): Uint8Array {
  const o = checked(NRBF, json, path) as JsonObject;
  if (typeof o.bytes === 'string') {
    const more = Object.keys(o).find((name) => !['kind', 'bytes'].includes(name));
    if (more !== undefined) throw new EncodeError(`${path}.${more}`, 'bytes says all there is');
    return bytesAt(o.bytes, `${path}.bytes`);
  }
  if (o.records === undefined && o.root === undefined && o.call == null)
    throw new EncodeError(path, 'records, root or call is wanted');
  if (typeof o.recordsLeft === 'number' && o.recordsLeft > 0 && o.records !== undefined)
    throw new EncodeError(`${path}.recordsLeft`, `${o.recordsLeft} records were left out: print it with --full`);
  const stream = o.records === undefined ? fromValues(o, path) : fromRecords(o, path);
  const trailing = typeof o.trailing === 'string' ? bytesAt(o.trailing, `${path}.trailing`) : new Uint8Array(0);
  return concat(stream, trailing);
}

function fromValues(o: JsonObject, path: string): Uint8Array {
  if (o.root != null && o.call != null)
    throw new EncodeError(`${path}.root`, 'a stream has a root or a call, not both');
  checkValues(o, path);
  return written(() => encodeValues(o as unknown as ValueDocument), path, false);
}

function fromRecords(o: JsonObject, path: string): Uint8Array {
  const records = o.records as Json[];
  const names = new Map<number, string>();
  records.forEach((json, i) => {
    const at = `${path}.records[${i}]`;
    const type = checked(RECORD_TYPE, (json as JsonObject).type, `${at}.type`);
    checkRecord(checked(recordShape(type), json, at) as JsonObject, at, names);
  });
  const bytes = written(() => writeNrbf({ records: records as unknown as RecordJson[] }), path, true);
  written(() => checkAgreement(o as unknown as ValueDocument, bytes), path, true);
  return bytes;
}

/** Writes; what the writer finds has the path of a record, which a document of VALUEs does not have. */
function written<T>(write: () => T, path: string, byRecords: boolean): T {
  try {
    return write();
  } catch (e) {
    if (e instanceof NrbfWriteError)
      throw new EncodeError(byRecords && e.path !== '' ? `${path}.${e.path}` : path, e.why);
    if (e instanceof EncodeError) throw e;
    throw new EncodeError(path, e instanceof Error ? e.message : String(e));
  }
}

/** What the members of a record say of each other; `names`: classes by the ids of their definitions. */
function checkRecord(r: JsonObject, path: string, names: Map<number, string>): void {
  switch (r.type) {
    case 'ClassWithId': {
      const known = names.get(r.metadataId as number);
      if (r.className !== undefined && known !== undefined && known !== r.className)
        throw new EncodeError(`${path}.className`, `the class ${r.metadataId} is ${found(known, path)}`);
      break;
    }
    case 'BinaryArray': {
      const { length } = r.lengths as Json[];
      if (r.rank !== undefined && r.rank !== length)
        throw new EncodeError(`${path}.rank`, `lengths has ${length}, not ${r.rank}`);
      const offset = String(r.arrayType).endsWith('Offset');
      if (offset !== (r.lowerBounds !== undefined) || (offset && (r.lowerBounds as Json[]).length !== length))
        throw new EncodeError(
          `${path}.lowerBounds`,
          offset ? `an array of type ${r.arrayType} has ${length} of them` : `an array of type ${r.arrayType} has none`,
        );
      typeMembers(r.elementType as JsonObject, `${path}.elementType`);
      break;
    }
    case 'MemberPrimitiveTyped':
      checkCoded(r, path);
      break;
    case 'BinaryMethodCall':
    case 'BinaryMethodReturn':
      checkMessage(r, path);
      break;
    default:
      if (r.memberTypes === undefined) return;
      names.set(r.objectId as number, r.className as string);
      (r.memberTypes as JsonObject[]).forEach((t, i) => {
        typeMembers(t, `${path}.memberTypes[${i}]`);
      });
  }
}

/** What a type says of itself beside its name (2.3.1.2). */
function typeMembers(t: JsonObject, path: string): void {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    Primitive: ['primitive'],
    PrimitiveArray: ['primitive'],
    SystemClass: ['className'],
    Class: ['className', 'libraryId'],
  };
  const names = wanted[String(t.type)] ?? [];
  for (const name of names) if (t[name] === undefined) throw new EncodeError(`${path}.${name}`, 'it is missing');
  for (const name of Object.keys(t))
    if (name !== 'type' && !names.includes(name))
      throw new EncodeError(`${path}.${name}`, `the type ${t.type} has none`);
}

function checkCoded(o: JsonObject, path: string): void {
  const primitive = PRIMITIVE_NAMES.indexOf(String(o.primitive));
  const at = `${path}.value`;
  if (primitive === Primitive.Null) {
    if (o.value != null) throw new EncodeError(at, 'Null has no value');
    return;
  }
  try {
    scalarFromJson(primitive, o.value);
  } catch {
    throw new EncodeError(at, `${wantedScalar(primitive)} is wanted for ${o.primitive}, not ${found(o.value, at)}`);
  }
}

/** What stands in a message's record itself, by the flag that says so (2.2.1.1). */
const INLINE = { args: 'ArgsInline', callContext: 'ContextInline', returnValue: 'ReturnValueInline' } as const;

function checkMessage(r: JsonObject, path: string): void {
  const given = r.messageFlags;
  const flags = typeof given === 'number' ? given : flagBits(given as string[]);
  for (const [name, flag] of Object.entries(INLINE)) {
    if (r.type === 'BinaryMethodCall' && name === 'returnValue') continue;
    const set = (flags & MessageFlag[flag]) !== 0;
    if (set && r[name] == null) throw new EncodeError(`${path}.${name}`, `it is missing: messageFlags has ${flag}`);
    if (!set && r[name] != null) throw new EncodeError(`${path}.${name}`, `messageFlags has no ${flag}`);
  }
  ((r.args ?? []) as JsonObject[]).forEach((arg, i) => {
    checkCoded(arg, `${path}.args[${i}]`);
  });
  for (const name of ['methodName', 'typeName', 'callContext', 'returnValue'])
    if (r[name] != null) checkCoded(r[name] as JsonObject, `${path}.${name}`);
}
