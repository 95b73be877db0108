/** What the facts that a call tells say of objects: activations, interfaces, references, pings, identities. */
import { AUTHN_SERVICES, bindingText } from '../../../dissectors/dcom/dual-string-array.js';
import { type Fact, type FactOf, factsOfKind, isGranted, NIL, NO_ID } from '../../../dissectors/dcom/facts.js';
import { textOf } from '../../../dissectors/dcom/value.js';
import { IManagedObject } from '../../../dissectors/interfaces/IManagedObject.js';
import { IRemUnknown } from '../../../dissectors/interfaces/IRemUnknown.js';
import { isFailure } from '../../../dissectors/names/hresult.js';
import { classNameOf } from '../../../dissectors/ndr/interface.js';
import { describeNrbf, follow, isRecord, type NrbfStream, rootObjRef } from '../../../dissectors/nrbf/index.js';
import { SmallMap } from '../small-map.js';
import {
  type Apartment,
  type ComObject,
  type FactTable,
  type InterfacePointer,
  MOST_VALUES,
  type Room,
  type Seen,
  type Step,
} from './model.js';

/** Characters of a value's description. */
const WIDTH = 160;

/** Takes the facts of a call: first of apartments and objects that are there, then of what was made in them. */
export function noteFacts(table: FactTable, seen: Seen, facts: readonly Fact[]): void {
  for (const fact of facts) noteFact(table, seen, fact);
  noteMade(table, seen, facts);
}

function noteFact(table: FactTable, seen: Seen, fact: Fact): void {
  switch (fact.kind) {
    case 'asked':
      if (fact.ipid !== null) noteAsked(table, seen, fact, fact.ipid);
      break;
    case 'exported':
      noteExported(table, seen, fact);
      break;
    case 'references':
      if (!seen.failed) noteReferences(table, seen, fact);
      break;
    case 'pinged':
      if (!seen.failed) notePinged(table, seen, fact);
      break;
    case 'identity':
      noteIdentity(table, seen, fact);
      break;
    case 'serialized':
      noteSerialized(table, seen, fact);
      break;
    case 'component':
      noteComponent(table, seen, fact);
      break;
    default:
      break;
  }
}

/** The pointer that was called. */
function called(table: FactTable, { call, server }: Seen): InterfacePointer | undefined {
  return call.object === null ? undefined : table.known(server, call.object);
}

/** The object that was called, which tells of itself; null for an apartment's own interface. */
function calledObject(table: FactTable, seen: Seen): ComObject | null {
  return called(table, seen)?.object ?? null;
}

/** Activation: the class of the new object, its first pointers, and the interfaces that it does not have. */
function noteMade(table: FactTable, seen: Seen, facts: readonly Fact[]): void {
  const { call, server, client, sight } = seen;
  const asked = factsOfKind(facts, 'asked').filter(({ ipid }) => ipid === null);
  if (asked.length === 0) return;
  const [activated] = factsOfKind(facts, 'activated');
  let first: InterfacePointer | undefined;
  for (const { iid, pointer: given } of asked) {
    const pointer = given === null ? undefined : table.handOver({ ...given, iid }, server, client, sight);
    first ??= pointer;
    if (pointer?.object == null) continue;
    const clsid = activated?.clsid ?? null;
    if (pointer.object.clsid === null && clsid !== null) {
      pointer.object.clsid = clsid;
      pointer.object.className = classNameOf(clsid, call.nameOf);
    }
    const { request, response } = sight;
    pointer.object.created ??= { request, response, operation: call.operation?.name ?? '', client };
    if (iid === IManagedObject.uuid) step(table.room, pointer.object, seen, 'query', 'granted');
  }
  for (const fact of asked) if (first !== undefined && isGranted(fact) === false) noteRequest(table, first, seen, fact);
}

