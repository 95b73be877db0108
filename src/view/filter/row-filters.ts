/** Filters of what a cell of the list of PDUs says. */
import type { MenuItem } from '../parts/menu.js';
import type { PduRow } from '../worker/pdu-rows.js';
import { filterItems } from './filter-items.js';

/** Items of a row's menu; `column` is null where no cell was pointed at. */
export function rowFilterItems(row: PduRow, column: string | null): (MenuItem | null)[] {
  const [filter, narrower] = filtersOf(row, column);
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
