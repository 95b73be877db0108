/** A stream as JSON: the document that `clrscope nrbf -T json` prints and a BSTR carries. */
import { limitMessage } from '../../../src/core/limits.js';
import type { Note } from '../../../src/core/node.js';
import { follow, isRecord, type NrbfStream, type ObjectRecord } from '../format/model.js';
import type { MessageJson, NrbfJson } from './document-schema.js';
import { asArray } from './graph.js';
import { type MessagePart, type MessageParts, messageParts } from './message.js';
import { explainObjRef } from './objref.js';
import { recordsToJson } from './records-json.js';
import { type JsonValue, jsonBudget, Values } from './values.js';

export interface NrbfJsonOptions {
  /** Never shorten a value. */
  readonly full?: boolean | undefined;
  /** Bytes behind MessageEnd that the caller knows of. */
  readonly trailing?: number | undefined;
}

/** Records shown without `full`. */
const SHORT_RECORDS = 1000;

/** Makes the document of a stream. */
export function nrbfToJson(stream: NrbfStream, options: NrbfJsonOptions = {}): NrbfJson {
  const full = options.full === true;
  const values = new Values(stream, full);
  const { header } = stream;
  const parts = messageParts(stream);
  const root = parts === null ? values.top(stream.root) : null;
  const call = parts === null ? null : callToJson(parts, values);
  const rootObject = follow(stream, stream.root);
  const objRef =
    parts === null && isRecord(rootObject) && rootObject.type <= 5
      ? explainObjRef(stream, rootObject as ObjectRecord)
      : null;
  // A HeaderId that names no record is normal (-1); one that does holds what Serialize was given as headers.
  const headerArray = header.headerId !== -1 ? asArray(stream.byId.get(header.headerId) ?? null) : null;
  const headers = parts === null && headerArray !== null ? values.top(headerArray) : undefined;
  const objects = values.rest();
  const most = full ? Number.POSITIVE_INFINITY : SHORT_RECORDS;
  const records = recordsToJson(stream, most, jsonBudget(stream, full));
  const recordsLeft = stream.recordCount - records.length;
  const warnings = stream.warnings.map(({ code, message, offset }: Note) => ({ code, message, offset }));
  if (values.overflow || (full && recordsLeft > 0))
    warnings.push({ code: 'limit', message: limitMessage('output', stream.limits), offset: null });
  // members that are not always there are added: spread into the literal, they cost more than all others
  const json: Partial<NrbfJson> = {
    header:
      header.end > header.offset
        ? {
            rootId: header.rootId,
            headerId: header.headerId,
            majorVersion: header.majorVersion,
            minorVersion: header.minorVersion,
          }
        : null,
    length: stream.length,
    trailing: options.trailing ?? 0,
    root,
    call,
  };
  if (objRef !== null) json.objRef = objRef;
  if (headers !== undefined) json.headers = headers;
  if (objects.length > 0) json.objects = objects;
  if (values.left > 0) json.objectsLeft = values.left;
  json.records = records;
  if (recordsLeft > 0) json.recordsLeft = recordsLeft;
  json.warnings = warnings;
  return json as NrbfJson;
}

/** The root of a stream as a VALUE, with the objects that are nested too deep to stand in it. */
export function rootValue(stream: NrbfStream, full = true): { root: JsonValue; objects: JsonValue[] } {
  const values = new Values(stream, full);
  const root = values.top(stream.root);
  return { root, objects: values.rest() };
}

/** The message of a stream as JSON; null where it has none. What is nested too deep to stand in it is a `ref`. */
export function nrbfMessageToJson(stream: NrbfStream, full = false): MessageJson | null {
  const parts = messageParts(stream);
  return parts === null ? null : callToJson(parts, new Values(stream, full));
}

function callToJson(parts: MessageParts, values: Values): MessageJson {
  const one = (part: MessagePart | undefined): JsonValue =>
    part === undefined ? null : values.of(part.item, part.primitive);
  const list = (part: MessagePart | undefined): JsonValue[] => {
    const value = one(part);
    return value?.elements ?? (value === null ? [] : [value]);
  };
  const args = parts.args.map(one);
  const context = one(parts.context);
  const properties = one(parts.properties);
  if (parts.kind === 'call')
    return {
      kind: 'call',
      method: parts.method,
      type: parts.type,
      flags: parts.flags,
      args,
      genericArgs: list(parts.genericArgs),
      signature: list(parts.signature),
      context,
      properties,
    };
  return {
    kind: 'return',
    flags: parts.flags,
    returnValue: one(parts.returnValue),
    args,
    exception: one(parts.exception),
    context,
    properties,
  };
}
