/**
 * What an audit finds. Sights of one cause at one server (rule, server, key) are one finding, however many clients,
 * frames and captures show it; those are listed in it and counted. What is kept of each is bounded, so a capture of
 * any length gives a report of bounded size.
 */

import { sha256 } from '#platform';
import { utf8Bytes } from '../../core/bytes.js';
import type { Time } from '../../core/context.js';
import { longer, withFirst } from '../../core/keep-first.js';
import { cut } from '../../core/text.js';
import { before } from '../../core/time.js';
import { middleUse } from '../objects/model.js';
import { SmallMap } from '../small-map.js';
import { type ByteRange, type Confidence, type Found, type FoundObject, rankOf, type Severity } from './found.js';
import type { Rule } from './rule.js';
import { NumberTally, Tally, type TallyRoom } from './tally.js';

/** Where and when something was seen: in a PDU, in half of a call, or in both. All that rules find there shares it. */
export interface Sight {
  readonly capture: string;
  readonly frames: readonly number[];
  readonly time: Time;
  readonly client: string;
  readonly server: string;
  readonly serverPort: number;
  /** `IRemoteDispatch.RemoteDispatchAutoDone`, null for what is no call. */
  readonly operation: string | null;
  readonly communityId: string;
  // what holds where a rule says nothing else of what it found
  readonly confidence: Confidence;
  readonly object?: FoundObject | undefined;
  readonly bytes?: Found['bytes'];
}

/** Frames of one capture. */
export interface Place {
  readonly capture: string;
  /** The first of them. */
  frames: readonly number[];
  /** How many there are; at least so many where `exact` is false. */
  frameCount: number;
  exact: boolean;
}

/** One thing that was read, and where. */
export interface Evidence {
  readonly text: string;
  readonly topic: string;
  readonly severity: Severity;
  readonly weight: number;
  readonly confidence: Confidence;
  readonly capture: string;
  readonly object: FoundObject | null;
  readonly bytes: ByteRange | null;
}

/** What is kept of one finding. */
export const KEPT = {
  clients: 1000,
  formerKeys: 16,
  evidences: 8,
  objects: 8,
  frames: 24,
  captures: 24,
  communityIds: 8,
  operations: 8,
  ports: 8,
} as const;

/** Characters of a text that are kept. */
const MOST_TEXT = 400;
/** Distinct values of one finding that are told apart. */
const COUNTED = { frames: 4096, evidences: 4096, objects: 4096 } as const;
/** What all findings of a report may keep to count by. */
const ROOM = 500_000;

function digest(...parts: readonly string[]): string {
  return sha256(utf8Bytes(parts.join('\0'))).slice(0, 32);
}

/** Of what most findings have none. */
const NONE: readonly never[] = [];

/** A cause at a server. */
export class Finding {
  severity: Severity;
  confidence: Confidence;
  /** The client that was seen first. */
  readonly client: string;
  ports: readonly number[] = NONE;
  operations: readonly string[] = NONE;
  communityIds: readonly string[] = NONE;
  /** The first captures that show it. */
  places: readonly Place[] = NONE;
  captureCount = 0;
  readonly clients: Tally;
  /** What was read: the most telling first. */
  evidences: readonly Evidence[] = NONE;
  readonly evidenceTopics: Tally;
  objects: readonly FoundObject[] = NONE;
  readonly objectNames: Tally;
  /** The object of the sight before, and where that was seen: most sights are of the same. */
  private latest: FoundObject | null = null;
  private port = -1;
  private flow = '';
  /** Findings of other rules that have the same cause. */
  covered: readonly Finding[] = NONE;
  /** What it stands for; null where that is nothing, as of most. */
  covers: SmallMap<NonNullable<Found['covers']>> | null = null;
  /** Which sight of all was the last. */
  used = 0;
  first: Time;
  last: Time;
  count = 0;
  /** What each client's sights were told apart by before they were folded. */
  private readonly formerKeys = new SmallMap<readonly string[]>();
  private frames: NumberTally;
  private capture: string | null = null;

  constructor(
    readonly rule: Rule,
    readonly server: string,
    readonly key: string,
    found: Found,
    sight: Sight,
    private readonly room: TallyRoom,
  ) {
    this.severity = found.severity ?? rule.severity;
    this.confidence = found.confidence ?? sight.confidence;
    this.client = sight.client;
    this.clients = new Tally(room, Number.POSITIVE_INFINITY);
    this.evidenceTopics = new Tally(room, COUNTED.evidences);
    this.objectNames = new Tally(room, COUNTED.objects);
    this.frames = new NumberTally(room, COUNTED.frames);
    this.first = sight.time;
    this.last = sight.time;
  }

