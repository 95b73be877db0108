/** What DCOM's own calls say of objects: IRemUnknown, activation, the object resolver (MS-DCOM 3.1.1.5, 3.1.2.5). */
import type { Params } from '../../dissectors/dcerpc/interface.js';
import { AUTHN_SERVICES, bindingText, type DualStringArray } from '../../dissectors/dcom/dual-string-array.js';
import type { Objref, StdObjref } from '../../dissectors/dcom/objref.js';
import type { ObjectTable } from './objects.js';
import {
  type Apartment,
  type InterfacePointer,
  MOST_VALUES,
  NIL,
  NO_ID,
  type Seen,
  type Sight,
} from './objects-model.js';
import { objrefsOf } from './objects-sources.js';

const IMANAGED_OBJECT = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
const IREM_UNKNOWN = '00000131-0000-0000-c000-000000000046';

/** RemQueryInterface, RemAddRef and RemRelease. True where the call was one of IRemUnknown's. */
export function noteRemUnknown(table: ObjectTable, seen: Seen): boolean {
  const { call } = seen;
  if (call.iface?.name !== 'IRemUnknown' && call.iface?.name !== 'IRemUnknown2') return false;
  switch (call.operation?.name) {
    case 'RemQueryInterface':
    case 'RemQueryInterface2':
      noteQuery(table, seen);
      break;
    case 'RemAddRef':
      noteReferences(table, seen, 1);
      break;
    case 'RemRelease':
      noteReferences(table, seen, -1);
      break;
    default:
      break;
  }
  return true;
}

/** One interface that was asked for, and what came of it. */
interface Answer {
  readonly iid: string;
  readonly hresult: number;
  readonly std: (StdObjref & { readonly bindings?: readonly string[] }) | null;
}

function noteQuery(table: ObjectTable, seen: Seen): void {
  const { call, server, client, sight } = seen;
  if (typeof call.in?.ripid !== 'string') return;
  const asked = table.pointer(server, call.in.ripid, sight, null);
  if (asked === undefined) return;
  const remUnknown = call.object === null ? undefined : table.known(server, call.object);
  if (remUnknown?.apartment != null) table.settle(asked, remUnknown.apartment);
  const iids = listOf<string>(call.in.iids);
  const answers = answersOf(call.out, iids);
  // a refusal that names no interface, or no answer at all
  const whole = answers.length > 0 ? answers : iids.map((iid) => ({ iid, hresult: call.result ?? 0, std: null }));
  for (const answer of whole) {
    const refused = answer.hresult >= 0x80000000;
    if (answer.std !== null && !refused && answer.std.ipid !== undefined && answer.std.ipid !== NIL) {
      const pointer = table.pointer(server, answer.std.ipid, sight, answer.iid, answer.std.oid);
      if (pointer === undefined) continue;
      pointer.iid = answer.iid;
      table.place(pointer, answer.std.oxid ?? NO_ID, answer.std.oid ?? NO_ID);
      table.place(asked, answer.std.oxid ?? NO_ID, answer.std.oid ?? NO_ID);
      if (remUnknown !== undefined && pointer.apartment !== null) homeOf(table, remUnknown, pointer.apartment);
      table.give(pointer, client, answer.std.cPublicRefs ?? 0);
    }
    noteRequest(table, asked, seen, answer, refused);
  }
}

/** An interface was asked for: remembered where it was refused, and for IManagedObject in any case. */
function noteRequest(
  table: ObjectTable,
  asked: InterfacePointer,
  seen: Seen,
  { iid, hresult, std }: Answer,
  refused: boolean,
): void {
  const { object } = asked;
  if (object === null) return;
  if (refused) {
    const refusal = table.room.entry(object.refusals, iid, () => ({ iid, hresult, count: 0, seen: [] }));
    if (refusal !== undefined) {
      refusal.count++;
      table.room.add(refusal.seen, seen.sight);
    }
  }
  if (iid !== IMANAGED_OBJECT) return;
  const outcome = refused ? 'refused' : std !== null ? 'granted' : seen.call.fault !== null ? 'failed' : 'unknown';
  table.room.add(object.steps, { client: seen.client, step: 'query', seen: seen.sight, outcome });
}