/** An object was asked for an interface, through the IRemUnknown of its apartment. */
function noteAsked(table: FactTable, seen: Seen, fact: FactOf<'asked'>, ipid: string): void {
  const { server, client, sight } = seen;
  const asked = table.pointer(server, ipid, sight, null);
  if (asked === undefined) return;
  const remUnknown = called(table, seen);
  if (remUnknown?.apartment != null) table.settle(asked, remUnknown.apartment);
  if (fact.pointer !== null) {
    const { oxid, oid, publicRefs } = fact.pointer;
    const pointer = table.pointer(server, fact.pointer.ipid, sight, null, oid);
    if (pointer === undefined) return;
    if (fact.iid !== NIL) pointer.iid = fact.iid;
    table.place(pointer, oxid, oid);
    table.place(asked, oxid, oid);
    if (remUnknown !== undefined && pointer.apartment !== null) homeOf(table, remUnknown, pointer.apartment);
    table.give(pointer, client, publicRefs);
  }
  noteRequest(table, asked, seen, fact);
}

/** An interface was asked for: remembered where it was refused, and for IManagedObject in any case. */
function noteRequest(table: FactTable, { object }: InterfacePointer, seen: Seen, fact: FactOf<'asked'>): void {
  if (object === null) return;
  const { iid } = fact;
  // a refusal that names no interface, or no answer at all
  const hresult = fact.hresult ?? seen.call.result ?? 0;
  const refused = isFailure(hresult);
  if (refused) {
    object.refusals ??= new SmallMap();
    const refusal = table.room.entry(object, object.refusals, iid, () => ({ iid, hresult, count: 0, seen: [] }));
    if (refusal !== undefined) {
      refusal.count++;
      table.room.add(object, refusal.seen, seen.sight);
    }
  }
  if (iid !== IManagedObject.uuid) return;
  const given = isGranted(fact) ? 'granted' : seen.call.fault !== null ? 'failed' : 'unknown';
  step(table.room, object, seen, 'query', refused ? 'refused' : given);
}

/** The interface whose calls named an apartment's objects is the apartment's IRemUnknown. */
function homeOf(table: FactTable, remUnknown: InterfacePointer, apartment: Apartment): void {
  table.settle(remUnknown, apartment);
  apartment.remUnknown ??= remUnknown;
}

/** RemAddRef and RemRelease. */
function noteReferences(table: FactTable, seen: Seen, fact: FactOf<'references'>): void {
  const { server, client, sight } = seen;
  const { change, publicRefs, privateRefs } = fact;
  const pointer = table.pointer(server, fact.ipid, sight, null);
  if (pointer === undefined) return;
  const remUnknown = called(table, seen);
  if (remUnknown?.apartment != null) table.settle(pointer, remUnknown.apartment);
  pointer.references[change] += publicRefs;
  pointer.references[change === 'added' ? 'privateAdded' : 'privateReleased'] += privateRefs;
  if (change === 'released') pointer.lastRelease = sight;
  table.room.count(pointer, pointer.holders, client, (change === 'added' ? 1 : -1) * (publicRefs + privateRefs));
}

/** Bindings, IRemUnknown, version and hint of an apartment, as the resolver or an activation tells them. */
function noteExported(table: FactTable, { server, sight }: Seen, fact: FactOf<'exported'>): void {
  const { oxid, bindings, remUnknown, authnHint, version } = fact;
  const ipid = remUnknown == null || remUnknown === NIL ? null : remUnknown;
  if (oxid === null || oxid === NO_ID || (bindings === null && ipid === null)) return;
  const apartment = table.apartment(server, oxid);
  if (apartment === undefined) return;
  if (bindings !== null && apartment.bindings.length === 0) {
    apartment.bindings = table.room.first(bindings.bindings).map(bindingText);
    apartment.securityBindings = table.room.first(bindings.securityBindings).map((s) => {
      const service = AUTHN_SERVICES[s.authnSvc] ?? String(s.authnSvc);
      return s.principal === '' ? service : `${service} ${s.principal}`;
    });
  }
  const pointer = ipid === null ? undefined : table.pointer(server, ipid, sight, IRemUnknown.uuid);
  if (pointer !== undefined) homeOf(table, pointer, apartment);
  if (authnHint != null) apartment.authnHint = authnHint;
  if (version != null) apartment.comVersion = version;
}

