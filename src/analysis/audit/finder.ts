/** Shows every PDU and call to every rule once, in order, and folds what they find. */
import type { Call, Half } from '../../../dissectors/call.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import { factsOf, hasFailed, isUnanswered } from '../../../dissectors/outcome.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Attempt, Connection, Endpoint, Time } from '../../core/context.js';
import { StateStore } from '../../core/context.js';
import type { Limits } from '../../core/limits.js';
import { heldBy } from '../held.js';
import { Room } from '../objects/model.js';
import { type RemotingObject, RemotingObjects } from '../objects/remoting.js';
import { timeOf } from '../stats/durations.js';
import { type Finding, FindingList, type Sight } from './finding.js';
import { type ByteRange, type Found, rangeOf, type Severity } from './found.js';
import type { Rule } from './rule.js';
import { type Subject, subjectOf } from './subject.js';

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

/** What the rules find in captures, one after the other. */
export class Finder {
  private readonly ofPdus: readonly Asking<NonNullable<Rule['pdu']>>[];
  private readonly ofCalls: readonly Asking<NonNullable<Rule['call']>>[];
  /** What rules are shown at the moment. */
  private shown: { pdu: Pdu | null; subject: Subject | null } = { pdu: null, subject: null };
  private readonly found: FindingList;
  private capture = '';
  private state = new StateStore();
  private remoting: RemotingObjects;

  /** @param onSight hears when something was found, and how bad it is */
  constructor(
    private readonly rules: readonly Rule[],
    private readonly limits: Limits,
    private readonly onSight: (time: Time, severity: Severity) => void = () => {},
  ) {
    this.found = new FindingList(limits.findings);
    this.ofPdus = rules.flatMap((rule) =>
      rule.pdu === undefined ? [] : [{ ask: rule.pdu, tell: (found) => this.fromPdu(rule, this.shown.pdu!, found) }],
    );
    this.ofCalls = rules.flatMap((rule) =>
      rule.call === undefined
        ? []
        : [{ ask: rule.call, tell: (found) => this.fromCall(rule, this.shown.subject!, found) }],
    );
    this.remoting = new RemotingObjects(limits, new Room(limits));
  }

  /** Starts on a capture. */
  begin(capture: string): void {
    this.capture = capture;
    this.state = new StateStore();
    this.remoting = new RemotingObjects(this.limits, new Room(this.limits));
  }

  /** Takes the next PDU. */
  pdu(pdu: Pdu): void {
    this.shown.pdu = pdu;
    for (const { ask, tell } of this.ofPdus) ask(pdu, tell, this.state);
    this.shown.pdu = null;
  }

  /**
   * Takes the next call that is over.
   * @param facts what it tells
   * @param held what its parameters hold
   * @returns the call as rules see it
   */
  call(call: Call, number: number, facts = factsOf(call), held = heldBy(call)): Subject {
    const subject = subjectOf(call, number, facts, this.join(call, facts), held);
    this.shown.subject = subject;
    for (const { ask, tell } of this.ofCalls) ask(subject, tell, this.state);
    this.shown.subject = null;
    return subject;
  }

  /** Takes connections that were tried in vain. */
  attempt(attempt: Attempt): void {
    for (const rule of this.rules) rule.attempt?.(attempt, (found) => this.fromAttempt(rule, found, attempt));
  }

  /** All findings, the worst first. */
  findings(): Finding[] {
    return this.found.sorted();
  }

  /** Sights that found no room, by rule. */
  get dropped(): ReadonlyMap<string, number> {
    return this.found.dropped;
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
      unanswered: isUnanswered(call),
    };
    this.remoting.add(seen, facts, undefined);
    return this.remoting.calledBy(call, server.address);
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
      bytes: () => bytesOf(found.side === 'response' ? call.response : call.request),
      object: call.object === null ? undefined : { ipid: call.object },
    });
  }

  private fromPdu(rule: Rule, pdu: Pdu, found: Found): void {
    const { connection, frames, time, pieces } = pdu.transport;
    const [client, server] = rolesOf(connection);
    const bytes = (): ByteRange => rangeOf(pieces);
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
    this.onSight(seen.time, found.severity ?? rule.severity);
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
      capture: this.capture,
      client: seen.client.address,
      server: seen.server.address,
      serverPort: seen.server.port,
      communityId: communityId(seen.connection),
    });
  }
}

/** Where the PDU lies that ended a half of a call. */
function bytesOf(half: Half | null): ByteRange | null {
  return half === null || half.pieces.length === 0 ? null : rangeOf(half.pieces);
}
