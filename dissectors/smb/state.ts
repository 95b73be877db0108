/**
 * What is known of a connection of SMB: sessions, trees, open pipes, and requests that wait for their answer. What is
 * kept is bounded for each connection and for the capture. A PDU's dissection tells all that it looked up, so that it
 * can be described later (plain.ts).
 */
import { type StateStore, stateKey, type TransportPdu } from '../../src/core/context.js';
import type { CarriedStream } from '../../src/core/dissector.js';
import { Ledger } from '../../src/core/ledger.js';
import { LIMITS, type LimitName, type Limits, limitMessage } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';
import { cut } from '../../src/core/text.js';
import { PREAUTH_START, type SecurityContext, type Smb3Keys } from '../../src/security/index.js';

/** Who works in a session. */
export interface SmbSession {
  /** `DOMAIN\user`, as the tokens told it; null before they did. */
  user: string | null;
  workstation: string | null;
  /** How it authenticated: `NTLM`, `Kerberos`; null before that is known. */
  type: string | null;
  /** The server let somebody in of whom it does not know who it is: a guest, a null session. */
  isNobody: boolean;
  /** Null where its tokens were read elsewhere. */
  readonly context: SecurityContext | null;
  /** Of SMB 3.1.1: what its keys are made of, beside the key of `context`. */
  preauthHash: Uint8Array;
  /** Null before something was encrypted, and where they are not known. */
  keys: Smb3Keys | null;
}

/** A session of which nothing is encrypted yet. */
export function newSmbSession(told: Partial<SmbSession>): SmbSession {
  const nothing = { user: null, workstation: null, type: null, isNobody: false, context: null };
  return { ...nothing, preauthHash: PREAUTH_START, keys: null, ...told };
}

/** A share that is in use. */
export interface Tree {
  readonly path: string | null;
  /** Its number in SMB 2; null in SMB 1. */
  readonly type: number | null;
  /** Whether its files are pipes. */
  readonly isPipes: boolean;
}

/** An open pipe, or a file of a tree of which nobody knows what it holds. */
export interface Pipe {
  /** As `\srvsvc`; null where its opening was not captured. */
  readonly name: string | null;
  /** Set where it is known to be a pipe. */
  readonly isPipe: boolean;
  /** What goes through it: DCE/RPC or something else; null before it is known. */
  speaks: 'rpc' | 'other' | null;
  /** What is carried in it; null before anything was. */
  stream: CarriedStream | null;
  /** Under which it is kept; null while it is being opened, and once it is closed. */
  key: string | null;
}

/** A request without its answer. */
export interface SmbRequest {
  readonly command: number;
  readonly frame: number;
  /** The pipe that it is about. */
  readonly pipe: Pipe | null;
  /** The session that it negotiates. */
  readonly session: SmbSession | null;
  /** SMB 1: the number of the file that it is about. */
  readonly fid: number | null;
  /** The share that it connects to; the function of a transaction. */
  readonly told: string | null;
}

/** A connection that rests, because no message of it was about a pipe yet. */
export interface Rest {
  /** Messages that pipes will need, in order. */
  readonly kept: TransportPdu[];
  /** What they cost. */
  bytes: number;
}

/** State of a connection. Keys are made by SMB 1 and SMB 2 each in its way. */
export interface SmbState {
  readonly sessions: Map<string, SmbSession>;
  readonly trees: Map<string, Tree>;
  readonly pipes: Map<string, Pipe>;
  readonly requests: Map<string, SmbRequest>;
  /** Notes that were given and are not given again, by code or limit. */
  readonly told: Set<string>;
  /** Null once a message was about a pipe, and where every PDU is wanted. */
  rest: Rest | null;
  /** Messages about files so far, of which no PDU is made. */
  passedOver: number;
  /** Messages so far that no pipe needs to be as long as: passed over, whatever they are about. */
  tooLong: number;
  /** The tree whose key was made last, and the halves of its session's id. */
  readonly lastTree: { id: number; low: number; high: number; key: string };
  /** Set where a message is described that was dissected before: what it is told instead of finding out. */
  recalled: {
    readonly notes: readonly Note[];
    readonly context: SecurityContext | null;
    readonly clear: Uint8Array | null;
  } | null;
  /** What SMB 3 negotiated: its revision, and the cipher; 0 before it did. */
  dialect: number;
  cipher: number;
  /** Over its negotiation (MS-SMB2 3.1.4.4.1). */
  preauthHash: Uint8Array;
}

