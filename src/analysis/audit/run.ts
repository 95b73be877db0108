/** The pass of an audit: every rule sees every PDU and every call once, in order, and what it finds is folded. */
import type { Call } from '../../../dissectors/call.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import { factsOf, hasFailed, outcome } from '../../../dissectors/outcome.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Attempt, Connection, Endpoint } from '../../core/context.js';
import { StateStore } from '../../core/context.js';
import { Hosts } from '../../core/hosts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { CallList } from '../calls.js';
import { heldBy } from '../held.js';
import { Room } from '../objects/model.js';
import { type RemotingObject, RemotingObjects } from '../objects/remoting.js';
import { timeOf } from '../stats/durations.js';
import { type Finding, FindingList, type Sight } from './finding.js';
import { type Found, rangeOf } from './found.js';
import { Inventory } from './inventory.js';
import type { Rule } from './rule.js';
import { type Subject, subjectOf } from './subject.js';
import { Timeline } from './timeline.js';

/** What an audit looked at. */
export interface Looked {
  /** Of the captures; 0 where whoever ran the audit did not count them. */
  packets: number;
  /** PDUs of DCE/RPC. */
  pdus: number;
  calls: number;
  /** Calls whose bodies are sealed and were not opened: rules about contents say nothing of them. */
  sealed: number;
  /** Calls of interfaces or operations whose parameters nothing here decodes. */
  undecoded: number;
  /** Calls with a half that was not captured whole. */
  cut: number;
}

/** Why a report does not speak of all that it was asked about. */
export interface Incomplete {
  /** The capture in which the user stopped it, behind which packet, and how far that is, where it is known. */
  interrupted: { readonly capture: string; readonly packets: number; readonly percent: number | null } | null;
  /** Captures that were not begun. */
  readonly notRead: string[];
  readonly unreadable: { readonly capture: string; readonly reason: string }[];
  /** Captures that are cut short or damaged. */
  readonly damaged: { readonly capture: string; readonly reason: string }[];
  /** Bounds that were met on the way. */
  readonly limits: { readonly capture: string; readonly message: string }[];
}

/** What one audit found, over all its captures. */
export interface AuditResult {
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly inventory: Inventory;
  readonly timeline: Timeline;
  readonly rules: readonly Rule[];
  readonly captures: readonly string[];
  readonly looked: Readonly<Looked>;
  readonly incomplete: Readonly<Incomplete>;
  /** Sights that found no room, by rule. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly limits: Limits;
  /** What hosts are called. */
  readonly hosts: Hosts;
}

/** Where and when something was found. */
interface Seen extends Pick<Sight, 'frames' | 'time' | 'operation' | 'confidence' | 'bytes' | 'object'> {
  readonly connection: Pick<Connection, 'transport' | 'ends'>;
  readonly client: Endpoint;
  readonly server: Endpoint;
}

/** A rule with what it tells its finds: made once, since every PDU and call is shown to every rule. */
interface Asking<Ask> {
  readonly ask: Ask;
  readonly tell: (found: Found) => void;
}

export class Audit {
  readonly inventory: Inventory;
  private readonly ofPdus: readonly Asking<NonNullable<Rule['pdu']>>[];
  private readonly ofCalls: readonly Asking<NonNullable<Rule['call']>>[];
  /** What rules are shown at the moment. */
  private shown: { pdu: Pdu | null; subject: Subject | null } = { pdu: null, subject: null };
  private readonly found: FindingList;
  private readonly timeline = new Timeline();
  private readonly captures: string[] = [];
  private state = new StateStore();
  private list: CallList;
  private remoting: RemotingObjects;
  private readonly looked: Looked = { packets: 0, pdus: 0, calls: 0, sealed: 0, undecoded: 0, cut: 0 };
  /** Why the report will not speak of everything; whoever reads the captures writes it down here. */
  readonly incomplete: Incomplete = { interrupted: null, notRead: [], unreadable: [], damaged: [], limits: [] };

  /** @param hosts what hosts are called; whoever reads the captures adds what these say */
  constructor(
    private readonly rules: readonly Rule[],
    private readonly limits: Limits = DEFAULT_LIMITS,
    readonly hosts = new Hosts(),
  ) {
    this.inventory = new Inventory(limits.inventory);
    this.found = new FindingList(limits.findings);
    this.ofPdus = rules.flatMap((rule) =>
      rule.pdu === undefined ? [] : [{ ask: rule.pdu, tell: (found) => this.fromPdu(rule, this.shown.pdu!, found) }],
    );
    this.ofCalls = rules.flatMap((rule) =>
      rule.call === undefined
        ? []
        : [{ ask: rule.call, tell: (found) => this.fromCall(rule, this.shown.subject!, found) }],
    );
    this.list = this.newList();
    this.remoting = new RemotingObjects(limits, new Room(limits));
  }

  /** Starts on a capture. */
  begin(capture: string): void {
    this.captures.push(capture);
    this.state = new StateStore();
    this.list = this.newList();
    this.remoting = new RemotingObjects(this.limits, new Room(this.limits));
  }

