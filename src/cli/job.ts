/** A command's work on captures. */

import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import type { CaptureEnd } from '../capture/open.js';
import type { Limits } from '../core/limits.js';
import type { Note } from '../core/node.js';
import type { Secrets } from '../security/index.js';
import type { Output } from './output.js';
import type { OwnSources } from './own-interfaces.js';

/** What is read as one capture: a file, or the files of a group (groups.ts) in the order in which they follow one another. */
export interface CaptureFiles {
  /** What messages and output call it: the path of the file; of a group the path of the first, `..`, the name of the last. */
  readonly name: string;
  readonly files: readonly string[];
  /** Where the bytes of the files are read, if not there. */
  readonly copies?: readonly string[];
}

/** What a command works with. */
export interface Job {
  readonly out: Output;
  readonly color: boolean;
  /** Columns to fill. */
  readonly width: number;
  /** Columns that a line may take: those of a terminal. What goes to a file or another program is whole, and what is asked for whole. */
  readonly room: number;
  readonly secrets: Secrets | null;
  readonly ports: ReadonlyMap<number, 'dcerpc'>;
  /** IIDs that the user names, by context id or IPID. */
  readonly decodeAs: ReadonlyMap<string, string>;
  /** Interfaces of the user's own, and where they come from. */
  readonly interfaces: readonly RpcInterface[];
  readonly own: OwnSources;
  /** What the user calls hosts, by their addresses. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly full: boolean;
  readonly limits: Limits;
  /** True once the user pressed Ctrl-C: end what was begun, and stop. */
  readonly interrupted: boolean;
  /** Comes with Ctrl-C too, for what waits. */
  readonly signal: AbortSignal;
  /** What is read from, folders as the captures in them; the secrets file too. */
  readonly inputs: readonly string[];
  /** Whether there are several captures, or one of several files: then text says which one it speaks of. */
  readonly several: boolean;
  /** Says something odd about a capture on standard error. */
  note(name: string, note: Note): void;
}

/** What the reading of one capture came to, as far as exit codes tell it. */
export type Read = Pick<CaptureEnd, 'damage' | 'packets' | 'notLookedInto'>;

/** What a command does: `each` reads one capture; `begin` and `end` frame the output of all. */
export interface Work {
  /** It prints what was asked for out of captures: of several, what is not there is said once. */
  readonly picks?: boolean;
  /** @param captures all that will be read, in order */
  begin?(job: Job, captures: readonly CaptureFiles[]): void;
  each(capture: CaptureFiles, job: Job, onProgress?: (read: number, total: number) => void): Promise<Read | null>;
  end?(job: Job): void;
  /** Called in place of `end` where the command fails: leaves nothing unfinished. What it throws nobody hears. */
  failed?(): void;
  /** Called now and then: what is written beside `job.out` is not kept any longer. */
  flush?(): void;
}