function notePinged(
  table: FactTable,
  { server, client, sight }: Seen,
  { set, added, removed }: FactOf<'pinged'>,
): void {
  const pingsOf = (oids: readonly string[]) =>
    oids.slice(0, MOST_VALUES).flatMap((oid) => {
      const object = table.object(server, oid);
      if (object === undefined) return [];
      object.pings ??= new SmallMap();
      const make = () => ({ client, set, added: null, removed: null });
      return table.room.entry(object, object.pings, `${client} ${set}`, make) ?? [];
    });
  for (const ping of pingsOf(added)) ping.added ??= sight;
  for (const ping of pingsOf(removed)) ping.removed = sight;
}

/** A step of a client on its way; it ended as its call did, unless something else is known. */
function step(room: Room, object: ComObject, seen: Seen, name: Step['step'], known?: Step['outcome']): void {
  const outcome = known ?? (seen.failed ? 'failed' : seen.call.out === null ? 'unknown' : 'answered');
  room.add(object, object.steps, { client: seen.client, step: name, seen: seen.sight, outcome });
}

function noteIdentity(table: FactTable, seen: Seen, fact: FactOf<'identity'>): void {
  const { room } = table;
  const object = calledObject(table, seen);
  if (object === null) return;
  const { appDomainId, ccw } = fact;
  const clr = textOf(fact.clr);
  step(room, object, seen, 'identity');
  if (clr === null && ccw === null && appDomainId === null) return;
  const known = object.identities.find(
    (i) => i.clr === clr && i.appDomainId === appDomainId && i.ccw?.value === ccw?.value,
  );
  if (known !== undefined) room.add(object, known.seen, seen.sight);
  else room.add(object, object.identities, { clr, appDomainId, ccw, seen: [seen.sight] });
}

function noteSerialized(table: FactTable, seen: Seen, { buffer }: FactOf<'serialized'>): void {
  const { room } = table;
  const object = calledObject(table, seen);
  if (object === null) return;
  step(room, object, seen, 'serialize');
  if (buffer === null || (table.typesAlone && object.serialized.some(({ type }) => type !== null))) return;
  const { nrbf, bytes } = buffer;
  const objRef = nrbf === null ? null : rootObjRef(nrbf);
  const summary = nrbf === null ? `${bytes.length} bytes` : describeNrbf(nrbf, WIDTH);
  const form = nrbf === null ? 'unreadable' : objRef === null ? 'value' : 'ObjRef';
  const known = object.serialized.find((s) => s.form === form && s.summary === summary && s.length === bytes.length);
  const type = objRef?.type ?? (nrbf === null ? null : rootType(nrbf));
  if (known !== undefined) room.add(object, known.seen, seen.sight);
  else room.add(object, object.serialized, { form, objRef, type, length: bytes.length, summary, seen: [seen.sight] });
}

/** Class name of a stream's root object; null for anything else. */
function rootType(stream: NrbfStream): string | null {
  const root = follow(stream, stream.root);
  return isRecord(root) && root.type <= 5 && 'cls' in root ? root.cls.name : null;
}

function noteComponent(table: FactTable, seen: Seen, fact: FactOf<'component'>): void {
  const { room } = table;
  const object = calledObject(table, seen);
  if (object === null) return;
  const { component } = object;
  const { sight } = seen;
  for (const name of ['processId', 'appDomain', 'uri'] as const) {
    const value = fact[name];
    if (value === null) continue;
    component[name] ??= value;
    if (component[name] !== value && !component.others.some((o) => o.name === name && o.value === value))
      room.add(object, component.others, { name, value, seen: sight });
  }
  room.add(object, component.seen, sight);
}
