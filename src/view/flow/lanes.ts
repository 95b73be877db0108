/**
 * Who talks to whom: each call's client and what it goes to, as lanes of the diagram, in the order in which one learns
 * of them. Which pointers are one object, and where it lives, is known only when all calls are over.
 */
import {
  type ApartmentReport,
  type Call,
  type CallFrames,
  type Hosts,
  nrbf,
  type ObjectReport,
  type ObjectsReport,
  type ObjectTable,
  plainUri,
  type RemotingReport,
  rolesOf,
  safe,
} from '../../index.js';
import { objectName } from '../worker/call-objects.js';
import { words } from '../worker/column.js';
import { familyOf } from '../worker/says.js';

type Pointer = NonNullable<ReturnType<ObjectTable['pointerOf']>>;

/** Who calls or is called: a host that calls, an endpoint, an apartment, an object, a channel of .NET remoting. */
export interface Lane {
  readonly kind: 'client' | 'endpoint' | 'apartment' | 'object' | 'channel' | 'others';
  readonly title: string;
  /** What else is known of it. */
  readonly told: string;
  /** What the view of objects knows it by; null for what is none. */
  readonly item: string | null;
  /** When it was made, or was seen first; null where it was there before. */
  readonly made: Moment | null;
  /** When the last reference to it was given back; null where that was not seen. */
  readonly released: Moment | null;
}

/** Something that a call did to an object. */
export interface Moment {
  /** As `made in 12→13`. */
  readonly says: string;
  readonly frames: CallFrames;
}

/** Somebody of whom calls tell, before one knows who is the same. */
interface Party {
  readonly kind: Lane['kind'];
  readonly address: string;
  /** Where calls to it go: `10.0.0.1:135`. */
  readonly endpoint: string;
  readonly oxid: string | null;
  readonly pointer: Pointer | null;
  /** Users, interfaces, URIs, pipes: the first of them. */
  readonly told: Set<string>;
}

/** Parties that are told apart; the others share a lane. */
const MOST = 1 << 16;
/** Things that are told of one. */
const MOST_TOLD = 3;

export class Lanes {
  /** A lane each; exact once `end` was called. */
  all: readonly Lane[] = [];
  private readonly from = words();
  private readonly to = words();
  private readonly parties: Party[] = [];
  private readonly numbers = new Map<string | Pointer, number>();
  private laneOf = new Uint32Array();

  /** Notes who calls whom, behind `table.add(call)`. */
  add(call: Call, table: ObjectTable): void {
    const { connection, auth, iface, iid, object } = call;
    const [client, server] = rolesOf(connection);
    const { caller } = table.sidesOf(call);
    const { address } = server;
    const endpoint = hostAndPort(address, server.port);
    const whence = { endpoint: client.address, pointer: null };
    this.from.push(
      caller.oxid === null
        ? this.party(
            `c ${client.address}`,
            { ...whence, kind: 'client', address: client.address, oxid: null },
            auth.user,
          )
        : this.party(
            apartmentKey(caller.address, caller.oxid),
            { ...whence, kind: 'apartment', address: caller.address, oxid: caller.oxid },
            null,
          ),
    );
    const pointer = table.pointerOf(call);
    const where = { address, endpoint, oxid: null, pointer: null };
    if (connection.transport === 'nrtp_tcp' || connection.transport === 'nrtp_http') {
      const scheme = connection.transport === 'nrtp_tcp' ? 'tcp' : 'http';
      this.to.push(this.party(`${scheme}://${endpoint}`, { ...where, kind: 'channel' }, object && plainUri(object)));
    } else if (pointer !== undefined)
      this.to.push(this.party(pointer, { ...where, kind: 'object', pointer }, iface?.name ?? iid));
    else {
      const told = familyOf(call) === 'activation' ? 'SCM · activation' : (iface?.name ?? iid);
      const pipe = connection.endpoint === null ? endpoint : `${endpoint} ${connection.endpoint}`;
      this.to.push(this.party(`e ${pipe}`, { ...where, kind: 'endpoint', endpoint: pipe }, told));
    }
  }

  /** All calls were added: parties that turned out to be one share a lane. */
  end(report: ObjectsReport, hosts: Hosts): void {
    const texts = new Texts(report, hosts);
    const lanes: Lane[] = [];
    const known = new Map<string, number>();
    const keys = [...this.numbers.keys()];
    this.laneOf = Uint32Array.from(this.parties, (party, number) => {
      const found = resolved(party, keys[number]);
      let lane = known.get(found.key);
      if (lane === undefined) {
        lane = lanes.push(texts.lane(found.kind, party, found.key)) - 1;
        known.set(found.key, lane);
      }
      return lane;
    });
    this.all = lanes;
    this.numbers.clear();
    this.parties.length = 0;
  }

  /** Places in `all` of the two ends of a call. */
  endsOf(at: number): readonly [from: number, to: number] {
    return [this.laneOf[this.from.get(at)], this.laneOf[this.to.get(at)]];
  }

  private party(key: string | Pointer, made: Omit<Party, 'told'>, told: string | null): number {
    let number = this.numbers.get(key);
    if (number === undefined) {
      if (this.parties.length >= MOST) return this.others();
      number = this.parties.push({ ...made, told: new Set() }) - 1;
      this.numbers.set(key, number);
    }
    const { told: all } = this.parties[number];
    if (told !== null && all.size < MOST_TOLD) all.add(told.slice(0, 200));
    return number;
  }

