/** What `objects` tells of the objects that .NET remoting reaches, as plain JSON. */
import type { CallFrames, ComObject } from './model.js';
import {
  type Caller,
  hasReceived,
  type Lease,
  type Origin,
  type Receipt,
  type RemotingObject,
  type Sponsor,
} from './remoting.js';

/** An object behind a URI. Times in seconds. */
export interface RemotingReport {
  server: string;
  uri: string;
  type: string | null;
  origin: Origin | null;
  channels: string[];
  endpoints: string[];
  /** Who received an ObjRef to it. */
  receipts: (Omit<Receipt, 'seen'> & { frames: CallFrames[] })[];
  callers: CallerReport[];
  lease: LeaseReport | null;
}

export interface CallerReport extends Omit<Caller, 'operations'> {
  operations: Record<string, number>;
  /** Whether the client had an ObjRef to it; null where that is not known, or not needed to know its URI. */
  received: boolean | null;
}

export interface LeaseReport extends Omit<Lease, 'sponsors'> {
  /** Those of the leases that the object handed out. */
  uris: string[];
  /** Calls to them. */
  calls: number;
  sponsors: Sponsor[];
}

/** Puts objects where they belong: leases to what lives by them, proxies to the COM objects that they stand for. */
export class RemotingReports {
  private readonly leases = new Map<RemotingObject, RemotingObject[]>();
  private readonly byObject = new Map<ComObject | null, RemotingObject[]>();

  constructor(all: Iterable<RemotingObject>) {
    for (const object of all)
      if (object.leaseOf !== null) listed(this.leases, object.leaseOf, object);
      else listed(this.byObject, object.com?.object ?? null, object);
  }

  /** What the serialized form of an object of COM leads to. */
  of(object: ComObject): RemotingReport[] {
    return (this.byObject.get(object) ?? []).map((o) => this.report(o));
  }

  /** Objects that came another way. */
  rest(): RemotingReport[] {
    return (this.byObject.get(null) ?? []).map((o) => this.report(o));
  }

  private report(o: RemotingObject): RemotingReport {
    const leases = this.leases.get(o) ?? [];
    return {
      server: o.server,
      uri: o.uri,
      type: o.type,
      origin: o.origin,
      channels: [...o.channels],
      endpoints: [...o.endpoints],
      receipts: [...o.receipts.values()].map(({ seen, ...receipt }) => ({ ...receipt, frames: seen })),
      callers: [...o.callers.values()].map((c) => ({
        ...c,
        operations: Object.fromEntries(c.operations),
        received: receivedBy(o, c.address),
      })),
      lease: o.lease === null ? null : leaseReport(o.lease, leases),
    };
  }
}

function leaseReport({ sponsors, ...lease }: Lease, leases: readonly RemotingObject[]): LeaseReport {
  const calls = leases.flatMap(({ callers }) => [...callers.values()]).reduce((sum, c) => sum + c.calls, 0);
  return { uris: leases.map(({ uri }) => uri), calls, ...lease, sponsors: [...sponsors.values()] };
}

/** Well-known objects are called without an ObjRef. */
function receivedBy(o: RemotingObject, host: string): boolean | null {
  if (hasReceived(o, host)) return true;
  return o.receipts.size === 0 || o.origin === 'well-known' || host === o.server ? null : false;
}

function listed<K>(map: Map<K, RemotingObject[]>, key: K, object: RemotingObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [object]);
  else list.push(object);
}