/** RemQueryInterface answers with REMQIRESULTs, RemQueryInterface2 with HRESULTs and OBJREFs. */
function answersOf(out: Params | null, iids: readonly string[]): Answer[] {
  if (out === null) return [];
  if (Array.isArray(out.phr)) {
    const objrefs = listOf<Objref | null>(out.ppMIF);
    return listOf<string>(out.phr).map((hr, i) => {
      const o = objrefs[i];
      const std = o?.ipid === undefined ? null : ({ ...o, cPublicRefs: o.publicRefs ?? 0 } as unknown as StdObjref);
      return { iid: iids[i] ?? NIL, hresult: Number(hr), std };
    });
  }
  return listOf<{ hResult?: string; std?: StdObjref }>(out.ppQIResults).map((r, i) => ({
    iid: iids[i] ?? NIL,
    hresult: Number(r?.hResult ?? 0),
    std: r?.std ?? null,
  }));
}

/** The interface whose calls named an apartment's objects is the apartment's IRemUnknown. */
function homeOf(table: ObjectTable, remUnknown: InterfacePointer, apartment: Apartment): void {
  table.settle(remUnknown, apartment);
  apartment.remUnknown ??= remUnknown;
}

/** RemAddRef and RemRelease: references of many pointers at once. */
function noteReferences(table: ObjectTable, seen: Seen, sign: 1 | -1): void {
  const { call, server, client, sight } = seen;
  if (seen.failed) return;
  const results = sign > 0 ? listOf<string>(call.out?.pResults) : [];
  const refs = listOf<{ ipid?: string; cPublicRefs?: number; cPrivateRefs?: number }>(call.in?.InterfaceRefs);
  refs.forEach((ref, i) => {
    // what the server does not know is no pointer of its
    if (ref?.ipid === undefined || Number(results[i] ?? 0) >= 0x80000000) return;
    const pointer = table.pointer(server, ref.ipid, sight, null);
    if (pointer === undefined) return;
    const remUnknown = call.object === null ? undefined : table.known(server, call.object);
    if (remUnknown?.apartment != null) table.settle(pointer, remUnknown.apartment);
    const [open, secret] = [ref.cPublicRefs ?? 0, ref.cPrivateRefs ?? 0];
    if (sign > 0) {
      pointer.added += open;
      pointer.privateAdded += secret;
    } else {
      pointer.released += open;
      pointer.privateReleased += secret;
      pointer.lastRelease = sight;
    }
    table.room.count(pointer.holders, client, sign * (open + secret));
  });
}

/** Activation: the apartment of the new object, its class, its first pointers. True where the call was one. */
export function noteActivation(table: ObjectTable, seen: Seen): boolean {
  const { call, server, sight } = seen;
  const operation = call.operation?.name;
  if (operation === 'RemoteActivation') return noteRemoteActivation(table, seen);
  if (operation !== 'RemoteCreateInstance' && operation !== 'RemoteGetClassObject') return false;
  const asked = propertiesOf(call.in?.pActProperties)?.InstantiationInfo as { classId?: string } | undefined;
  const told = propertiesOf(call.out?.ppActProperties);
  if (told === undefined) return true;
  const reply = (told.ScmReplyInfo as { remoteReply?: Params | null } | undefined)?.remoteReply ?? null;
  if (reply !== null) noteExporter(table, server, sight, reply.Oxid, reply, 'pdsaOxidBindings', 'ipidRemUnknown');
  const props = told.PropsOutInfo as { piid?: string[] | null; phresults?: string[] | null } | undefined;
  made(table, seen, asked?.classId ?? null, listOf(props?.piid), listOf(props?.phresults));
  return true;
}

function noteRemoteActivation(table: ObjectTable, seen: Seen): boolean {
  const { call, server, sight } = seen;
  if (call.out === null) return true;
  noteExporter(table, server, sight, call.out.pOxid, call.out, 'ppdsaOxidBindings', 'pipidRemUnknown');
  const clsid = typeof call.in?.Clsid === 'string' ? call.in.Clsid : null;
  made(table, seen, clsid, listOf(call.in?.pIIDs), listOf(call.out.pResults));
  return true;
}

