/**
 * Every bound that a capture may meet and that a user may want to move: one table, which types, defaults, messages,
 * `--limit` and the README come from. What the formats themselves bound (a datagram's length, a PDU's) stays with them.
 */

import { isIt } from './nearest.js';
import { UserError } from './user-error.js';

/** One bound. Its message is `more than N WHAT: THEN`. */
interface Bound {
  readonly most: number;
  /** What is told once when it is met: the capture, or each connection, stream, stub, call or report that meets it. */
  readonly of: 'capture' | 'connection' | 'stub' | 'stream' | 'call' | 'report';
  readonly what: string;
  /** What becomes of more. */
  readonly then: string;
}

const K = 1 << 10;
const M = 1 << 20;
const G = 2 ** 30;

const IDLE = 'those idle longest are given up, and begin anew if they go on';
const OLDEST = 'the oldest is forgotten';
const COUNTED = 'others are counted and left out';

/**
 * The table. What a capture keeps (metadata, buffered, carriedBytes, fragmentedBytes, contextBytes, openBytes,
 * assembledBytes, smbBytes, waitingBytes) is small enough for all of it to be full at once in a process of 300 MB
 * (test/limits/together.ts). Names on the command line are these with hyphens.
 */
export const LIMITS = {
  metadata: bound(8 * M, 'capture', 'bytes of names, comments and secrets in a pcapng file', 'the rest is left out'),
  connections: bound(4 * K, 'capture', 'connections at a time', IDLE),
  flows: bound(
    128 * K,
    'capture',
    'flows at a time, ours or not (at least twice the connections)',
    'those idle longest are forgotten',
  ),
  buffered: bound(16 * M, 'capture', 'bytes behind missing ones and of incomplete PDUs', IDLE),
  bufferedPerConnection: bound(M, 'connection', 'bytes behind missing ones', 'the missing ones are given up'),
  heldSegments: bound(512, 'connection', 'segments behind missing ones', 'the missing ones are given up'),
  carriedBytes: bound(
    4 * M,
    'capture',
    'bytes of incomplete PDUs inside those of other protocols',
    'those that grew longest ago are given up',
  ),
  fragmented: bound(K, 'capture', 'IP datagrams that wait for fragments', 'the oldest are given up'),
  fragmentedBytes: bound(8 * M, 'capture', 'bytes of IP datagrams that wait for fragments', 'the oldest are given up'),
  contexts: bound(4 * K, 'connection', 'presentation contexts', OLDEST),
  securityContexts: bound(K, 'connection', 'security contexts', OLDEST),
  contextBytes: bound(
    12 * M,
    'capture',
    'bytes of presentation and security contexts',
    'those negotiated longest ago are forgotten',
  ),
  openCalls: bound(4 * K, 'connection', 'open calls', OLDEST),
  openBytes: bound(16 * M, 'capture', 'bytes of open calls', 'the oldest are forgotten'),
  earlyAnswers: bound(64, 'connection', 'answers in front of their requests', OLDEST),
  assemblies: bound(256, 'connection', 'fragmented stubs at a time', 'the oldest is given up'),
  assembledBytes: bound(20 * M, 'capture', 'bytes of stubs that wait for their end', 'the oldest are given up'),
  stubBytes: bound(20 * M, 'stub', 'bytes of a fragmented stub', 'it is given up'),
  activities: bound(10_000, 'capture', 'activities of connectionless calls', OLDEST),
  smbSessions: bound(256, 'connection', 'SMB sessions', OLDEST),
  smbTrees: bound(K, 'connection', 'SMB trees', OLDEST),
  smbPipes: bound(K, 'connection', 'open SMB pipes', 'the oldest is taken for closed'),
  smbRequests: bound(4 * K, 'connection', 'SMB requests without an answer', OLDEST),
  smbBytes: bound(
    2 * M,
    'capture',
    'bytes of SMB sessions, trees, pipes and requests',
    'connections idle longest begin anew',
  ),
  ipids: bound(100_000, 'capture', 'IPIDs of known interfaces', OLDEST),
  depth: bound(64, 'stub', 'levels of data inside data or types inside types', 'what is deeper is not read'),
  nrbfDepth: bound(1_000_000, 'stream', 'NRBF records inside records', 'the rest is not read'),
  nrbfElements: bound(256 * M, 'stream', 'elements of NRBF arrays', 'the rest is not read'),
  nrbfString: bound(256 * M, 'stream', 'bytes of an NRBF string', 'the rest is not read'),
  nrbfKept: bound(96 * M, 'stream', 'bytes of memory for NRBF records and SOAP elements', 'the rest is not read'),
  output: bound(
    64_000_000,
    'stream',
    "characters of an NRBF stream's values in JSON, beside 100 a byte (without --full: of all JSON of a capture, and a sixteenth for a stream)",
    'the rest is omitted',
  ),
  waitingCalls: bound(4 * K, 'call', 'calls wait behind this one', 'it is shown before its answer came'),
  waitingBytes: bound(12 * M, 'call', 'bytes of calls wait behind this one', 'it is shown before its answer came'),
  apartments: bound(5_000, 'report', 'apartments', COUNTED),
  objects: bound(10_000, 'report', 'objects', COUNTED),
  pointers: bound(20_000, 'report', 'interface pointers', COUNTED),
  details: bound(50_000, 'report', 'details of apartments, objects and pointers', COUNTED),
  detailsEach: bound(64, 'report', 'details of a kind for one of them', COUNTED),
  statsRows: bound(10_000, 'report', 'rows of a table', COUNTED),
  vectors: bound(100_000, 'report', 'test vectors', COUNTED),
  vectorBytes: bound(32 * M, 'report', 'bytes of test vectors and of their JSON', COUNTED),
  vectorDocument: bound(256 * K, 'report', 'bytes of a test vector', 'it has its bytes and no JSON'),
  findings: bound(5_000, 'report', 'findings', COUNTED),
  inventory: bound(2000, 'report', 'entries of a list of the inventory', 'others are left out'),
  copiedBytes: bound(
    16 * G,
    'capture',
    'bytes of a pipe, or of an address that tells no length, copied for tables',
    'nothing of it is written',
  ),
} as const satisfies Record<string, Bound>;

