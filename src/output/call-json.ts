/** A call as one JSON object (contract: `calls -T ndjson`). */
import { createHash } from 'node:crypto';
import { AUTH_LEVELS } from '../../dissectors/dcerpc/auth.js';
import type { Call, Half } from '../../dissectors/dcerpc/connection.js';
import { operationName } from '../../dissectors/dcerpc/interface.js';
import { describeResult, statusName } from '../../dissectors/dcom/hresult.js';
import { hex } from '../../dissectors/ndr/read.js';
import type { ObjectTable } from '../analysis/objects.js';
import { apartmentOf, objectTypes } from '../analysis/objects-calls.js';
import type { Connection, Time } from '../core/context.js';
import { describeCallText } from './call-text.js';
import { managedCall } from './managed-json.js';
import { type JsonOptions, sha256, valueToJson } from './value.js';

/** The call as plain JSON; `capture` is the file's name, `objects` what is known of objects by now. */
export function callToJson(
  call: Call,
  number: number,
  capture: string,
  options: JsonOptions = { full: false },
  objects?: ObjectTable,
): Record<string, unknown> {
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

function wordsOf(call: Call): Record<string, unknown> {
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
): Record<string, unknown> {
  const { connection, request, response } = call;
  const [client, server] = rolesOf(connection);
  const status = call.result;
  return {
    capture,
    call: number,
    frames: { request: request?.frames ?? [], response: response?.frames ?? [] },
    time: isoTime((request ?? response)?.time ?? { sec: 0, nsec: 0 }),
    duration: duration(call),
    client,
    server,
    transport: connection.transport,
    auth: {
      type: call.auth.type,
      level: levelName(call.auth.level),
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
    in: valueToJson(call.in, options),
    out: valueToJson(call.out, options),
    managed: managedCall(call, objects && objectTypes(objects)),
    apartment: objects === undefined ? null : apartmentOf(objects, call),
    errorInfo: call.errorInfo,
    extendedError: call.extendedError,
    hresult: status === null ? null : describeResult(status, call.iface?.orpc !== false),
    fault: call.fault === null ? null : { status: hex(call.fault, 8), name: statusName(call.fault) },
    stub: { in: stubOf(request), out: stubOf(response) },
  };
}

/** Name of an authentication level; `NONE` without any. */
export function levelName(level: number): string {
  return level === 0 ? 'NONE' : (AUTH_LEVELS[level] ?? String(level));
}

/** Client's and server's end. */
export function rolesOf(connection: Connection): [client: Connection['ends'][0], server: Connection['ends'][0]] {
  const [a, b] = connection.ends;
  return connection.client === 0 ? [a, b] : [b, a];
}

function stubOf(half: Half | null): { length: number; sha256: string } | null {
  return half === null || half.stub === null ? null : { length: half.stub.length, sha256: sha256(half.stub) };
}

/** Seconds from request to answer; null where one is missing. */
export function duration(call: Call): number | null {
  if (call.request === null || call.response === null) return null;
  return elapsed(call.request.time, call.response.time);
}

/** Seconds from one time to another, without losing nanoseconds to large numbers. */
export function elapsed(from: Time, to: Time): number {
  return Math.round((to.sec - from.sec) * 1e9 + (to.nsec - from.nsec)) / 1e9;
}

/** The second that was written last: most calls come in the same one as those before. */
let lastSecond = { sec: 0, text: '1970-01-01T00:00:00' };

/** ISO 8601 in UTC; microseconds, or nanoseconds where there are any. */
export function isoTime(time: Time): string {
  const fraction = String(time.nsec).padStart(9, '0');
  if (time.sec !== lastSecond.sec)
    lastSecond = { sec: time.sec, text: new Date(time.sec * 1000).toISOString().slice(0, 19) };
  return `${lastSecond.text}.${fraction.endsWith('000') ? fraction.slice(0, 6) : fraction}Z`;
}

const communityIds = new WeakMap<Pick<Connection, 'transport' | 'ends'>, string>();

/** Community ID v1 with seed 0, the flow hash of Zeek, Suricata and others. */
export function communityId(connection: Pick<Connection, 'transport' | 'ends'>): string {
  let id = communityIds.get(connection);
  if (id === undefined) {
    id = computeCommunityId(connection);
    communityIds.set(connection, id);
  }
  return id;
}

function computeCommunityId(connection: Pick<Connection, 'transport' | 'ends'>): string {
  const [a, b] = connection.ends.map((e) => ({ address: addressBytes(e.address), port: e.port }));
  const order = Buffer.compare(a.address, b.address) || a.port - b.port;
  const [from, to] = order <= 0 ? [a, b] : [b, a];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(from.port, 0);
  ports.writeUInt16BE(to.port, 2);
  const protocol = connection.transport === 'ncadg_ip_udp' ? 17 : 6;
  const hash = createHash('sha1').update(
    Buffer.concat([Buffer.alloc(2), from.address, to.address, Buffer.from([protocol, 0]), ports]),
  );
  return `1:${hash.digest('base64')}`;
}

/** The 4 or 16 bytes of an address in text. */
function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const mapped = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = mapped
    ? `${mapped[1]}${((Number(mapped[2]) << 8) | Number(mapped[3])).toString(16)}:${((Number(mapped[4]) << 8) | Number(mapped[5])).toString(16)}`
    : text;
  const [head, tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array(Math.max(0, zeros)).fill('0'), ...after].map((g) => Number.parseInt(g, 16));
  const bytes = Buffer.alloc(16);
  for (let i = 0; i < 8; i++) bytes.writeUInt16BE(groups[i] & 0xffff, i * 2);
  return bytes;
}