/** The pointers that an activation gave, and the interfaces that it did not give. */
function made(table: ObjectTable, seen: Seen, clsid: string | null, iids: string[], results: string[]): void {
  const { call, server, client, sight } = seen;
  let first: InterfacePointer | undefined;
  for (const o of objrefsOf(call, 'response')) {
    const pointer = table.handOver(o, server, client, sight);
    first ??= pointer;
    const object = pointer?.object;
    if (object == null) continue;
    object.clsid ??= clsid;
    object.created ??= { ...sight, operation: call.operation?.name ?? '', client };
    if (o.iid === IMANAGED_OBJECT)
      table.room.add(object.steps, { client, step: 'query', seen: sight, outcome: 'granted' });
  }
  if (first === undefined) return;
  const asked = first;
  table.room.first(iids).forEach((iid, i) => {
    const hresult = Number(results[i] ?? 0);
    if (hresult >= 0x80000000) noteRequest(table, asked, seen, { iid, hresult, std: null }, true);
  });
}

/** ResolveOxid, ResolveOxid2 and ComplexPing. True where the call was the resolver's. */
export function noteResolver(table: ObjectTable, seen: Seen): boolean {
  const { call, server, sight } = seen;
  if (call.iface?.name !== 'IObjectExporter') return false;
  const name = call.operation?.name;
  if (name === 'ComplexPing') notePings(table, seen);
  else if ((name === 'ResolveOxid' || name === 'ResolveOxid2') && call.out !== null && call.in !== null)
    noteExporter(table, server, sight, call.in.pOxid, call.out, 'ppdsaOxidBindings', 'pipidRemUnknown');
  return true;
}

/** Bindings, IRemUnknown, version and hint of an apartment, as the resolver or an activation tells them. */
function noteExporter(
  table: ObjectTable,
  server: string,
  sight: Sight,
  oxid: unknown,
  told: Params,
  bindings: string,
  ipid: string,
): void {
  if (typeof oxid !== 'string' || oxid === NO_ID) return;
  const array = told[bindings] as DualStringArray | null | undefined;
  const remUnknown = told[ipid];
  if (array == null && (typeof remUnknown !== 'string' || remUnknown === NIL)) return;
  const apartment = table.apartment(server, oxid);
  if (apartment === undefined) return;
  if (array?.bindings !== undefined && apartment.bindings.length === 0) {
    apartment.bindings = table.room.first(array.bindings).map(bindingText);
    apartment.securityBindings = table.room.first(array.securityBindings ?? []).map((s) => {
      const service = AUTHN_SERVICES[s.authnSvc] ?? String(s.authnSvc);
      return s.principal === '' ? service : `${service} ${s.principal}`;
    });
  }
  if (typeof remUnknown === 'string' && remUnknown !== NIL) {
    const pointer = table.pointer(server, remUnknown, sight, IREM_UNKNOWN);
    if (pointer !== undefined) homeOf(table, pointer, apartment);
  }
  const hint = told.pAuthnHint ?? told.authnHint;
  if (typeof hint === 'number') apartment.authnHint = hint;
  const version = (told.pComVersion ?? told.pServerVersion ?? told.serverVersion) as
    | { MajorVersion?: number; MinorVersion?: number }
    | undefined;
  if (version?.MajorVersion !== undefined) apartment.comVersion = `${version.MajorVersion}.${version.MinorVersion}`;
}

function notePings(table: ObjectTable, seen: Seen): void {
  const { call, server, client, sight } = seen;
  if (seen.failed) return;
  const set = String(call.out?.pSetId ?? call.in?.pSetId ?? NO_ID);
  const note = (oids: unknown, added: boolean): void => {
    for (const oid of listOf<string>(oids).slice(0, MOST_VALUES)) {
      const object = typeof oid === 'string' ? table.object(server, oid) : undefined;
      const ping =
        object &&
        table.room.entry(object.pings, `${client} ${set}`, () => ({ client, set, added: null, removed: null }));
      if (ping === undefined) continue;
      if (added) ping.added ??= sight;
      else ping.removed = sight;
    }
  };
  note(call.in?.AddToSet, true);
  note(call.in?.DelFromSet, false);
}

function propertiesOf(value: unknown): Params | undefined {
  return (value as Partial<Objref> | null | undefined)?.properties as Params | undefined;
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
