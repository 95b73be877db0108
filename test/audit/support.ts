/** Audits of captures, and hand-made conversations for what no capture shows. */

import { existsSync } from 'node:fs';
import { type CallAuth, NO_AUTH, PROTECTION } from '../../dissectors/call.js';
import type { Bstr } from '../../dissectors/dcom/bstr.js';
import { dualStringBytes } from '../../dissectors/dcom/dual-string-array.js';
import type { Objref } from '../../dissectors/dcom/objref.js';
import { INTERFACES, protocols } from '../../dissectors/index.js';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { encodeValues, type ValueDocument } from '../../dissectors/nrbf/index.js';
import { Audit, type AuditResult, type Finding, RULES, type Rule } from '../../src/analysis/audit/index.js';
import { CallList } from '../../src/analysis/calls.js';
import { type ObjectsReport, objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { type Connection, StateStore, type TransportPdu } from '../../src/core/context.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { scan } from '../../src/engine/scan.js';
import { loadSecrets } from '../../src/security/index.js';
import { started } from '../started.js';
import { Channel } from './channel.js';

/** The audit of a capture, with the secrets that lie beside it; `change` may damage its PDUs. */
export async function auditOf(
  path: string,
  withSecrets = true,
  change: (pdu: TransportPdu) => TransportPdu = (pdu) => pdu,
): Promise<AuditResult> {
  const secrets = path.replace(/\.pcap.*$/, '.secrets.json');
  const audit = new Audit(RULES);
  audit.begin(path);
  const protocol = protocols({ secrets: withSecrets && existsSync(secrets) ? await loadSecrets(secrets) : null });
  const changed = {
    ...protocol,
    start(...on: Parameters<typeof protocol.start>) {
      const run = protocol.start(...on);
      const dissect: typeof run.dissect = (pdu, record, emit) => run.dissect(change(pdu), record, emit);
      return { ...run, dissect };
    },
  };
  await scan(path, changed, { record: false }, { onPdu: (pdu) => audit.pdu(pdu) });
  audit.end();
  return audit.result();
}

/** Rule ids with how many findings each has, in order. */
export function rulesOf(result: AuditResult): string {
  const counts = new Map<string, number>();
  for (const { rule } of result.findings) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
  return [...counts.keys()].sort().join(' ');
}

const NDR_SYNTAX = '8a885d04-1ceb-11c9-9fe8-08002b104860';
export const CLIENT = '10.0.0.10';
export const SERVER = '10.0.0.20';
export const IPID = '00001c02-03c5-07ed-7311-d8a3c2ce6f44';

/** pfc_flags of a whole PDU, with an object. */
const WHOLE = 3;
export const FIRST = 1;
export const LAST = 2;
const OBJECT = 0x80;

/** Connections of one capture under audit. */
export class Network {
  private readonly run;
  private readonly audit: Audit;
  private readonly table: ObjectTable;
  private readonly calls = new CallList((call) => this.table.add(call));
  private frame = 0;
  private connections = 0;
  /** Who connects where nobody is named. */
  client = CLIENT;
  /** What carries connections, and protects them. */
  protection: CallAuth = NO_AUTH;

  /** @param interfaces beside those that are built in */
  constructor(
    limits: Partial<Limits> = {},
    rules: readonly Rule[] = RULES,
    private readonly interfaces: readonly RpcInterface[] = [],
  ) {
    this.run = started(protocols({ interfaces }));
    this.table = new ObjectTable(limitsWith(limits));
    this.audit = new Audit(rules, limitsWith(limits));
    this.audit.begin('hand-made');
  }

  connect(client = this.client, server = SERVER, port = 49664): Talk {
    const { connection, send } = this.open(client, server, port, 'ncacn_ip_tcp', 'dcerpc');
    return new Talk(connection, send, [...this.interfaces, ...INTERFACES]);
  }

  /** A channel of .NET remoting. */
  channel(o: { client?: string; server?: string; http?: boolean; auth?: CallAuth } = {}): Channel {
    const { client = this.client, server = SERVER, http = false } = o;
    const { connection, send } = http
      ? this.open(client, server, 8080, 'nrtp_http', 'http')
      : this.open(client, server, 8085, 'nrtp_tcp', 'nrtp');
    if (o.auth !== undefined) connection.state.get(PROTECTION).auth = o.auth;
    return new Channel(send, http);
  }

  private open(client: string, server: string, port: number, transport: Connection['transport'], protocol: string) {
    const connection: Connection = {
      id: this.connections++,
      transport,
      protocol,
      endpoint: null,
      ends: [
        { address: client, port: 50000 + this.connections },
        { address: server, port },
      ],
      client: 0,
      midstream: false,
      state: new StateStore(),
    };
    connection.state.get(PROTECTION).auth = this.protection;
    const send = (direction: 0 | 1, bytes: Uint8Array): void => {
      this.frame++;
      const pieces = [{ at: 0, length: bytes.length, frame: this.frame, fileOffset: 1000 * this.frame }];
      const transport = {
        connection,
        direction,
        bytes,
        length: bytes.length,
        pieces,
        frames: [this.frame],
        time: { sec: 1_700_000_000 + this.frame, nsec: 0 },
        afterGap: false,
      } as const;
      const pdu = this.run.dissect(transport, false);
      this.audit.pdu(pdu);
      this.calls.add(pdu);
    };
    return { connection, send };
  }

  /** Connections that one host tries in vain. */
  attempt(client = CLIENT, server = SERVER, port = 49664): this {
    this.frame++;
    this.audit.attempt({
      client: { address: client, port: 50000 },
      server: { address: server, port },
      syns: 3,
      outcome: 'no answer',
      frames: [this.frame],
      time: { sec: 1_700_000_000 + this.frame, nsec: 0 },
    });
    return this;
  }

  /** Goes on in another capture. */
  begin(capture: string): void {
    this.audit.end();
    this.audit.begin(capture);
  }

  findings(): readonly Finding[] {
    this.audit.end();
    return this.audit.result().findings;
  }

  /** Findings of one rule. */
  of(rule: string): readonly Finding[] {
    return this.findings().filter((f) => f.rule.id === rule);
  }

  /** What is known of COM objects. */
  objects(): ObjectsReport {
    this.calls.end();
    return objectsReport(this.table, 'hand-made');
  }

  result(): AuditResult {
    this.audit.end();
    return this.audit.result();
  }
}

/** One connection: binds, requests and responses, in little-endian NDR. */
export class Talk {
  private callId = 1;

  constructor(
    readonly connection: Connection,
    private readonly send: (direction: 0 | 1, bytes: Uint8Array) => void,
    private readonly interfaces: readonly RpcInterface[],
  ) {}

  /** Bind and bind_ack for one interface (context 0); `refused` says that the server does not have it. */
  bind(iid: string, o: { asked?: number; given?: number; refused?: boolean; auth?: Uint8Array } = {}): this {
    const w = new NdrWriter(false);
    u16s(w, 4280, 4280);
    w.u32(o.asked ?? 0);
    w.bytes(Uint8Array.of(1, 0, 0, 0));
    u16s(w, 0);
    w.bytes(Uint8Array.of(1, 0));
    w.guid(iid);
    u16s(w, 0, 0);
    w.guid(NDR_SYNTAX);
    w.u32(2);
    this.pdu(0, 11, w.result(), WHOLE, o.auth);
    const a = new NdrWriter(false);
    u16s(a, 4280, 4280);
    a.u32(o.given ?? 0x1234);
    u16s(a, 0, 0);
    a.bytes(Uint8Array.of(1, 0, 0, 0));
    // provider rejection, abstract syntax not supported
    u16s(a, ...(o.refused ? [2, 1] : [0, 0]));
    a.guid(o.refused ? '00000000-0000-0000-0000-000000000000' : NDR_SYNTAX);
    a.u32(2);
    this.pdu(1, 12, a.result());
    return this;
  }

  /** A request of an operation by its name, and its answer unless `out` is null. */
  call(
    name: string,
    given: Record<string, NdrValue>,
    out: Record<string, NdrValue> | null = {},
    result = 0,
    ipid: string | null = IPID,
  ): this {
    const [interfaceName, operationName] = name.split('.');
    const iface = this.interfaces.find((i) => i.name === interfaceName)!;
    const [opnum, op] = Object.entries(iface.ops).find(([, o]) => o.name === operationName)!;
    const request = new NdrWriter(false);
    if (iface.orpc) request.bytes(ORPCTHIS);
    request.params(op.request, given);
    this.request(Number(opnum), request.result(), { ipid: iface.orpc ? ipid : null });
    if (out === null) return this;
    const response = new NdrWriter(false);
    if (iface.orpc) response.bytes(new Uint8Array(8));
    response.params(op.response, out);
    if (op.returns !== 'nothing') response.u32(result);
    this.response(response.result());
    this.callId++;
    return this;
  }

  /** A request PDU with a stub as it is. */
  request(
    opnum: number,
    stub: Uint8Array,
    o: { ipid?: string | null; flags?: number; auth?: Uint8Array | undefined } = {},
  ): void {
    const w = new NdrWriter(false);
    w.u32(stub.length);
    u16s(w, 0, opnum);
    if (o.ipid) w.guid(o.ipid);
    w.bytes(stub);
    this.pdu(0, 0, w.result(), (o.flags ?? WHOLE) | (o.ipid ? OBJECT : 0), o.auth);
  }

  response(stub: Uint8Array, o: { flags?: number; auth?: Uint8Array | undefined } = {}): void {
    const w = new NdrWriter(false);
    w.u32(stub.length);
    u16s(w, 0, 0);
    w.bytes(stub);
    this.pdu(1, 2, w.result(), o.flags ?? WHOLE, o.auth);
  }

  /** A fault as the answer. */
  fault(status: number): void {
    const w = new NdrWriter(false);
    w.u32(0);
    u16s(w, 0, 0);
    w.u32(status);
    w.u32(0);
    this.pdu(1, 3, w.result());
    this.callId++;
  }

  /** `auth` is a whole trailer, sec_trailer included. */
  pdu(direction: 0 | 1, type: number, body: Uint8Array, flags = WHOLE, auth: Uint8Array = new Uint8Array(0)): void {
    const w = new NdrWriter(false);
    w.bytes(Uint8Array.of(5, 0, type, flags, 0x10, 0, 0, 0));
    u16s(w, 16 + body.length + auth.length, Math.max(0, auth.length - 8));
    w.u32(this.callId);
    w.bytes(body);
    w.bytes(auth);
    this.send(direction, w.result());
  }
}

/** An auth trailer of NTLM with a verifier of 16 bytes. */
export function trailer(level: number): Uint8Array {
  return Uint8Array.of(10, level, 0, 0, 1, 0, 0, 0, 1, ...new Uint8Array(15));
}

function u16s(w: NdrWriter, ...values: readonly number[]): void {
  for (const v of values) w.bytes(Uint8Array.of(v & 0xff, v >>> 8));
}

/** Version 5.7, no flags, a causality id, no extensions. */
export const ORPCTHIS = Uint8Array.of(5, 0, 7, 0, ...new Uint8Array(8), ...Array(16).fill(7), 0, 0, 0, 0);

export function bstr(bytes: Uint8Array | string): NdrValue {
  const raw = typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'utf16le')) : bytes;
  const value: Bstr = { [KIND]: 'bstr', cBytes: raw.length, bytes: raw, nrbf: null };
  return value as unknown as NdrValue;
}

