/** Which calls belong together: those of one object, or of one causality id. */
import type { Call } from '../../dissectors/call.js';
import { factsOfKind } from '../../dissectors/dcom/facts.js';
import { factsOf } from '../../dissectors/outcome.js';
import { rolesOf } from '../core/connection.js';
import type { Limits } from '../core/limits.js';
import { plainUri } from './objects/remoting.js';
import { objrefsOf } from './objects/sources.js';
import { ObjectTable } from './objects/table.js';

/** Takes the calls of one capture in their order, and says of each whether it belongs. */
export type Belongs = (call: Call) => boolean;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A UUID as it is compared; null for a text that is none. */
export function uuidOf(text: string): string | null {
  const bare = text.toLowerCase().replace(/^\{(.*)\}$/, '$1');
  return UUID.test(bare) ? bare : null;
}

/** Calls that one cause led to (MS-DCOM 2.2.13.3, `cid`). */
export function ofCausality(id: string): Belongs {
  return (call) => call.causality === id;
}

/**
 * Calls that name one object: on its pointers, handing them out, or counting references to them; by way of .NET remoting too.
 * @param id an OID (`0x` and 16 digits), an IPID or the end of one that is printed (`…bf992d`), or the URI of a remoting object
 */
export function ofObject(id: string, limits: Limits): Belongs {
  const isOid = /^0x[0-9a-f]{16}$/i.test(id);
  const ipid = uuidOf(id);
  const key = isOid ? id.toLowerCase() : (ipid ?? id);
  const uri = isOid || ipid !== null ? null : plainUri(id).toLowerCase();
  const end = /^…?([0-9a-f]{6})$/i.exec(id)?.[1].toLowerCase();
  const isPointer = (ipid: string): boolean =>
    ipid === key || (end !== undefined && UUID.test(ipid) && ipid.endsWith(end));
  const table = new ObjectTable(limits, () => {});
  return (call) => {
    table.add(call);
    const { object } = call;
    const [client, server] = rolesOf(call.connection);
    if (object !== null && isPointer(object)) return true;
    const oidAt = (ipid: string): string | null => {
      const [pointer] = [server, client].flatMap(({ address }) => table.known(address, ipid) ?? []);
      return pointer?.object?.oid ?? null;
    };
    const remoted = table.remoting.calledBy(call);
    const byUri = uri !== null && object !== null && remoted?.uri.toLowerCase() === uri;
    if (byUri || (uri !== null && end === undefined)) return byUri;
    const facts = factsOf(call);
    const refs = [...objrefsOf(call, 'request'), ...objrefsOf(call, 'response')].map(({ ipid }) => ipid);
    const asked = factsOfKind(facts, 'asked').flatMap(({ ipid, pointer }) => [ipid, pointer?.ipid ?? null]);
    const counted = factsOfKind(facts, 'references').map(({ ipid }) => ipid);
    const named = [...refs, ...asked, ...counted].filter((ipid) => ipid !== null);
    if (named.some((ipid) => (isOid ? oidAt(ipid) === key : isPointer(ipid)))) return true;
    if (!isOid) return remoted?.ipid != null && isPointer(remoted.ipid);
    return (object !== null && oidAt(object) === key) || remoted?.com?.object?.oid === key;
  };
}
