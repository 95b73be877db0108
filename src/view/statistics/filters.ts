/** Filters that leave the calls which a row of the statistics counts. */
import { INTERFACES, type ObjectsReport, type StatsJson } from '../../index.js';

/** The filter of a row; null where no filter tells its calls from others. */
export type Filtering<Row> = (row: Row) => string | null;

type RowOf<T extends 'conversations' | 'security' | 'interfaces' | 'operations' | 'hresults' | 'faults'> =
  StatsJson[T][number];

/** IPIDs that a filter names. */
const MOST_IPIDS = 50;
/** HRESULTs; smaller return values are statuses of Win32, whose fields have names of their own. */
const LEAST_HRESULT = 0x10000;

export interface RowFilters {
  readonly conversation: Filtering<RowOf<'conversations'>>;
  readonly security: Filtering<RowOf<'security'>>;
  readonly interface: Filtering<RowOf<'interfaces'>>;
  readonly operation: Filtering<RowOf<'operations'>>;
  readonly hresult: Filtering<RowOf<'hresults'>>;
  readonly fault: Filtering<RowOf<'faults'>>;
}

/** @param objects whose IPIDs tell the interfaces apart */
export function filtersFor(objects: ObjectsReport): RowFilters {
  const ipids = ipidsByInterface(objects);
  const ofInterface = (iid: string | null): string | null => {
    const known = iid === null ? undefined : ipids.get(iid);
    if (known !== undefined) return known.length > MOST_IPIDS ? null : `dcerpc.obj_id in {${known.join(', ')}}`;
    const protocol = INTERFACES.find(({ uuid }) => uuid === iid)?.protocol?.name;
    const sharing = INTERFACES.filter((other) => other.protocol?.name === protocol);
    return protocol === undefined || sharing.length > 1 ? null : protocol;
  };
  return {
    conversation: ({ client, server, port, transport }) => {
      const field = client.includes(':') ? 'ipv6.addr' : 'ip.addr';
      const ports = transport.endsWith('udp') ? 'udp.port' : 'tcp.port';
      return `${field} == ${client} && ${field} == ${server} && ${ports} == ${port}`;
    },
    security: ({ type }) => (type === null ? 'dcerpc && !dcerpc.auth_type' : null),
    interface: ({ iid }) => ofInterface(iid),
    operation: ({ iid, opnum }) => {
      const its = ofInterface(iid);
      return its === null || opnum === null ? null : `${its} && dcerpc.opnum == ${opnum}`;
    },
    hresult: ({ code }) => (Number(code) < LEAST_HRESULT ? null : `dcom.hresult == ${code}`),
    // statuses of remoting have four digits
    fault: ({ status }) => (status.length === '0x00000000'.length ? `dcerpc.cn_status == ${status}` : null),
  };
}

function ipidsByInterface({ apartments }: ObjectsReport): Map<string, string[]> {
  const known = new Map<string, string[]>();
  const add = (iid: string | null, ipid: string): void => {
    if (iid === null) return;
    const list = known.get(iid);
    if (list === undefined) known.set(iid, [ipid]);
    else list.push(ipid);
  };
  for (const { remUnknown, objects } of apartments) {
    if (remUnknown !== null) add(remUnknown.iid, remUnknown.ipid);
    for (const { interfacePointers } of objects) for (const { iid, ipid } of interfacePointers) add(iid, ipid);
  }
  return known;
}
