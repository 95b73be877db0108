import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readSoap, type SoapMessage } from '../../dissectors/soap/index.js';
import { Cursor } from '../../src/core/cursor.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import type { Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';

const SHARED = '../shared/captures/remoting';
export const hasShared = existsSync(SHARED);

/** A call as the programs logged it; what tests read of it. */
export interface TrueCall {
  readonly n: number;
  readonly method: string;
  readonly typeName: string;
  readonly type: string;
  readonly parameters: readonly string[];
  readonly args: readonly unknown[];
  readonly argsPartial?: boolean;
  readonly context: unknown;
  readonly returnVoid?: boolean;
  readonly returnPartial?: boolean;
  readonly returnValue?: unknown;
  readonly outArgs?: { readonly indices: readonly number[]; readonly values: readonly unknown[] } | null;
  readonly exception?: TrueException | null;
  readonly request?: Content;
  readonly response?: Content;
}

export interface TrueException {
  readonly type: string;
  readonly message: string;
  readonly inner: TrueException | null;
}

interface Content {
  readonly length: number;
  readonly sha256: string;
}

export interface Body {
  readonly name: string;
  readonly side: 'request' | 'response';
  readonly call: TrueCall;
  readonly bytes: Uint8Array;
}

/** The bytes that each TCP port pair of a capture (Ethernet, IPv4) sent, put in order. */
function streams(capture: Buffer): Buffer[] {
  const found = new Map<string, Map<number, Buffer>>();
  for (let at = 24; at + 16 <= capture.length; ) {
    const length = capture.readUInt32LE(at + 8);
    const ip = capture.subarray(at + 16 + 14, at + 16 + length);
    at += 16 + length;
    if (ip[0] >> 4 !== 4 || ip[9] !== 6) continue;
    const tcp = ip.subarray((ip[0] & 15) * 4, ip.readUInt16BE(2));
    const data = tcp.subarray((tcp[12] >> 4) * 4);
    const key = tcp.subarray(0, 4).toString('hex') + ip.subarray(12, 20).toString('hex');
    if (!found.has(key)) found.set(key, new Map());
    if (data.length > 0) found.get(key)?.set(tcp.readUInt32BE(4), data);
  }
  return [...found.values()].map((parts) =>
    Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, data]) => data)),
  );
}

/** The contents of a capture that stand in one piece, found by the digests of its truth. */
export function bodies(name: string): Body[] {
  const truth = JSON.parse(readFileSync(`${SHARED}/${name}.json`, 'utf8')) as { calls: TrueCall[] };
  const sent = streams(readFileSync(`${SHARED}/${name}.pcap`));
  const starts = sent.flatMap((bytes) => {
    const all: Buffer[] = [];
    for (let at = bytes.indexOf('<SOAP-ENV:Envelope'); at >= 0; at = bytes.indexOf('<SOAP-ENV:Envelope', at + 1))
      all.push(bytes.subarray(at));
    return all;
  });
  const found: Body[] = [];
  for (const call of truth.calls)
    for (const side of ['request', 'response'] as const) {
      const content = call[side];
      if (content === undefined || content === null) continue;
      const bytes = starts
        .map((start) => start.subarray(0, content.length))
        .find((b) => createHash('sha256').update(b).digest('hex') === content.sha256);
      if (bytes !== undefined) found.push({ name: `${name} ${call.n} ${side}`, side, call, bytes });
    }
  return found;
}

export function reading(
  bytes: Uint8Array | string,
  { record = false, expected = null as 'call' | 'return' | null, claimed = 0, limits = {} as Partial<Limits> } = {},
): { message: SoapMessage; recording: Recording } {
  const recording = new Recording(record, limitsWith(limits));
  const source = fileSource('content', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  const message = readSoap(new Cursor(source, recording, claimed), expected);
  return { message, recording: recording.finish() };
}

/** An envelope around a body, with the prefixes that Mono uses. */
export function envelope(body: string, header = ''): string {
  return `<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:clr="http://schemas.microsoft.com/clr/" SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">${header === '' ? '' : `<SOAP-ENV:Header>${header}</SOAP-ENV:Header>`}<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

/** A call of `N.T.M` with these parameters, and objects behind it. */
export function callOf(args: string, objects = ''): string {
  return envelope(`<i2:M xmlns:i2="http://schemas.microsoft.com/clr/nsassem/N.T/A">${args}</i2:M>${objects}`);
}

/** Leaves of a tree in order, as `field: text of its bytes`. */
export function leaves(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ field, source, start, end, children }) =>
    children.length > 0
      ? leaves(children)
      : source === null
        ? []
        : [`${field.name}: ${Buffer.from(source.bytes.subarray(start, end)).toString()}`],
  );
}

/** Nodes with a field, wherever they stand. */
export function nodesOf(nodes: readonly Node[], name: string): Node[] {
  return nodes.flatMap((node) => [...(node.field.name === name ? [node] : []), ...nodesOf(node.children, name)]);
}