  /** Packets of the capture were read. */
  packets(count: number): void {
    this.looked.packets += count;
  }

  /** Takes the next PDU, and the calls that are over with it. */
  pdu(pdu: Pdu): void {
    this.pduAlone(pdu);
    this.list.add(pdu);
  }

  /** Takes the next PDU where somebody else lists the calls, and tells each (`call`). */
  pduAlone(pdu: Pdu): void {
    this.looked.pdus++;
    this.inventory.pdu(pdu);
    this.shown.pdu = pdu;
    for (const { ask, tell } of this.ofPdus) ask(pdu, tell, this.state);
    this.shown.pdu = null;
  }

  /** Takes the next call that is over. `held` is what its parameters hold. */
  call(call: Call, number: number, held = heldBy(call)): void {
    const facts = factsOf(call);
    const subject = subjectOf(call, number, facts, this.join(call, facts), held);
    this.look(call);
    this.inventory.call(subject);
    this.shown.subject = subject;
    for (const { ask, tell } of this.ofCalls) ask(subject, tell, this.state);
    this.shown.subject = null;
  }

  /** Takes connections that were tried in vain. */
  attempt(attempt: Attempt): void {
    for (const rule of this.rules) rule.attempt?.(attempt, (found) => this.fromAttempt(rule, found, attempt));
  }

  /** The capture is over. */
  end(): void {
    this.list.end();
  }

  result(): AuditResult {
    const { inventory, timeline, rules, captures, looked, incomplete } = this;
    return {
      findings: this.found.sorted(),
      inventory,
      timeline,
      rules,
      captures,
      looked,
      incomplete,
      dropped: this.found.dropped,
      limits: this.limits,
      hosts: this.hosts,
    };
  }

  private newList(): CallList {
    return new CallList((call, number) => this.call(call, number), this.limits);
  }

  /** Notes what a call tells of objects that remoting reaches; returns the one that it goes to. */
  private join(call: Call, facts: readonly Fact[]): RemotingObject | null {
    const [client, server] = rolesOf(call.connection);
    const { request, response } = call;
    const seen = {
      call,
      client: client.address,
      server: server.address,
      sight: { request: request?.frames[0] ?? null, response: response?.frames.at(-1) ?? null },
      failed: hasFailed(call),
      answered: outcome(call) !== 'unanswered',
    };
    this.remoting.add(seen, facts, undefined);
    return this.remoting.calledBy(call, server.address);
  }

  private look(call: Call): void {
    const { looked } = this;
    looked.calls++;
    const { request, response, fault } = call;
    if (call.auth.decrypted === false) looked.sealed++;
    else if (call.operation?.decoded !== true) looked.undecoded++;
    else if (request?.stub === null || (fault === null && response?.stub === null)) looked.cut++;
  }

  private fromCall(rule: Rule, subject: Subject, found: Found): void {
    const { call, client, server } = subject;
    const request = found.side === 'response' ? null : call.request;
    const response = found.side === 'request' ? null : call.response;
    const frames = [...(request?.frames ?? []), ...(response?.frames ?? [])];
    const time = (found.side === 'response' ? response : request)?.time ?? timeOf(call);
    this.add(rule, found, {
      connection: call.connection,
      client,
      server,
      frames,
      time,
      operation: subject.operation,
      confidence: subject.confidence,
      bytes: subject.bytes[found.side ?? 'request'],
      object: call.object === null ? undefined : { ipid: call.object },
    });
  }

  private fromPdu(rule: Rule, pdu: Pdu, found: Found): void {
    const { connection, frames, time, pieces } = pdu.transport;
    const [client, server] = rolesOf(connection);
    const bytes = found.bytes ?? rangeOf(pieces);
    const seen = { connection, client, server, frames, time, operation: null };
    this.add(rule, found, { ...seen, confidence: 'clear', bytes, object: undefined });
  }

  private fromAttempt(rule: Rule, found: Found, { client, server, frames, time }: Attempt): void {
    const connection = { transport: 'ncacn_ip_tcp', ends: [client, server] } as const;
    const seen = { connection, client, server, frames, time, operation: null };
    this.add(rule, found, { ...seen, confidence: 'clear', bytes: undefined, object: undefined });
  }

  /** Member by member: a sight is made of almost every call. */
  private add(rule: Rule, found: Found, seen: Seen): void {
    this.timeline.add(seen.time, found.severity ?? rule.severity);
    this.found.add({
      rule,
      key: found.key,
      formerKeys: found.formerKeys,
      evidence: found.evidence,
      weight: found.weight,
      topic: found.topic,
      severity: found.severity,
      covers: found.covers,
      confidence: found.confidence ?? seen.confidence,
      object: found.object ?? seen.object,
      bytes: found.bytes ?? seen.bytes,
      frames: seen.frames,
      time: seen.time,
      operation: seen.operation,
      capture: this.captures.at(-1) ?? '',
      client: seen.client.address,
      server: seen.server.address,
      serverPort: seen.server.port,
      communityId: communityId(seen.connection),
    });
  }
}