  /** Identity of the finding: the same in the next capture of the same deployment, whoever else calls the server. */
  get fingerprint(): string {
    return digest('2', this.rule.id, this.server, this.key);
  }

  /** The most telling thing that was read. */
  get evidence(): string {
    return this.evidences[0].text;
  }

  /** Where that lies. */
  get bytes(): ByteRange | null {
    return this.evidences[0].bytes;
  }

  get object(): FoundObject | null {
    return this.evidences[0].object ?? this.objects[0] ?? null;
  }

  add(found: Found, sight: Sight): void {
    const { time } = sight;
    const severity = found.severity ?? this.rule.severity;
    const confidence = found.confidence ?? sight.confidence;
    const object = found.object ?? sight.object;
    this.count++;
    // captures may come in any order
    if (before(time, this.first)) this.first = time;
    if (before(this.last, time)) this.last = time;
    if (rankOf(severity) < rankOf(this.severity)) this.severity = severity;
    // a finding is as sure as its surest sight
    if (SURENESS[confidence] < SURENESS[this.confidence]) this.confidence = confidence;
    this.carriedBy(sight);
    if (sight.operation !== null) this.operations = withFirst(this.operations, sight.operation, KEPT.operations);
    if (object !== undefined) this.about(object);
    if (found.covers !== undefined) {
      this.covers ??= new SmallMap();
      this.covers.set(found.covers.rule + found.covers.key, found.covers);
    }
    this.peer(sight.client, found.formerKeys ?? [found.key]);
    this.tell(found, sight, { severity, weight: found.weight ?? 0, confidence });
    this.place(sight);
  }

  /** What it takes of the room to count by. */
  get cost(): number {
    const { clients, evidenceTopics, objectNames, frames } = this;
    return clients.cost + evidenceTopics.cost + objectNames.cost + frames.cost;
  }

  /** Fingerprints that the finding had when every client and detail made one of its own. */
  *formerFingerprints(): Generator<string> {
    for (const [client, keys] of this.formerKeys)
      for (const key of keys) yield digest(this.rule.id, client, this.server, key);
  }

  private carriedBy({ serverPort, communityId }: Sight): void {
    if (serverPort === this.port && communityId === this.flow) return;
    this.port = serverPort;
    this.flow = communityId;
    this.ports = withFirst(this.ports, serverPort, KEPT.ports);
    this.communityIds = withFirst(this.communityIds, communityId, KEPT.communityIds);
  }

  private about(object: FoundObject): void {
    const { latest } = this;
    const { ipid, oid, oxid } = object;
    if (latest !== null && latest.ipid === ipid && latest.oid === oid && latest.oxid === oxid) return;
    this.latest = object;
    if (this.objectNames.add(oid === undefined && oxid === undefined ? `${ipid}` : `${ipid} ${oid} ${oxid}`))
      this.objects = withFirst(this.objects, object, KEPT.objects);
  }

  private peer(client: string, told: readonly string[]): void {
    const known = this.clients.add(client) ? NONE : this.formerKeys.get(client);
    if (known === undefined) return;
    let keys = known;
    for (const former of told) keys = withFirst(keys, former, KEPT.formerKeys);
    if (keys !== known) this.formerKeys.set(client, keys);
  }

  private tell(found: Found, sight: Sight, telling: Telling): void {
    const topic = topicOf(found);
    const at = this.evidences.findIndex((e) => e.topic === topic);
    // what evidence is kept of was counted, unless there was no room
    if (at < 0 || !this.evidenceTopics.exact) this.evidenceTopics.add(topic);
    // of the same topic, or where there is no room for more, a more telling one takes the place
    const place = at >= 0 ? at : Math.min(this.evidences.length, KEPT.evidences - 1);
    if (place < this.evidences.length && tellingFirst(telling, this.evidences[place]) >= 0) return;
    const told = {
      text: cut(found.evidence, MOST_TEXT),
      topic,
      ...telling,
      capture: sight.capture,
      object: found.object ?? sight.object ?? null,
      bytes: (found.bytes ?? sight.bytes)?.() ?? null,
    };
    this.evidences = this.evidences.toSpliced(place, 1, told).sort(tellingFirst);
  }

  private place({ capture, frames }: Sight): void {
    if (capture !== this.capture) {
      this.capture = capture;
      this.captureCount++;
      this.room.left += this.frames.cost;
      this.frames = new NumberTally(this.room, COUNTED.frames);
      if (this.places.length < KEPT.captures)
        this.places = longer(this.places, { capture, frames: NONE, frameCount: 0, exact: true });
    }
    const place = this.places[this.places.length - 1];
    if (place.capture !== capture) return;
    for (const frame of frames) if (this.frames.add(frame)) place.frames = withFirst(place.frames, frame, KEPT.frames);
    place.frameCount = this.frames.count;
    place.exact = this.frames.exact;
  }
}

