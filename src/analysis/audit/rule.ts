/** What a rule is: a plain object that says what it looks for and why, and looks. */

import type { Pdu } from '../../../dissectors/pdu.js';
import type { Attempt, StateStore } from '../../core/context.js';
import type { Found, Severity } from './found.js';
import type { Prefilter } from './prefilter.js';
import type { Subject } from './subject.js';

/** Tells a finding; where it was is known already. */
export type Report = (found: Found) => void;

export interface Rule {
  /** `IOI-001`; stays what it is. */
  readonly id: string;
  readonly title: string;
  /** Of most findings; a finding may carry another. */
  readonly severity: Severity;
  /** What in the traffic shows it. */
  readonly shows: string;
  readonly why: string;
  readonly fix: string;
  readonly references: readonly string[];
  /** `CWE-502`. */
  readonly cwe: readonly string[];
  /** ATT&CK technique ids. */
  readonly attack: readonly string[];
  /** What `call` asks for; it is shown every call where this is left out. */
  readonly prefilter?: Prefilter | undefined;
  /** Looks at a call that is over. `state` lives as long as the capture. */
  readonly call?: (subject: Subject, report: Report, state: StateStore) => void;
  /** Looks at a PDU, in order, before the call that it belongs to is over. */
  readonly pdu?: (pdu: Pdu, report: Report, state: StateStore) => void;
  /** Looks at connections that were tried in vain, at the end of a capture. */
  readonly attempt?: (attempt: Attempt, report: Report) => void;
}