/** Name of a limit in options of the library. */
export type LimitName = keyof typeof LIMITS;

/** What a pass keeps to. */
export type Limits = Readonly<Record<LimitName, number>>;

/** The defaults. */
export const DEFAULT_LIMITS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { most }]) => [name, most]),
) as Limits;

/**
 * The defaults, but for what is told.
 * @throws UserError where there is no limit of a name, or where one is no whole number from 1 on
 */
export function limitsWith(told: { readonly [name in LimitName]?: number | undefined } = {}): Limits {
  const limits: Record<LimitName, number> = { ...DEFAULT_LIMITS };
  for (const [name, most] of Object.entries(told) as [LimitName, number | undefined][]) {
    if (!Object.hasOwn(LIMITS, name)) {
      const names = Object.keys(LIMITS);
      throw new UserError(`there is no limit ${name}${isIt(name, names) || `; there are ${names.join(', ')}`}`);
    }
    if (most === undefined) continue;
    if (!Number.isSafeInteger(most) || most < 1)
      throw new UserError(
        `the limit ${name} is a whole number from 1 on (${LIMITS[name].most} by default), not ${most}`,
      );
    limits[name] = most;
  }
  return limits;
}

/** A limit's name on the command line: `openCalls` is `open-calls`. */
export function optionOf(name: LimitName): string {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

/** A number of a limit as people write it: `2G`, `64M`, `20000`. */
export function limitText(n: number): string {
  for (const [suffix, unit] of Object.entries({ G, M, K })) if (n > 0 && n % unit === 0) return `${n / unit}${suffix}`;
  return String(n);
}

/** What is said where a limit is met; names the option that raises it. */
export function limitMessage(name: LimitName, limits: Limits): string {
  const { what, then } = LIMITS[name];
  return `more than ${limits[name]} ${what}: ${then} (--limit ${optionOf(name)}=N)`;
}

/** A report's warning: how often something else was seen that had no room. */
export function leftOutNote(name: LimitName, limits: Limits, times: number): { code: 'limit'; message: string } {
  return { code: 'limit', message: `${limitMessage(name, limits)}; left out ${times} times` };
}

function bound(most: number, of: Bound['of'], what: string, then: string): Bound {
  return { most, of, what, then };
}