  private others(): number {
    const others = {
      kind: 'others',
      address: '',
      endpoint: '',
      oxid: null,
      pointer: null,
      told: new Set<string>(),
    } as const;
    if (!this.numbers.has('others')) this.numbers.set('others', this.parties.push(others) - 1);
    return this.parties.length - 1;
  }
}

/** Who a party turned out to be. */
function resolved({ kind, pointer, endpoint }: Party, key: string | Pointer): { kind: Lane['kind']; key: string } {
  if (pointer === null || typeof key === 'string') return { kind, key: String(key) };
  const { object, apartment } = pointer;
  if (object !== null) {
    const [{ ipid }] = object.pointers;
    return { kind: 'object', key: objectName(object.server, object.oid ?? ipid) };
  }
  if (apartment?.oxid == null) return { kind: 'endpoint', key: `e ${endpoint}` };
  return { kind: 'apartment', key: apartmentKey(apartment.server, apartment.oxid) };
}

function apartmentKey(server: string, oxid: string): string {
  return `a ${server} ${oxid}`;
}

function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What lanes are called, as the report of objects knows it. */
class Texts {
  private readonly apartments = new Map<string, ApartmentReport>();
  private readonly objects = new Map<string, ObjectReport>();
  private readonly proxies = new Map<string, RemotingReport>();

  constructor(
    { apartments, remoting }: ObjectsReport,
    private readonly hosts: Hosts,
  ) {
    for (const apartment of apartments) {
      if (apartment.oxid !== null) this.apartments.set(apartmentKey(apartment.server, apartment.oxid), apartment);
      for (const object of apartment.objects) {
        this.objects.set(objectName(apartment.server, object.oid ?? object.interfacePointers[0]?.ipid ?? ''), object);
        this.addProxies(object.remoting);
      }
    }
    this.addProxies(remoting);
  }

  lane(kind: Lane['kind'], party: Party, key: string): Lane {
    const { address, endpoint, told } = party;
    const rest = { item: null, made: null, released: null };
    const all = safe([...told].join(', '));
    switch (kind) {
      case 'client':
        return { kind, title: this.hosts.text(address), told: all === '' ? 'client' : `client · ${all}`, ...rest };
      case 'apartment':
        return { kind, ...this.apartmentTexts(party, key), ...rest };
      case 'object':
        return { kind, ...this.objectTexts(key, all) };
      case 'channel':
        return { kind, title: key, told: `.NET remoting · ${all}`, ...rest, made: this.proxyMade(address, endpoint) };
      default:
        return {
          kind,
          title:
            kind === 'others'
              ? 'others'
              : safe(this.hosts.endpoint({ address, port: endpoint.slice(hostAndPort(address, 0).length - 1) })),
          told: all,
          ...rest,
        };
    }
  }

  private apartmentTexts({ address, oxid, pointer }: Party, key: string): { title: string; told: string } {
    const known = this.apartments.get(key);
    const ports = known?.ports.map((port) => this.hosts.endpoint({ address, port })) ?? [];
    const place = known?.kind == null ? [] : [known.kind];
    return {
      title: `apartment ${oxid ?? pointer?.apartment?.oxid}`,
      told: [ports.length === 0 ? this.hosts.text(address) : ports.slice(0, MOST_TOLD).join(', '), ...place].join(
        ' · ',
      ),
    };
  }

  /** @param interfaces what it is known by where nothing else tells of it */
  private objectTexts(item: string, interfaces: string): Omit<Lane, 'kind'> {
    const object = this.objects.get(item);
    const title = `object ${item.slice(item.indexOf(' ') + 1)}`;
    if (object === undefined) return { title, told: interfaces, item, made: null, released: null };
    const { created, released, identities, serialized, clsid, className, interfacePointers } = object;
    const type = serialized.find((s) => s.type !== null)?.type;
    const what = type == null ? (className ?? clsid) : nrbf.shortType(type);
    const [identity] = identities;
    const { clr = null, appDomainId = null } = identity ?? {};
    const told = [
      ...(what === null ? [] : [what]),
      ...(appDomainId === null ? [] : [`domain ${appDomainId}`]),
      ...(clr === null ? [] : [`CLR ${clr.replace(/-.*\}/, '-…}')}`]),
    ];
    const [first] = interfacePointers;
    return {
      ...{ title, told: told.length === 0 ? interfaces : safe(told.join(' · ')), item },
      made:
        created !== null
          ? moment('made', { request: created.request, response: created.response })
          : first === undefined
            ? null
            : moment('first seen', first.first),
      released: released === null ? null : moment('released', released),
    };
  }

  /** When a client first got an ObjRef to an object of a channel. */
  private proxyMade(address: string, endpoint: string): Moment | null {
    const frames = this.proxies.get(`${address} ${portOf(endpoint)}`)?.receipts[0]?.frames[0];
    return frames === undefined ? null : moment('proxy made', frames);
  }

  private addProxies(remoting: readonly RemotingReport[]): void {
    for (const proxy of remoting)
      for (const endpoint of proxy.endpoints) {
        const key = `${proxy.server} ${portOf(endpoint)}`;
        if (proxy.receipts.length > 0 && !this.proxies.has(key)) this.proxies.set(key, proxy);
      }
  }
}

function portOf(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(':') + 1);
}

function moment(what: string, { request, response }: CallFrames): Moment {
  return { says: `${what} in ${request ?? '?'}→${response ?? '?'}`, frames: { request, response } };
}
