/** What MS-IOI's calls say of an object: identity, serialized form, component info (MS-IOI 3.1.4). */
import { bstrText, isBstr } from '../../dissectors/dcom/bstr.js';
import type { CcwPtr } from '../../dissectors/dcom/ccw-ptr.js';
import type { SafeArray } from '../../dissectors/dcom/safearray.js';
import type { NrbfStream } from '../../dissectors/nrbf/index.js';
import { describeNrbf, follow, isRecord, rootObjRef } from '../../dissectors/nrbf/index.js';
import type { ObjectTable } from './objects.js';
import type { ComObject, Identity, Room, Seen, Serialized, Step } from './objects-model.js';

/** Characters of a value's description. */
const WIDTH = 160;

/** Takes a call of one of MS-IOI's interfaces. */
export function noteManaged(table: ObjectTable, seen: Seen): void {
  const { call, server } = seen;
  const object = call.object === null ? null : (table.known(server, call.object)?.object ?? null);
  if (object === null) return;
  switch (`${call.iface?.name}.${call.operation?.name}`) {
    case 'IManagedObject.GetObjectIdentity':
      step(table.room, object, seen, 'identity');
      noteIdentity(table.room, object, seen);
      break;
    case 'IManagedObject.GetSerializedBuffer':
      step(table.room, object, seen, 'serialize');
      noteSerialized(table.room, object, seen);
      break;
    case 'IServicedComponentInfo.GetComponentInfo':
      noteComponent(table.room, object, seen);
      break;
    default:
      break;
  }
}

function step(room: Room, object: ComObject, seen: Seen, name: Step['step']): void {
  const outcome = seen.failed ? 'failed' : seen.call.out === null ? 'unknown' : 'answered';
  room.add(object.steps, { client: seen.client, step: name, seen: seen.sight, outcome });
}

function noteIdentity(room: Room, object: ComObject, seen: Seen): void {
  const { out } = seen.call;
  if (seen.failed || out === null) return;
  const clr = isBstr(out.pBSTRGUID) ? bstrText(out.pBSTRGUID) : null;
  const ccw = (out.pCCW ?? null) as CcwPtr | null;
  const appDomainId = typeof out.AppDomainID === 'number' ? out.AppDomainID : null;
  if (clr === null && ccw === null && appDomainId === null) return;
  const same = (i: Identity): boolean => i.clr === clr && i.appDomainId === appDomainId && i.ccw?.value === ccw?.value;
  const known = object.identities.find(same);
  if (known !== undefined) room.add(known.seen, seen.sight);
  else room.add(object.identities, { clr, appDomainId, ccw, seen: [seen.sight] });
}

function noteSerialized(room: Room, object: ComObject, seen: Seen): void {
  const buffer = seen.call.out?.pBSTR;
  if (seen.failed || !isBstr(buffer)) return;
  const { nrbf, bytes } = buffer;
  const objRef = nrbf === null ? null : rootObjRef(nrbf);
  const summary = nrbf === null ? `${bytes.length} bytes` : describeNrbf(nrbf, WIDTH);
  const form = nrbf === null ? 'unreadable' : objRef === null ? 'value' : 'ObjRef';
  const known = object.serialized.find((s) => s.form === form && s.summary === summary && s.length === bytes.length);
  if (known !== undefined) {
    room.add(known.seen, seen.sight);
    return;
  }
  const type = objRef?.type ?? (nrbf === null ? null : rootType(nrbf));
  const serialized: Serialized = { form, objRef, type, length: bytes.length, summary, seen: [seen.sight] };
  room.add(object.serialized, serialized);
}

/** Class name of a stream's root object; null for anything else. */
function rootType(stream: NrbfStream): string | null {
  const root = follow(stream, stream.root);
  return isRecord(root) && root.type <= 5 && 'cls' in root ? root.cls.name : null;
}

/** Elements of infoArray stand in the order of the bits of infoMask that are set. */
const COMPONENT = [
  [1, 'processId'],
  [2, 'appDomain'],
  [4, 'uri'],
] as const;

function noteComponent(room: Room, object: ComObject, seen: Seen): void {
  const { out } = seen.call;
  const elements = (out?.infoArray as SafeArray | null | undefined)?.elements;
  if (seen.failed || elements === undefined) return;
  const mask = Number(out?.infoMask ?? seen.call.in?.infoMask ?? 0);
  let at = 0;
  for (const [bit, name] of COMPONENT) {
    if ((mask & bit) === 0) continue;
    const element = elements[at++];
    const value = isBstr(element) ? bstrText(element) : null;
    if (value === null) continue;
    const { component } = object;
    component[name] ??= value;
    if (component[name] !== value && !component.others.some((o) => o.name === name && o.value === value))
      room.add(component.others, { name, value, seen: seen.sight });
  }
  room.add(object.component.seen, seen.sight);
}