/** What evidence is told apart by. */
function topicOf({ topic, formerKeys, evidence }: Found): string {
  return topic ?? formerKeys?.join(' ') ?? cut(evidence, MOST_TEXT);
}

/** What evidence is chosen by. */
type Telling = Pick<Evidence, 'severity' | 'weight' | 'confidence'>;

/** Worse, then heavier, then surer; what is alike stays in the order of its sights. */
function tellingFirst(a: Telling, b: Telling): number {
  return (
    rankOf(a.severity) - rankOf(b.severity) || b.weight - a.weight || SURENESS[a.confidence] - SURENESS[b.confidence]
  );
}

/** Folds sights to findings: all that there are, or those of late, where somebody takes what is forgotten. */
export class FindingList {
  private readonly byId = new Map<string, Finding>();
  /** Of each rule the finding of its sight before: most sights are of the same. */
  private readonly latest = new Map<Rule, Finding>();
  private readonly room: TallyRoom = { left: ROOM };
  /** Sights that found no room, by rule. */
  readonly dropped = new Map<string, number>();
  private sights = 0;

  /**
   * @param most findings that there is room for
   * @param onIdle is told what is forgotten to make room; where it is left out, nothing is, and what finds none is counted
   */
  constructor(
    private readonly most: number,
    private readonly onIdle: ((idle: Finding[]) => void) | null = null,
  ) {}

  /** A rule found something. */
  add(rule: Rule, found: Found, sight: Sight): void {
    const finding = this.of(rule, found, sight);
    if (finding === null) {
      this.dropped.set(rule.id, (this.dropped.get(rule.id) ?? 0) + 1);
      return;
    }
    this.latest.set(rule, finding);
    finding.used = ++this.sights;
    finding.add(found, sight);
  }

  /** The finding of a sight, made at the first; null where there is no room. */
  private of(rule: Rule, found: Found, sight: Sight): Finding | null {
    const { key } = found;
    const { server } = sight;
    const latest = this.latest.get(rule);
    if (latest !== undefined && latest.server === server && latest.key === key) return latest;
    const id = identityOf(rule.id, server, key);
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    if (this.byId.size >= this.most) {
      if (this.onIdle === null) return null;
      this.forgetIdle(this.onIdle);
    }
    const finding = new Finding(rule, server, key, found, sight, this.room);
    this.byId.set(id, finding);
    return finding;
  }

  /** Hands on at least half of them, those seen last longest ago, but for what stands or falls with one that stays. */
  private forgetIdle(tell: (idle: Finding[]) => void): void {
    const border = middleUse([...this.byId.values()]);
    const idle = new Set([...this.byId.values()].filter(({ used }) => used <= border));
    for (const finding of this.byId.values())
      for (const other of this.coveredBy(finding))
        if (!idle.has(finding)) idle.delete(other);
        else if (!idle.has(other)) idle.delete(finding);
    if (idle.size === 0) for (const finding of this.byId.values()) idle.add(finding);
    tell(this.sorted(idle));
    for (const [id, finding] of this.byId)
      if (idle.has(finding)) {
        this.byId.delete(id);
        this.room.left += finding.cost;
        if (this.latest.get(finding.rule) === finding) this.latest.delete(finding.rule);
      }
  }

  /** What a finding stands for. */
  private *coveredBy({ covers, server, severity }: Finding): Generator<Finding> {
    for (const { rule, key } of covers?.values() ?? NONE) {
      const other = this.byId.get(identityOf(rule, server, key));
      if (other !== undefined && rankOf(other.severity) >= rankOf(severity)) yield other;
    }
  }

  /** Worst first; then by rule, in the order of first sights. Those that others stand for are in the others. */
  sorted(among: Iterable<Finding> = this.byId.values()): Finding[] {
    const findings = [...among];
    const standing = new Set(findings);
    for (const finding of findings) {
      finding.covered = NONE;
      for (const other of this.coveredBy(finding))
        if (other !== finding && standing.delete(other)) finding.covered = finding.covered.concat(other);
    }
    return [...standing].sort(
      (a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0),
    );
  }
}

function identityOf(rule: string, server: string, key: string): string {
  return `${rule}\0${server}\0${key}`;
}

const SURENESS: Readonly<Record<Confidence, number>> = { clear: 0, decrypted: 0, inferred: 1 };
