/** What the capture comes to as a whole: objects, statistics and findings, made in one pass when nobody waits. */

import { version } from '../../../package.json';
import {
  Audit,
  type AuditJson,
  auditToJson,
  type ObjectsReport,
  ObjectTable,
  objectsReport,
  Refusals,
  RULES,
  reportOf,
  Stats,
  type StatsReport,
} from '../../index.js';
import { Lanes } from '../flow/lanes.js';
import { CallObjects } from './call-objects.js';
import type { Capture } from './capture.js';
import { shares } from './now-and-then.js';

/** The three reports, as `objects`, `stats` and `audit` print them. */
export interface Reports {
  readonly objects: ObjectsReport;
  readonly callObjects: CallObjects;
  readonly lanes: Lanes;
  readonly stats: StatsReport;
  readonly audit: AuditJson;
}

/** What matters of the whole capture, in numbers. */
export interface Overview {
  readonly objects: number;
  readonly managed: number;
  /** Objects that remoting reaches, whichever way they came. */
  readonly remoted: number;
  /** Findings by severity, worst first. */
  readonly findings: AuditJson['summary'];
  /** Connections with calls that nobody authenticated. */
  readonly unauthenticated: number;
  /** Calls that are sealed and could not be opened, and those that nothing here decodes. */
  readonly sealed: number;
  readonly undecoded: number;
  /** Messages of SMB about files. */
  readonly passedOver: number;
}

/** The reports in numbers. */
export function overview({ objects: { apartments, remoting }, stats, audit }: Reports): Overview {
  const objects = apartments.flatMap((a) => a.objects);
  return {
    objects: objects.length + remoting.length,
    managed: objects.filter((o) => o.managed === true).length + remoting.length,
    remoted: objects.reduce((sum, o) => sum + o.remoting.length, remoting.length),
    findings: audit.summary,
    unauthenticated: stats.security.reduce((sum, s) => sum + (s.type === null ? s.connections : 0), 0),
    sealed: audit.looked.sealed,
    undecoded: audit.looked.undecoded,
    passedOver: stats.passedOver,
  };
}

export class Whole {
  /** The reports, once they are there. */
  ready: Reports | null = null;
  private made: Promise<Reports> | null = null;
  private tell: (share: number) => void = () => {};

  constructor(private readonly capture: Capture) {}

  /**
   * The reports; the pass for them begins when they are asked for first.
   * @param tell is called now and then with how much of it is done, from 0 to 1
   */
  reports(tell?: (share: number) => void): Promise<Reports> {
    if (tell !== undefined) this.tell = tell;
    this.made ??= this.make();
    return this.made;
  }

  private async make(): Promise<Reports> {
    const { capture } = this;
    const table = new ObjectTable();
    const refusals = new Refusals();
    const callObjects = new CallObjects();
    const lanes = new Lanes();
    const stats = new Stats();
    const audit = new Audit(RULES);
    const { incomplete } = audit;
    let packets = 0;
    audit.begin(capture.name);
    const end = await capture.behind({
      packet: () => void packets++,
      pdu: (pdu) => {
        refusals.pdu(pdu);
        audit.pdu(pdu);
      },
      call: (call) => {
        table.add(call);
        callObjects.add(call, table);
        lanes.add(call, table);
        stats.add(call);
      },
      attempt: (attempt) => {
        refusals.attempts.push(attempt);
        audit.attempt(attempt);
      },
      note: ({ code, message }) => {
        if (code === 'limit' && incomplete.limits.length < MOST_LIMITS)
          incomplete.limits.push({ capture: capture.name, message });
      },
      progress: shares((share) => this.tell(share)),
    });
    audit.end();
    audit.packets(packets);
    callObjects.end();
    if (end.damage !== null)
      incomplete.damaged.push({
        capture: capture.name,
        reason: `byte ${end.damage.offset}: ${end.damage.message}`,
      });
    const objects = objectsReport(table, capture.name, refusals);
    lanes.end(objects, capture.hosts);
    this.ready = {
      objects,
      callObjects,
      lanes,
      stats: stats.report([capture.name], end.passedOver),
      audit: auditToJson(reportOf(audit.result(), null, version)),
    };
    return this.ready;
  }
}

/** Messages of limits that a report repeats. */
const MOST_LIMITS = 100;
