/** What a deployment exposes, as far as captures tell: servers, classes, managed types, CLR instances, accounts. */
import { ASSOCIATION } from '../../../dissectors/dcerpc/association.js';
import { Ptype } from '../../../dissectors/dcerpc/pdu.js';
import { bindingTexts } from '../../../dissectors/dcom/dual-string-array.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import { textOf } from '../../../dissectors/dcom/value.js';
import { classNameOf } from '../../../dissectors/ndr/interface.js';
import type { ObjRefSummary } from '../../../dissectors/nrbf/index.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { soapObjRefs, soapTypes } from '../../../dissectors/soap/index.js';
import { rolesOf } from '../../core/connection.js';
import type { Endpoint } from '../../core/context.js';
import { cut } from '../../core/text.js';
import { levelText } from '../levels.js';
import { plainUri } from '../objects/remoting.js';
import { assemblyOf, parseAssembly, plainName, streamFacts } from './streams.js';
import type { Subject } from './subject.js';
import { costOf, type TallyRoom } from './tally.js';

/** Values of one entry's set. */
const MOST_EACH = 1024;
/** What all those sets may hold together, in units of a tally's room. */
const ROOM = 200_000;

/** What is known of one thing: sets by name. */
type Sets<K extends string> = Readonly<Record<K, Set<string>>>;

/** `bindings` are the addresses that its OBJREFs and resolver answers tell. */
type ServerEntry = Sets<'endpoints' | 'bindings' | 'interfaces' | 'comVersions' | 'processIds' | 'clients'>;

/** A class, as the user calls it (`--registry`); null where he does not say. */
interface ClassEntry extends Sets<'servers' | 'clients'> {
  readonly name: string | null;
}

interface TypeEntry extends Sets<'hosts' | 'interfaces' | 'uris'> {
  readonly name: string;
  readonly assembly: string | null;
  readonly version: string | null;
  readonly strongName: boolean | null;
  /** `exposed`: an ObjRef leads to such an object; `sent`: it travels by value. */
  readonly kinds: Set<'exposed' | 'called' | 'sent'>;
}

/** Calls of a client to a server, by level. */
interface InventoryConversation {
  readonly client: string;
  readonly server: string;
  readonly levels: Map<string, number>;
}

export class Inventory {
  readonly servers = new Map<string, ServerEntry>();
  /** CLSIDs that were activated, and where. */
  readonly classes = new Map<string, ClassEntry>();
  readonly types = new Map<string, TypeEntry>();
  readonly clrs = new Map<string, Sets<'servers' | 'domains'>>();
  readonly uris = new Map<string, Set<string>>();
  readonly accounts = new Map<string, Sets<'mechanisms' | 'levels' | 'clients' | 'servers'>>();
  readonly conversations = new Map<string, InventoryConversation>();
  /** True where a list had no room for all. */
  full = false;
  /** True where an entry of a list had no room for all of its own. */
  cut = false;
  private readonly room: TallyRoom = { left: ROOM };

  /** @param most entries of one list */
  constructor(private readonly most: number) {}

  /** Accounts are learnt when they authenticate, whatever becomes of their calls. */
  pdu(pdu: Pdu): void {
    const { header, transport } = pdu;
    if (header === null || header.authLength === 0 || header.type < Ptype.bind) return;
    const [client, server] = rolesOf(transport.connection);
    for (const { context, level } of transport.connection.state.get(ASSOCIATION).security.values()) {
      const { info } = context;
      const user = info.anonymous ? '(anonymous)' : info.user;
      if (user !== null) this.account(user, info.version ?? info.type ?? info.mechanism, level, client, server);
    }
  }

  private account(user: string, mechanism: string, level: number, client: Endpoint, server: Endpoint): void {
    const made = () => emptySets('mechanisms', 'levels', 'clients', 'servers');
    const entry = this.entry(this.accounts, user, made);
    if (entry === null) return;
    this.put(entry.mechanisms, mechanism);
    this.put(entry.levels, levelText(level));
    this.put(entry.clients, client.address);
    this.put(entry.servers, server.address);
  }

  call(subject: Subject): void {
    const { client, server, call } = subject;
    const entry = this.server(server.address);
    if (entry !== null) {
      this.put(entry.endpoints, `${call.connection.transport}:${server.port}`);
      this.put(entry.interfaces, subject.interfaceName);
      this.put(entry.clients, client.address);
      for (const { side, value } of subject.objrefs)
        if (side === 'response') for (const binding of value.bindings ?? []) this.put(entry.bindings, binding);
    }
    const { carrier, user, type, level: carried } = call.auth;
    if (carrier !== null && user !== null) this.account(user, type ?? 'unknown', carried, client, server);
    const key = `${client.address}\0${server.address}`;
    const conversation = this.entry(this.conversations, key, () => ({
      client: client.address,
      server: server.address,
      levels: new Map<string, number>(),
    }));
    const level = levelText(subject.level);
    conversation?.levels.set(level, (conversation.levels.get(level) ?? 0) + 1);
    for (const fact of subject.facts) this.fact(fact, subject);
    if (subject.channel && call.object !== null) this.uri(plainUri(call.object), server.address);
    this.streams(subject);
    this.soaps(subject);
  }

