/** A call as one JSON object (contract: `calls -T ndjson`). */
import { sha256 } from '#platform';
import type { Call, Half } from '../../../dissectors/call.js';
import { operationName } from '../../../dissectors/ndr/interface.js';
import { describeResult, factsOf } from '../../../dissectors/outcome.js';
import { levelOf, levelText } from '../../analysis/levels.js';
import { apartmentOf, objectTypes } from '../../analysis/objects/calls.js';
import type { ObjectTable } from '../../analysis/objects/table.js';
import { durationOf, timeOf } from '../../analysis/stats/durations.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Endpoint } from '../../core/context.js';
import type { Hosts } from '../../core/hosts.js';
import { isoTime } from '../../core/time.js';
import { type JsonBytes, parsedJson } from '../json-bytes.js';
import type { CallJson } from '../schemas/call.js';
import { faultToJson, type JsonOptions, writeValue } from '../value.js';
import { writeManaged } from './managed.js';
import { callText, sayCall } from './text.js';

/** How a call is shown. */
export interface CallOptions extends JsonOptions {
  /** What its ends are called; left out where nobody knows. */
  readonly hosts?: Hosts | undefined;
}

/** The call as plain JSON; `capture` is the file's name, `objects` what is known of objects by now. */
export function callToJson(
  call: Call,
  number: number,
  capture: string,
  options: CallOptions = { full: false },
  objects?: ObjectTable,
): CallJson {
  return parsedJson((out) => writeCall(out, call, number, capture, options, objects)) as CallJson;
}

/** Adds the same as text. */
export function writeCall(
  out: JsonBytes,
  call: Call,
  number: number,
  capture: string,
  options: CallOptions,
  objects?: ObjectTable,
): void {
  const { connection, request, response, auth, result } = call;
  const [client, server] = rolesOf(connection);
  const facts = factsOf(call);
  out.put`{"capture":${capture},"call":${number}`;
  out.put`,"frames":{"request":${request?.frames ?? []},"response":${response?.frames ?? []}}`;
  out.put`,"time":${isoTime(timeOf(call))},"duration":${durationOf(call)}`;
  out.put`,"client":`;
  writeEnd(out, client, options.hosts);
  out.put`,"server":`;
  writeEnd(out, server, options.hosts);
  out.put`,"transport":${connection.transport}`;
  out.put`,"auth":{"type":${auth.type},"level":${levelText(levelOf(auth))},"user":${auth.user}`;
  out.put`,"decrypted":${auth.decrypted},"verified":${auth.verified},"carrier":${auth.carrier}}`;
  out.put`,"syntax":${call.syntax},"communityId":${communityId(connection)}`;
  out.put`,"callId":${call.callId},"contextId":${call.contextId},"opnum":${call.opnum}`;
  out.put`,"endpoint":${connection.endpoint},"oneWay":${call.oneWay}`;
  out.put`,"iid":${call.iid},"interface":${call.iface?.name ?? call.iid},"interfaceFrom":${call.interfaceFrom}`;
  out.put`,"operation":${operationName(call)},"object":${call.object},"causality":${call.causality}`;
  out.put`,"in":`;
  writeValue(out, call.in, options);
  out.put`,"out":`;
  writeValue(out, call.out, options);
  out.put`,"managed":`;
  writeManaged(out, call, facts, objects && objectTypes(objects));
  out.put`,"apartment":${objects === undefined ? null : apartmentOf(objects, call)}`;
  out.put`,"errorInfo":${call.errorInfo},"extendedError":${call.extendedError}`;
  out.put`,"hresult":${result === null ? null : describeResult(result, call)}`;
  out.put`,"fault":${faultToJson(call)}`;
  out.put`,"stub":{"in":`;
  writeStub(out, request);
  out.put`,"out":`;
  writeStub(out, response);
  out.put`},"summary":"`;
  sayCall(callText(call, 'response', facts), (parts, ...values) => out.within(parts, values));
  out.put`","warnings":${call.warnings.map(({ code, message, offset }) => ({ code, message, offset }))}}`;
}

function writeEnd(out: JsonBytes, { address, port }: Endpoint, hosts: Hosts | undefined): void {
  const name = hosts?.nameOf(address) ?? null;
  if (name === null) out.put`{"address":${address},"port":${port}}`;
  else out.put`{"address":${address},"port":${port},"name":${name}}`;
}

function writeStub(out: JsonBytes, half: Half | null): void {
  if (half === null || half.stub === null) out.json(null);
  else out.put`{"length":${half.stub.length},"sha256":${sha256(half.stub)}}`;
}
