/** Filters of what a cell of the list of PDUs or of calls says. */
import type { CallJson } from '../../index.js';
import type { MenuItem } from '../parts/menu.js';
import type { CallRow } from '../worker/call-rows.js';
import type { PduRow } from '../worker/pdu-rows.js';
import { filterItems } from './filter-items.js';

/** Items of a row's menu; `column` is null where no cell was pointed at. */
export function rowFilterItems(row: PduRow, column: string | null): (MenuItem | null)[] {
  return itemsOf(filtersOf(row, column));
}

/**
 * Items of a call's menu; `column` is null where no cell was pointed at.
 * @param json the call whole; null where it is not known
 */
export function callFilterItems(row: CallRow, json: CallJson | null, column: string | null): (MenuItem | null)[] {
  return itemsOf(callFiltersOf(row, json, column));
}

function itemsOf([filter, narrower]: readonly [string, string?]): (MenuItem | null)[] {
  const items = filterItems(filter);
  return narrower === undefined ? items : [...items, null, filterItems(narrower)[0]];
}

/** Filters that find rows in which a cell says the same; the second finds fewer. */
function filtersOf(row: PduRow, column: string | null): [string, string?] {
  const frame = `frame.number == ${row.frame}`;
  switch (column) {
    case 'source':
      return endFilters(row.source, 'src');
    case 'destination':
      return endFilters(row.destination, 'dst');
    case 'pdu':
      return row.protocol === 'DCERPC' ? [`dcerpc.pkt_type == "${typeName(row.type)}"`] : [frame];
    default:
      return [frame];
  }
}

/** Filters that find calls of which a cell says the same; the second finds fewer. */
function callFiltersOf(row: CallRow, json: CallJson | null, column: string | null): [string, string?] {
  const frames = row.frames.filter((frame) => frame !== null);
  const itself = frames.map((frame) => `frame.number == ${frame}`).join(' || ');
  if (json === null) return [itself];
  const { fault, hresult } = json;
  switch (column) {
    case 'client':
      return sideFilters(json, 'client');
    case 'server':
      return sideFilters(json, 'server');
    case 'says':
      return operationFilters(json) ?? [itself];
    case 'outcome':
      // statuses of remoting have four digits
      if (fault?.status.length === '0x00000000'.length) return [`dcerpc.cn_status == ${fault.status}`];
      // smaller return values are statuses of Win32, whose fields have names of their own
      return Number(hresult?.code ?? 0) < 0x10000 ? [itself] : [`dcom.hresult == ${hresult?.code}`];
    default:
      return [itself];
  }
}

/** Whatever an address sends and receives, and that of one of its ports. */
function sideFilters({ transport, ...ends }: CallJson, side: 'client' | 'server'): [string, string] {
  const { address, port } = ends[side];
  const host = `${address.includes(':') ? 'ipv6' : 'ip'}.addr == ${address}`;
  return [host, `${host} && ${transport === 'ncadg_ip_udp' ? 'udp' : 'tcp'}.port == ${port}`];
}

/** The operation on whatever object, and on this one; null where a filter cannot name it. */
function operationFilters({ opnum, object }: CallJson): [string, string?] | null {
  if (opnum === null) return null;
  const operation = `dcerpc.opnum == ${opnum}`;
  return object === null ? [operation] : [operation, `dcerpc.obj_id == ${object} && ${operation}`];
}

/** Leaves what the two ends of a call's connection sent each other. */
export function connectionFilter(json: CallJson): string {
  return [sideFilters(json, 'client')[1], sideFilters(json, 'server')[1]].join(' && ');
}

/** As the field names it: `alter_context_resp`. */
function typeName(type: string): string {
  return type.toLowerCase().replaceAll(' ', '_');
}

/** The address, and it with its port. */
function endFilters(end: string, side: 'src' | 'dst'): [string, string] {
  const colon = end.lastIndexOf(':');
  const [address, port] = [end.slice(0, colon), end.slice(colon + 1)];
  const host = `${address.includes(':') ? 'ipv6' : 'ip'}.${side} == ${address}`;
  return [host, `${host} && (tcp.${side}port == ${port} || udp.${side}port == ${port})`];
}