  private fact(fact: Fact, { client, server, call }: Subject): void {
    const host = this.server(server.address);
    switch (fact.kind) {
      case 'activated': {
        const { clsid } = fact;
        if (clsid === null) break;
        const made = () => ({ name: classNameOf(clsid, call.nameOf), ...emptySets('servers', 'clients') });
        const entry = this.entry(this.classes, clsid, made);
        if (entry === null) break;
        this.put(entry.servers, server.address);
        this.put(entry.clients, client.address);
        break;
      }
      case 'exported':
        if (host === null) break;
        if (fact.bindings !== null) for (const b of bindingTexts(fact.bindings)) this.put(host.bindings, b);
        if (fact.version != null) this.put(host.comVersions, fact.version);
        break;
      case 'identity': {
        const made = () => emptySets('servers', 'domains');
        const guid = textOf(fact.clr);
        const entry = guid === null || guid === '' ? null : this.entry(this.clrs, guid, made);
        if (entry === null) break;
        this.put(entry.servers, server.address);
        this.put(entry.domains, String(fact.appDomainId));
        break;
      }
      case 'component':
        if (fact.processId !== null && host !== null) this.put(host.processIds, fact.processId);
        if (fact.uri !== null) this.uri(fact.uri, server.address);
        break;
      default:
        break;
    }
  }

  private streams({ streams, server, client }: Subject): void {
    for (const { side, value: stream } of streams) {
      const from = side === 'response' ? server.address : client.address;
      const facts = streamFacts(stream);
      for (const { name, assembly } of facts.classes.values())
        if (assembly !== null) this.type(name, assembly, 'sent', from);
      const called = stream.message?.typeName?.value;
      if (typeof called === 'string') this.type(plainName(called), assemblyOf(called), 'called', server.address);
      for (const { objRef } of facts.objRefs) this.objRef(objRef, from);
    }
  }

  private soaps({ soaps, server, client }: Subject): void {
    for (const { side, value } of soaps) {
      const from = side === 'response' ? server.address : client.address;
      if (value.kind === 'call' && value.typeName !== '')
        this.type(value.typeName, value.assembly, 'called', server.address);
      for (const { type, assembly } of soapTypes(value))
        if (assembly !== null && type !== value.typeName) this.type(type, assembly, 'sent', from);
      for (const objRef of soapObjRefs(value)) this.objRef(objRef, from);
    }
  }

  private objRef(objRef: ObjRefSummary, from: string): void {
    if (objRef.uri !== null) this.uri(objRef.uri, from);
    if (objRef.type === null) return;
    const type = this.type(plainName(objRef.type), assemblyOf(objRef.type), 'exposed', from);
    if (type === null) return;
    if (objRef.uri !== null) this.put(type.uris, objRef.uri);
    for (const i of objRef.interfaces) this.put(type.interfaces, plainName(i));
  }

  private type(
    name: string,
    assembly: string | null,
    kind: 'exposed' | 'called' | 'sent',
    host: string,
  ): TypeEntry | null {
    const parts = assembly === null ? null : parseAssembly(assembly);
    const entry = this.entry(this.types, `${name}, ${parts?.name ?? ''} ${parts?.version ?? ''}`, () => ({
      name,
      assembly: parts?.name ?? null,
      version: parts?.version ?? null,
      strongName: parts === null || parts.token === null ? null : parts.token !== '',
      kinds: new Set<'exposed' | 'called' | 'sent'>(),
      ...emptySets('hosts', 'interfaces', 'uris'),
    }));
    if (entry === null) return null;
    entry.kinds.add(kind);
    this.put(entry.hosts, host);
    return entry;
  }

  private put(set: Set<string>, value: string): void {
    const text = cut(value, 300);
    if (set.has(text)) return;
    const cost = costOf(text);
    if (set.size >= MOST_EACH || this.room.left < cost) {
      this.cut = true;
      return;
    }
    this.room.left -= cost;
    set.add(text);
  }

  private uri(uri: string, host: string): void {
    const entry = uri === '' ? null : this.entry(this.uris, uri, () => new Set<string>());
    if (entry !== null) this.put(entry, host);
  }

  private server(address: string): ServerEntry | null {
    const made = () => emptySets('endpoints', 'bindings', 'interfaces', 'comVersions', 'processIds', 'clients');
    return this.entry(this.servers, address, made);
  }

  private entry<T>(map: Map<string, T>, key: string, make: () => T): T | null {
    let entry = map.get(key);
    if (entry === undefined) {
      if (map.size >= this.most) {
        this.full = true;
        return null;
      }
      entry = make();
      map.set(key, entry);
    }
    return entry;
  }
}

/** An entry's sets. */
function emptySets<K extends string>(...names: K[]): Record<K, Set<string>> {
  return Object.fromEntries(names.map((name) => [name, new Set()])) as Record<K, Set<string>>;
}
