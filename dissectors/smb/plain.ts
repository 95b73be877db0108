/**
 * What the description of a message of SMB needs beside its bytes, as plain data: what its dissection looked up of the
 * connection, and what was said of it because of all that came before.
 */
import type { Connection } from '../../src/core/context.js';
import type { Note } from '../../src/core/node.js';
import { type Opened, toldContext } from '../../src/security/index.js';
import { newPipe } from './pipes.js';
import type { Reading } from './reading.js';
import {
  type Lookups,
  newSmbSession,
  type Pipe,
  type PlainPipe,
  type PlainSession,
  SMB_STATE,
  type SmbSession,
} from './state.js';

/** A message of SMB, beside its bytes. */
export interface PlainSmb {
  readonly known: Lookups;
  /** Limits that were met, what tokens told, what is said once. */
  readonly notes: readonly Note[];
  /** What a session's setup had told by then. */
  readonly setup: Opened | null;
  /** What was encrypted in it. */
  readonly clear: Uint8Array | null;
}

/** Makes a message plain that was dissected. */
export function plainSmb({ memory, setup, clear }: Reading, notes: readonly Note[]): PlainSmb {
  const said = setup === null ? null : { info: { ...setup.info }, opened: [...(setup.opened ?? [])] };
  return { known: memory.lookups, notes, setup: said, clear };
}

/** Tells a connection of which nothing is known what was known of it when a message of it was dissected. */
export function recallSmb({ known, notes, setup, clear }: PlainSmb, connection: Connection): void {
  const state = connection.state.get(SMB_STATE);
  const context = setup === null ? null : toldContext(setup);
  const sessionOf = (plain: PlainSession): SmbSession => newSmbSession({ ...plain, context });
  const pipeOf = (plain: PlainPipe): Pipe => ({ ...newPipe(plain), speaks: plain.speaks });
  for (const [key, plain] of known.sessions) state.sessions.set(key, sessionOf(plain));
  for (const [key, tree] of known.trees) state.trees.set(key, tree);
  for (const [key, plain] of known.pipes) state.pipes.set(key, pipeOf(plain));
  for (const [key, { pipe, session, ...request }] of known.requests)
    state.requests.set(key, { ...request, pipe: pipe && pipeOf(pipe), session: session && sessionOf(session) });
  state.recalled = { notes, context, clear };
}