/** A BSTR that holds the NRBF stream of VALUEs. */
export function graph(document: ValueDocument): NdrValue {
  return bstr(encodeValues(document));
}

/** An object as a VALUE; texts become strings, everything else stands as it is. */
export function object(
  type: string,
  members: Record<string, string | NonNullable<ValueDocument['root']> | null> = {},
  assembly: string | null = 'App, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089',
): NonNullable<ValueDocument['root']> {
  const values = Object.entries(members).map(([name, v]) => [
    name,
    typeof v === 'string' ? { type: 'System.String', value: v } : v,
  ]);
  return { type, assembly, members: Object.fromEntries(values) };
}

/** An OBJREF of the standard kind as a value. */
export function objref(o: {
  ipid?: string;
  iid?: string;
  oxid?: bigint;
  bindings: readonly string[];
  principal?: string;
}): NdrValue {
  const w = new NdrWriter(false);
  w.u32(0x574f454d);
  w.u32(1);
  w.guid(o.iid ?? '00000000-0000-0000-c000-000000000046');
  w.u32(0);
  w.u32(5);
  w.number('u64', (o.oxid ?? 0x1111n) as NdrValue);
  w.number('u64', 0x2222n as NdrValue);
  w.guid(o.ipid ?? IPID);
  w.bytes(
    dualStringBytes({
      bindings: o.bindings.map((address) => ({ tower: 7, address })),
      securityBindings: [{ authnSvc: 10, authzSvc: 0xffff, principal: o.principal ?? '' }],
    }),
  );
  return { [KIND]: 'objref', type: 'standard', iid: '', bytes: w.result() } satisfies Objref as unknown as NdrValue;
}

/** An OBJREF_CUSTOM with some data. */
export function customObjref(clsid: string): NdrValue {
  const w = new NdrWriter(false);
  w.u32(0x574f454d);
  w.u32(4);
  w.guid('00000000-0000-0000-c000-000000000046');
  w.guid(clsid);
  w.u32(0);
  w.u32(8);
  w.bytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  return { [KIND]: 'objref', type: 'custom', iid: '', bytes: w.result() } satisfies Objref as unknown as NdrValue;
}

/** Bindings of a resolver's answer. */
export function dual(...addresses: readonly string[]): NdrValue {
  return {
    bindings: addresses.map((address) => ({ tower: 7, address })),
    securityBindings: [],
  } as unknown as NdrValue;
}