/** A connection of which nothing is known yet. */
function newSmbState(): SmbState {
  return {
    sessions: new Map(),
    trees: new Map(),
    pipes: new Map(),
    requests: new Map(),
    told: new Set(),
    rest: { kept: [], bytes: 0 },
    passedOver: 0,
    tooLong: 0,
    lastTree: { id: 0, low: 0, high: 0, key: '0:0' },
    recalled: null,
    dialect: 0,
    cipher: 0,
    preauthHash: PREAUTH_START,
  };
}

export const SMB_STATE = stateKey('smb.state', newSmbState);
/** Of a capture: `SmbState.passedOver` and `tooLong` of the connections that are over. */
export const PASSED_OVER = stateKey('smb.passed-over', () => ({ messages: 0, tooLong: 0 }));
const KEPT = stateKey('smb.kept', () => new Ledger<SmbState, null>());

/** Maps of the state, and the limit of each. */
const LIMIT_OF = {
  sessions: 'smbSessions',
  trees: 'smbTrees',
  pipes: 'smbPipes',
  requests: 'smbRequests',
} as const satisfies Partial<Record<keyof SmbState, LimitName>>;

type Kept = keyof typeof LIMIT_OF;
type Entry<K extends Kept> = SmbState[K] extends Map<string, infer V> ? V : never;

/** Characters of names that are kept. */
const LONGEST_NAME = 256;
/** What an entry costs, about, in bytes: with texts of that length, keys, and the tokens of a session; a request with its pipe. */
const COSTS: Readonly<Record<Kept, number>> = { sessions: 4096, trees: 1024, pipes: 1024, requests: 1024 };

/** A name as it is kept. */
export const keptName = (name: string): string => cut(name, LONGEST_NAME);

/** What is known of an entry, as plain data. */
export type PlainSession = Pick<SmbSession, 'user' | 'workstation' | 'type' | 'isNobody'>;
export type PlainPipe = Pick<Pipe, 'name' | 'isPipe' | 'speaks'>;
export interface PlainRequest extends Omit<SmbRequest, 'pipe' | 'session'> {
  readonly pipe: PlainPipe | null;
  readonly session: PlainSession | null;
}

/** What a PDU's dissection looked up, as it was then, by key. */
export interface Lookups {
  readonly sessions: [string, PlainSession][];
  readonly trees: [string, Tree][];
  readonly pipes: [string, PlainPipe][];
  readonly requests: [string, PlainRequest][];
}

/** The state as one PDU's dissection uses it. */
export interface Memory {
  readonly state: SmbState;
  readonly lookups: Lookups;
  session(key: string): SmbSession | null;
  tree(key: string): Tree | null;
  pipe(key: string): Pipe | null;
  request(key: string): SmbRequest | null;
  keep<K extends Kept>(of: K, key: string, entry: Entry<K>): void;
  forget(of: Kept, key: string): void;
}

const plainSession = ({ user, workstation, type, isNobody }: SmbSession): PlainSession => {
  return { user, workstation, type, isNobody };
};
const plainPipe = ({ name, isPipe, speaks }: Pipe): PlainPipe => ({ name, isPipe, speaks });

/**
 * Opens the state for a PDU.
 * @param say adds a note to the PDU
 * @param lose is told of pipes that are forgotten
 */
