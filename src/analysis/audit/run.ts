/** An audit: what the rules find in captures, and what else its report says of them. */
import type { Call } from '../../../dissectors/call.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import type { Attempt } from '../../core/context.js';
import { Hosts } from '../../core/hosts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { CallList } from '../calls.js';
import { Finder } from './finder.js';
import type { Finding } from './finding.js';
import { Inventory } from './inventory.js';
import type { Rule } from './rule.js';
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

export class Audit {
  readonly inventory: Inventory;
  private readonly finder: Finder;
  private readonly timeline = new Timeline();
  private readonly captures: string[] = [];
  private list: CallList;
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
    this.finder = new Finder(rules, limits, { onSight: (time, severity) => this.timeline.add(time, severity) });
    this.list = this.newList();
  }

  /** Starts on a capture. */
  begin(capture: string): void {
    this.captures.push(capture);
    this.finder.begin(capture);
    this.list = this.newList();
  }

  /** Packets of the capture were read. */
  packets(count: number): void {
    this.looked.packets += count;
  }

  /** Takes the next PDU, and the calls that are over with it. */
  pdu(pdu: Pdu): void {
    this.looked.pdus++;
    this.inventory.pdu(pdu);
    this.finder.pdu(pdu);
    this.list.add(pdu);
  }

  /** Takes connections that were tried in vain. */
  attempt(attempt: Attempt): void {
    this.finder.attempt(attempt);
  }

  /** The capture is over. */
  end(): void {
    this.list.end();
  }

  result(): AuditResult {
    const { inventory, timeline, rules, captures, looked, incomplete } = this;
    return {
      findings: this.finder.findings(),
      inventory,
      timeline,
      rules,
      captures,
      looked,
      incomplete,
      dropped: this.finder.dropped,
      limits: this.limits,
      hosts: this.hosts,
    };
  }

  private newList(): CallList {
    return new CallList((call, number) => this.call(call, number), this.limits);
  }

  private call(call: Call, number: number): void {
    this.look(call);
    this.inventory.call(this.finder.call(call, number));
  }

  private look(call: Call): void {
    const { looked } = this;
    looked.calls++;
    const { request, response, fault } = call;
    if (call.auth.decrypted === false) looked.sealed++;
    else if (call.operation?.decoded !== true) looked.undecoded++;
    else if (request?.stub === null || (fault === null && response?.stub === null)) looked.cut++;
  }
}
