/** Shows every PDU and call to every rule once, in order, and folds what they find. */
import type { Call, Half } from '../../../dissectors/call.js';
import type { Fact } from '../../../dissectors/dcom/facts.js';
import type { Side } from '../../../dissectors/ndr/interface.js';
import { factsOf, hasFailed, isRemoting, isUnanswered } from '../../../dissectors/outcome.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { communityId, rolesOf } from '../../core/connection.js';
import type { Attempt, Connection, Endpoint, Time } from '../../core/context.js';
import { StateStore } from '../../core/context.js';
import type { Limits } from '../../core/limits.js';
import { heldBy } from '../held.js';
import { followedLimits } from '../objects/idle.js';
import { Room } from '../objects/model.js';
import { type RemotingObject, RemotingObjects } from '../objects/remoting.js';
import { timeOf } from '../stats/durations.js';
import { type Finding, FindingList, type Sight } from './finding.js';
import { type ByteRange, type Found, rangeOf, type Severity } from './found.js';
import { Marks } from './prefilter.js';
import type { Rule } from './rule.js';
import { type Subject, subjectOf } from './subject.js';

/** What is shown to rules, and sights of it: of a PDU, of half of a call, or of both halves. */
interface Shown {
  pdu: Pdu | null;
  subject: Subject | null;
  sights: Partial<Record<Side | 'pdu' | 'both', Sight>>;
}

/** A rule with what it tells its finds: made once, since PDUs and calls are many. */
interface Asking<Ask> {
  readonly ask: Ask;
  readonly tell: (found: Found) => void;
}

/** The same with the marks of calls that it asks for. */
interface AskingCalls extends Asking<NonNullable<Rule['call']>> {
  readonly marks: number;
}

/** Who hears of findings as they come and go. */
export interface Hearers {
  /** Something was found, and how bad it is. */
  readonly onSight?: (time: Time, severity: Severity) => void;
  /**
   * What was not seen for long is forgotten, to make room: sights that come later begin new findings. Where it is left
   * out, nothing is, and what finds no room is counted.
   */
  readonly onIdle?: (findings: Finding[]) => void;
}

/** What the rules find in captures, one after the other. */
export class Finder {
  private readonly marks = new Marks();
  private readonly ofPdus: readonly Asking<NonNullable<Rule['pdu']>>[];
  private readonly ofCalls: readonly AskingCalls[];
  /** What rules are shown at the moment, and where that was seen: made for the first that find something in it. */
  private readonly shown: Shown = { pdu: null, subject: null, sights: {} };
  private readonly found: FindingList;
  private capture = '';
  private state = new StateStore();
  private remoting: RemotingObjects;

  constructor(
    private readonly rules: readonly Rule[],
    private readonly limits: Limits,
    private readonly hearers: Hearers = {},
  ) {
    const { onIdle } = hearers;
    this.found = new FindingList((onIdle === undefined ? limits : followedLimits(limits)).findings, onIdle);
    this.ofPdus = rules.flatMap((rule) =>
      rule.pdu === undefined ? [] : [{ ask: rule.pdu, tell: (found) => this.add(rule, found, this.pduSight()) }],
    );
    this.ofCalls = rules.flatMap((rule) =>
      rule.call === undefined
        ? []
        : [
            {
              marks: this.marks.of(rule.prefilter),
              ask: rule.call,
              tell: (found) => this.add(rule, found, this.callSight(found.side)),
            },
          ],
    );
    this.remoting = this.newRemoting();
  }

  /** Starts on a capture. */
  begin(capture: string): void {
    this.capture = capture;
    this.state = new StateStore();
    this.remoting = this.newRemoting();
  }

  /** Takes the next PDU. */
  pdu(pdu: Pdu): void {
    this.shown.pdu = pdu;
    for (const { ask, tell } of this.ofPdus) ask(pdu, tell, this.state);
    this.hide();
  }