export function openMemory(
  state: SmbState,
  capture: StateStore,
  limits: Limits,
  say: (note: Note) => void,
  lose: (pipe: Pipe) => void,
): Memory {
  const lookups: Lookups = { sessions: [], trees: [], pipes: [], requests: [] };
  const met = (name: LimitName): void => {
    const told = LIMITS[name].of === 'capture' ? capture.get(SMB_TOLD) : state.told;
    if (told.has(name)) return;
    told.add(name);
    say({ code: 'limit', message: limitMessage(name, limits), offset: null, source: null });
  };
  const charge = (): void => {
    const kept = capture.get(KEPT);
    kept.set(state, null, costOf(state));
    if (kept.keepTo(limits.smbBytes, (other) => forgetAll(other, lose))) met('smbBytes');
  };
  return {
    state,
    lookups,
    session(key) {
      const session = state.sessions.get(key) ?? null;
      if (session !== null) lookups.sessions.push([key, plainSession(session)]);
      return session;
    },
    tree(key) {
      const tree = state.trees.get(key) ?? null;
      if (tree !== null) lookups.trees.push([key, tree]);
      return tree;
    },
    pipe(key) {
      const pipe = state.pipes.get(key) ?? null;
      if (pipe !== null) lookups.pipes.push([key, plainPipe(pipe)]);
      return pipe;
    },
    request(key) {
      const request = state.requests.get(key) ?? null;
      if (request === null) return null;
      const { pipe, session } = request;
      const plain = { pipe: pipe && plainPipe(pipe), session: session && plainSession(session) };
      lookups.requests.push([key, { ...request, ...plain }]);
      return request;
    },
    keep(of, key, entry) {
      const map = state[of] as Map<string, typeof entry>;
      if (map.size >= limits[LIMIT_OF[of]] && !map.has(key)) {
        const [oldest, dropped] = map.entries().next().value as [string, typeof entry];
        map.delete(oldest);
        const pipe = of === 'pipes' ? (dropped as Pipe) : of === 'requests' ? (dropped as SmbRequest).pipe : null;
        if (pipe !== null && (of === 'pipes' || pipe.key === null)) lose(pipe);
        met(LIMIT_OF[of]);
      }
      map.set(key, entry);
      charge();
    },
    forget(of, key) {
      if (state[of].delete(key)) charge();
    },
  };
}

const SMB_TOLD = stateKey('smb.limits-told', () => new Set<string>());

function costOf(state: SmbState): number {
  let cost = state.rest?.bytes ?? 0;
  for (const of of Object.keys(COSTS) as Kept[]) cost += state[of].size * COSTS[of];
  return cost;
}

/** What a connection keeps changed. Returns whether there is room for it. */
export function hasRoom(state: SmbState, capture: StateStore, limits: Limits): boolean {
  const kept = capture.get(KEPT);
  kept.set(state, null, costOf(state));
  return kept.total <= limits.smbBytes;
}

/** Nothing is known of a connection any more. */
function forgetAll(state: SmbState, lose: (pipe: Pipe) => void): void {
  if (state.rest !== null) {
    state.passedOver += state.rest.kept.length;
    state.rest = { kept: [], bytes: 0 };
  }
  for (const pipe of pipesOf(state)) lose(pipe);
  for (const of of Object.keys(COSTS) as Kept[]) state[of].clear();
}

/** Behind a hole: a number that was a disk's may be another share's. */
export function forgetDisks({ trees }: SmbState): void {
  for (const [key, { isPipes }] of trees) if (!isPipes) trees.delete(key);
}

/** Pipes that are open, or being opened. */
export function pipesOf(state: SmbState): Set<Pipe> {
  const pipes = new Set(state.pipes.values());
  for (const { pipe } of state.requests.values()) if (pipe !== null) pipes.add(pipe);
  return pipes;
}

/** The connection is over. */
export function closeState(state: SmbState, capture: StateStore, lose: (pipe: Pipe) => void): void {
  capture.get(KEPT).delete(state);
  forgetAll(state, lose);
}
