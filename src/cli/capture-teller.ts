/**
 * What a command says of a capture on standard error, because what it prints would not show it: limits that were met,
 * calls that stayed sealed, and that there was nothing to print.
 */
import type { Call } from '../../dissectors/call.js';
import { PTYPES } from '../../dissectors/dcerpc/pdu.js';
import type { Pdu } from '../../dissectors/pdu.js';
import type { CaptureEnd } from '../capture/open.js';
import type { Note } from '../core/node.js';
import type { Job } from './job.js';

/** Codes of what is said of a capture of which nothing is printed: why there is nothing, and what else may be why. */
export const Silence = {
  noPackets: 'no-packets',
  noPdus: 'no-pdus',
  noCalls: 'no-calls',
  /** There is something, and not what was asked for. */
  unmatched: 'unmatched',
  passedOver: 'passed-over',
  sealed: 'sealed',
} as const;
export type Silence = (typeof Silence)[keyof typeof Silence];

/** What a command prints of a capture: where there is none of it, that is said. */
type Kind = 'PDUs' | 'calls';

/** Users whose sealed calls are counted one by one, and that are named. */
const MOST_USERS = 64;
const NAMED = 3;

/** Takes what a pass over one capture meets. */
export class CaptureTeller {
  private readonly told = new Set<string>();
  /** How often which PDUs were there: DCE/RPC's by their types, others by their protocols. */
  private readonly types = new Map<string, number>();
  private readonly sealedFor = new Map<string, number>();
  private calls = 0;

  constructor(
    private readonly file: string,
    private readonly job: Pick<Job, 'note' | 'secrets' | 'interrupted'>,
    /** Hears what is said. */
    private readonly heard?: (note: Note) => void,
  ) {}

  /** Something odd about the capture: limits are said once each. */
  note(note: Note): void {
    if (note.code === 'limit') this.limits([note]);
    else this.say(note);
  }

  /** A PDU: limits that it or its call met are said. */
  pdu({ protocol, header, recording, call }: Pdu): void {
    this.limits(recording.notes);
    if (call !== null) this.limits(call.warnings);
    const type = protocol === 'DCERPC' ? (PTYPES[header?.type ?? -1] ?? 'unknown') : protocol;
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
  }

  /** A call that is over. */
  call(call: Call): void {
    this.limits(call.warnings);
    this.calls++;
    const { auth } = call;
    if (auth.decrypted !== false) return;
    const who = `${auth.type ?? 'unknown security'}${auth.user === null ? '' : ` as ${auth.user}`}`;
    const key = this.sealedFor.size < MOST_USERS || this.sealedFor.has(who) ? who : 'others';
    this.sealedFor.set(key, (this.sealedFor.get(key) ?? 0) + 1);
  }

  /** Notes that lists and counts would not show: those of limits. */
  private limits(notes: readonly Note[]): void {
    for (const note of notes) {
      if (note.code !== 'limit' || this.told.has(note.message)) continue;
      this.told.add(note.message);
      this.say(note);
    }
  }

  /**
   * The capture was read to its end: what of it cannot be shown, and why.
   * @param unmatched what is said of a filter that let nothing of it through; null where it did
   */
  end(end: CaptureEnd, kind: Kind, unmatched: string | null = null): void {
    if (this.job.interrupted) return;
    const nothing = this.nothing(end, kind, unmatched);
    // what is sealed may be why a filter matches nothing
    const sealed = this.sealedFor.size > 0 && (nothing === null || unmatched !== null) ? this.sealed() : null;
    const files =
      nothing === null || end.passedOver === 0
        ? null
        : `${count(end.passedOver, 'message')} of SMB about files: passed over, for pipes alone are looked into`;
    if (nothing !== null) this.say({ ...nothing, offset: null, source: null });
    if (files !== null) this.say({ code: Silence.passedOver, message: files, offset: null, source: null });
    if (sealed !== null) this.say({ code: Silence.sealed, message: sealed, offset: null, source: null });
  }

  private nothing(
    { packets, notLookedInto, damage }: CaptureEnd,
    kind: Kind,
    unmatched: string | null,
  ): Pick<Note, 'code' | 'message'> | null {
    if (packets === 0)
      return damage === null ? { code: Silence.noPackets, message: 'the capture holds no packets' } : null;
    // that is said with the link type
    if (notLookedInto === packets) return null;
    const all = count(packets, 'packet');
    if (this.types.size === 0)
      return {
        code: Silence.noPdus,
        message: `${all}, none of them DCE/RPC that begins in it; --port N takes all of a port for DCE/RPC`,
      };
    const pdus = [...this.types.values()].reduce((sum, n) => sum + n, 0);
    const seen = `${all} with ${count(pdus, 'PDU')}`;
    if (kind === 'calls' && this.calls === 0) {
      const types = [...this.types].map(([type, n]) => `${n} ${type}`);
      return {
        code: Silence.noCalls,
        message: `${seen}, and no call among them: ${types.join(', ')}; clrscope read shows them`,
      };
    }
    return unmatched === null ? null : { code: Silence.unmatched, message: `${seen}, and ${unmatched}` };
  }

  private sealed(): string {
    const all = [...this.sealedFor.values()].reduce((sum, n) => sum + n, 0);
    const users = [...this.sealedFor].sort((a, b) => b[1] - a[1]).map(([who]) => who);
    const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : '';
    const by = `${users.slice(0, NAMED).join(', ')}${more}`;
    const sealed = `${all} of ${count(this.calls, 'call')} ${all === 1 ? 'is' : 'are'} sealed (${by})`;
    return this.job.secrets === null
      ? `${sealed}, and no secrets were given: --secrets FILE opens what is sealed`
      : `${sealed}, and the secrets that were given do not open ${all === 1 ? 'it' : 'them'}`;
  }

  private say(note: Note): void {
    this.heard?.(note);
    this.job.note(this.file, note);
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
