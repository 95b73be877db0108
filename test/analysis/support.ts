import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call, Half } from '../../dissectors/call.js';
import { INTERFACES, protocols } from '../../dissectors/index.js';
import type { Params } from '../../dissectors/ndr/interface.js';
import { CallList } from '../../src/analysis/calls.js';
import { type ObjectsReport, objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { StateStore } from '../../src/core/context.js';
import { scan } from '../../src/engine/scan.js';
import { loadSecrets } from '../../src/security/index.js';
import { TRAFFIC } from '../traffic.js';

export interface TruthCall {
  port: number;
  interface: string;
  iid: string;
  operation: string;
  object_ipid: string | null;
  hresult?: string;
  fault?: unknown;
  in: Record<string, unknown> | null;
  out: Record<string, unknown> | null;
}

export interface Truth {
  oxids: string[];
  calls: TruthCall[];
  missing_calls?: unknown[];
  attempts_never_served?: unknown[];
}

/** Names of the captures of which nothing is missing. */
export function wholeCaptures(): string[] {
  return readdirSync(TRAFFIC)
    .filter((f) => /\.pcap(ng)?(\.gz)?$/.test(f))
    .filter((f) => (truthOf(f).missing_calls ?? []).length === 0);
}

export function truthOf(file: string): Truth {
  return JSON.parse(readFileSync(join(TRAFFIC, file.replace(/\.pcap.*$/, '.json')), 'utf8')) as Truth;
}

/** Every call of a capture, in order. */
export async function callsOf(path: string): Promise<Call[]> {
  const secrets = path.replace(/\.pcap.*$/, '.secrets.json');
  const calls: Call[] = [];
  const list = new CallList((call) => calls.push(call));
  const protocol = protocols({ secrets: existsSync(secrets) ? await loadSecrets(secrets) : null });
  await scan(path, protocol, { record: false }, { onPdu: (pdu) => list.add(pdu) });
  list.end();
  return calls;
}

export async function reportOf(path: string): Promise<ObjectsReport> {
  const table = new ObjectTable();
  for (const call of await callsOf(path)) table.add(call);
  return objectsReport(table, path.slice(path.lastIndexOf('/') + 1));
}

const byName = new Map(INTERFACES.map((i) => [i.name, i]));

/** What a made-up call is about; the rest is ordinary. */
export interface Made {
  iface: string;
  operation: string;
  object?: string | null;
  in?: Params;
  out?: Params | null;
  result?: number;
  fault?: number;
  frame?: number;
  answer?: number | null;
  client?: string;
  server?: string;
  causality?: string;
}

/** A call as the dissector would give it. */
export function made(m: Made): Call {
  const iface = byName.get(m.iface) ?? null;
  const op = Object.entries(iface?.ops ?? {}).find(([, o]) => o.name === m.operation);
  const frame = m.frame ?? 1;
  const answer = m.answer === undefined ? frame + 1 : m.answer;
  const half = (at: number): Half => ({
    ...{ frames: [at], time: { sec: at, nsec: 0 }, littleEndian: true, pieces: [], stub: new Uint8Array(8) },
    ...{ cut: null, isDecoded: true, message: null, layout: null, trailer: null, objrefs: [] },
  });
  return {
    connection: {
      id: 0,
      transport: 'ncacn_ip_tcp',
      protocol: 'dcerpc',
      endpoint: null,
      ends: [
        { address: m.client ?? '10.0.0.1', port: 50000 },
        { address: m.server ?? '10.0.0.2', port: 49664 },
      ],
      client: 0,
      midstream: false,
      state: new StateStore(),
    },
    callId: 1,
    contextId: 0,
    oneWay: false,
    faultText: null,
    threw: false,
    opnum: Number(op?.[0] ?? 3),
    iface,
    iid: iface?.uuid ?? null,
    interfaceFrom: 'bind',
    boundIn: null,
    operation: op?.[1] ?? null,
    syntax: 'NDR',
    object: m.object ?? null,
    causality: m.causality ?? null,
    auth: { carrier: null, type: null, level: 0, user: null, decrypted: null, verified: null, isCut: false },
    request: half(frame),
    response: answer === null ? null : half(answer),
    requestFrame: frame,
    fault: m.fault ?? null,
    in: m.in ?? {},
    out: m.out === undefined ? {} : m.out,
    result: m.result ?? 0,
    errorInfo: null,
    extendedError: null,
    warnings: [],
    nameOf: (iid) => INTERFACES.find((i) => i.uuid === iid)?.name ?? iid,
    open: false,
    answering: false,
  } as Call;
}

export const ipid = (n: number, groups = '0668-04ec'): string =>
  `${n.toString(16).padStart(8, '0')}-${groups}-aaaa-${n.toString(16).padStart(12, '0')}`;
export const id64 = (n: number): string => `0x${n.toString(16).padStart(16, '0')}`;

export const IMANAGED_OBJECT = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
export const IDISPATCH = '00020400-0000-0000-c000-000000000046';

/** RemQueryInterface of an object at `ripid` for one interface. */
export function query(ripid: string, iid: string, granted: string | null, more: Partial<Made> = {}, oid = 1): Call {
  const std = { flags: 0, cPublicRefs: 5, oxid: id64(9), oid: id64(oid), ipid: granted };
  const nothing = { flags: 0, cPublicRefs: 0, oxid: id64(0), oid: id64(0), ipid: ipid(0, '0000-0000') };
  return made({
    iface: 'IRemUnknown2',
    operation: 'RemQueryInterface',
    object: ipid(100),
    in: { ripid, cRefs: 5, cIids: 1, iids: [iid] },
    out: {
      ppQIResults: [{ hResult: granted === null ? '0x80004002' : '0x00000000', std: granted === null ? nothing : std }],
    },
    result: granted === null ? 0x80004002 : 0,
    ...more,
  });
}

export function release(pointer: string, references: number, more: Partial<Made> = {}): Call {
  return made({
    iface: 'IRemUnknown2',
    operation: 'RemRelease',
    object: ipid(100),
    in: { cInterfaceRefs: 1, InterfaceRefs: [{ ipid: pointer, cPublicRefs: references, cPrivateRefs: 0 }] },
    ...more,
  });
}
