/**
 * What the description of a message of SMB needs beside its bytes, as plain data: what its dissection looked up of the
 * connection, and what was said of it because of all that came before.
 */
import type { Note } from '../../src/core/node.js';
import { type OpenedPart, type SecurityContext, type SecurityInfo, withoutKey } from '../../src/security/index.js';
import { newPipe } from './pipes.js';
import type { Reading, SmbAround } from './reading.js';
import type { Lookups, Pipe, PlainPipe, PlainSession, SmbSession, SmbState } from './state.js';

/** A message of SMB, beside its bytes. */
export interface PlainSmb {
  readonly known: Lookups;
  /** Limits that were met, what tokens told, what is said once. */
  readonly notes: readonly Note[];
  /** What a session's setup had told by then. */
  readonly setup: { readonly info: SecurityInfo; readonly opened: readonly OpenedPart[] } | null;
}

/** Makes a message plain that was dissected. */
export function plainSmb({ memory, setup }: Reading, notes: readonly Note[]): PlainSmb {
  const said = setup === null ? null : { info: { ...setup.info }, opened: [...(setup.opened ?? [])] };
  return { known: memory.lookups, notes, setup: said };
}

/** Tells a connection of which nothing is known what was known. Returns what makes security contexts for it. */
export function recall({ known, setup }: PlainSmb, state: SmbState): SmbAround['newSecurity'] {
  const context: SecurityContext | null =
    setup === null ? null : { ...setup, token: () => [], unprotect: withoutKey, lost: () => {} };
  const sessionOf = (plain: PlainSession): SmbSession => ({ ...plain, context });
  const pipeOf = (plain: PlainPipe): Pipe => ({ ...newPipe(plain), speaks: plain.speaks });
  for (const [key, plain] of known.sessions) state.sessions.set(key, sessionOf(plain));
  for (const [key, tree] of known.trees) state.trees.set(key, tree);
  for (const [key, plain] of known.pipes) state.pipes.set(key, pipeOf(plain));
  for (const [key, { pipe, session, ...request }] of known.requests)
    state.requests.set(key, { ...request, pipe: pipe && pipeOf(pipe), session: session && sessionOf(session) });
  return () => {
    if (context === null) throw new Error('a session was set up that was not when the message was read first');
    return context;
  };
}