  /**
   * Takes the next call that is over.
   * @param facts what it tells
   * @param held what its parameters hold
   * @param target the object of remoting that it goes to, where somebody else follows these; null for none
   * @returns the call as rules see it
   */
  call(
    call: Call,
    number: number,
    facts = factsOf(call),
    held = heldBy(call),
    target = this.targetOf(call, number, facts),
  ): Subject {
    const subject = subjectOf(call, number, facts, target, held);
    this.shown.subject = subject;
    const marks = this.marks.in(subject);
    for (const asking of this.ofCalls) if ((asking.marks & marks) !== 0) asking.ask(subject, asking.tell, this.state);
    this.hide();
    return subject;
  }

  /** Takes connections that were tried in vain. */
  attempt(attempt: Attempt): void {
    const { client, server, frames, time } = attempt;
    const connection = { transport: 'ncacn_ip_tcp', ends: [client, server] } as const;
    const sight = this.sight(connection, client, server, { frames, time });
    for (const rule of this.rules) rule.attempt?.(attempt, (found) => this.add(rule, found, sight));
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
  private targetOf(call: Call, number: number, facts: readonly Fact[]): RemotingObject | null {
    if (facts.length === 0 && !isRemoting(call)) return null;
    const [client, server] = rolesOf(call.connection);
    const { request, response } = call;
    const seen = {
      call,
      client: client.address,
      server: server.address,
      sight: { request: request?.frames[0] ?? null, response: response?.frames.at(-1) ?? null },
      failed: hasFailed(call),
      unanswered: isUnanswered(call),
      number,
    };
    this.remoting.add(seen, facts, undefined);
    return this.remoting.calledBy(call);
  }

  private newRemoting(): RemotingObjects {
    return new RemotingObjects(this.limits, new Room(this.limits));
  }

  private hide(): void {
    this.shown.pdu = null;
    this.shown.subject = null;
    this.shown.sights = {};
  }

  /** Where the PDU at hand was seen. */
  private pduSight(): Sight {
    const { pdu, sights } = this.shown;
    if (sights.pdu === undefined) {
      const { connection, frames, time, pieces } = pdu!.transport;
      const [client, server] = rolesOf(connection);
      sights.pdu = this.sight(connection, client, server, { frames, time, bytes: () => rangeOf(pieces) });
    }
    return sights.pdu;
  }

  /** Where the call at hand was seen, or half of it. */
  private callSight(side: Side | undefined): Sight {
    const { subject, sights } = this.shown;
    let sight = sights[side ?? 'both'];
    if (sight === undefined) {
      const { call, client, server, operation, confidence } = subject!;
      const request = side === 'response' ? null : call.request;
      const response = side === 'request' ? null : call.response;
      sight = this.sight(call.connection, client, server, {
        frames: [...(request?.frames ?? []), ...(response?.frames ?? [])],
        time: (side === 'response' ? response : request)?.time ?? timeOf(call),
        operation,
        confidence,
        bytes: () => bytesOf(side === 'response' ? response : request),
        object: call.object === null ? undefined : { ipid: call.object },
      });
      sights[side ?? 'both'] = sight;
    }
    return sight;
  }

  private sight(
    connection: Pick<Connection, 'transport' | 'ends'>,
    client: Endpoint,
    server: Endpoint,
    seen: Pick<Sight, 'frames' | 'time' | 'bytes'> & Partial<Pick<Sight, 'operation' | 'confidence' | 'object'>>,
  ): Sight {
    return {
      capture: this.capture,
      client: client.address,
      server: server.address,
      serverPort: server.port,
      communityId: communityId(connection),
      frames: seen.frames,
      time: seen.time,
      operation: seen.operation ?? null,
      confidence: seen.confidence ?? 'clear',
      bytes: seen.bytes,
      object: seen.object,
    };
  }

  private add(rule: Rule, found: Found, sight: Sight): void {
    this.hearers.onSight?.(sight.time, found.severity ?? rule.severity);
    this.found.add(rule, found, sight);
  }
}

/** Where the PDU lies that ended a half of a call. */
function bytesOf(half: Half | null): ByteRange | null {
  return half === null || half.pieces.length === 0 ? null : rangeOf(half.pieces);
}
