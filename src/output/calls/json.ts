/** A call as one JSON object (contract: `calls -T ndjson`). */
import type { Call, Half } from '../../../dissectors/dcerpc/connection.js';
import { describeResult } from '../../../dissectors/dcerpc/outcome.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { levelText } from '../../analysis/levels.js';
import { apartmentOf, objectTypes } from '../../analysis/objects/calls.js';
import type { ObjectTable } from '../../analysis/objects/table.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { communityId, rolesOf } from '../../core/connection.js';
import { isoTime } from '../../core/time.js';
import type { CallJson } from '../schemas/call.js';
import { digestOf, faultToJson, type JsonOptions, paramsToJson } from '../value.js';
import { managedCall } from './managed.js';
import { describeCallText } from './text.js';

/** The call as plain JSON; `capture` is the file's name, `objects` what is known of objects by now. */
export function callToJson(
  call: Call,
  number: number,
  capture: string,
  options: JsonOptions = { full: false },
  objects?: ObjectTable,
): CallJson {
  return { ...factsOf(call, number, capture, options, objects), ...wordsOf(call) };
}

/**
 * The same as text, in two pieces. What is said for people has arrows in it, and a single one would make all of the
 * text two bytes a character: twice the memory, and a slow way to UTF-8.
 */
export function callToText(
  call: Call,
  number: number,
  capture: string,
  options: JsonOptions,
  objects?: ObjectTable,
): [string, string] {
  const facts = JSON.stringify(factsOf(call, number, capture, options, objects));
  return [facts.slice(0, -1), `,${JSON.stringify(wordsOf(call)).slice(1)}`];
}

function wordsOf(call: Call): Pick<CallJson, 'summary' | 'warnings'> {
  return {
    summary: describeCallText(call),
    warnings: call.warnings.map(({ code, message, offset }) => ({ code, message, offset })),
  };
}

function factsOf(
  call: Call,
  number: number,
  capture: string,
  options: JsonOptions,
  objects?: ObjectTable,
): Omit<CallJson, 'summary' | 'warnings'> {
  const { connection, request, response } = call;
  const [client, server] = rolesOf(connection);
  const status = call.result;
  return {
    capture,
    call: number,
    frames: { request: request?.frames ?? [], response: response?.frames ?? [] },
    time: isoTime(timeOf(call)),
    duration: durationOf(call),
    client: { address: client.address, port: client.port },
    server: { address: server.address, port: server.port },
    transport: connection.transport,
    auth: {
      type: call.auth.type,
      level: levelText(call.auth.level),
      user: call.auth.user,
      decrypted: call.auth.decrypted,
      verified: call.auth.verified,
    },
    syntax: call.syntax,
    communityId: communityId(connection),
    callId: call.callId,
    contextId: call.contextId,
    opnum: call.opnum,
    iid: call.iid,
    interface: call.iface?.name ?? call.iid,
    interfaceFrom: call.interfaceFrom,
    operation: operationName(call),
    object: call.object,
    causality: call.causality,
    in: paramsToJson(call.in, options),
    out: paramsToJson(call.out, options),
    managed: managedCall(call, objects && objectTypes(objects)),
    apartment: objects === undefined ? null : apartmentOf(objects, call),
    errorInfo: call.errorInfo,
    extendedError: call.extendedError,
    hresult: status === null ? null : describeResult(status, call),
    fault: faultToJson(call.fault),
    stub: { in: stubOf(request, options), out: stubOf(response, options) },
  };
}

function stubOf(half: Half | null, options: JsonOptions): CallJson['stub']['in'] {
  return half === null || half.stub === null ? null : { length: half.stub.length, ...digestOf(half.stub, options) };
}
