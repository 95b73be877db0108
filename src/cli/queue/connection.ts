/** The connection to the queue: a Redis or Valkey server, by its address. */
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { safe } from '../../core/safe-text.js';
import { reasonOf, UserError } from '../../core/user-error.js';
import { tell } from '../messages.js';
import { UsageError } from '../options.js';
import { loadPackages, type Packages, type Queue, type Redis, type RedisSettings } from './bullmq.js';

/** What the queue is called on its server; another one lies in another database. */
export const QUEUE = 'clrscope';

/** Milliseconds in which a server must answer. */
const PATIENCE = 10_000;
/** Milliseconds between two looks at whether it answers. */
const LOOK = 500;
/** Milliseconds between two trials to get back a connection that was lost. */
const AGAIN = 2_000;

const SCHEMES: Readonly<Record<string, boolean>> = {
  'redis:': false,
  'valkey:': false,
  'rediss:': true,
  'valkeys:': true,
};

/** A queue that is connected. */
export interface Connected {
  readonly packages: Packages;
  readonly redis: Redis;
  readonly queue: Queue;
  /** The server's address without its password, for people. */
  readonly address: string;
  close(): Promise<void>;
  /** Comes when the server has not answered for as long as it may take, after this was asked. */
  gone(): Promise<void>;
}

/**
 * Does something with the queue, and hangs up.
 * @param address `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss:` for TLS
 * @throws UsageError where the address is none; UserError where the server does not answer, or refuses
 */
export async function withQueue<T>(
  address: string,
  command: string,
  act: (connected: Connected) => Promise<T>,
): Promise<T> {
  const connected = await connect(address, command);
  try {
    return await act(connected);
  } catch (e) {
    // its memory is full, it is a replica, or others keep something else there
    const isRefused = e instanceof Error && (e.name === 'ReplyError' || e instanceof SyntaxError);
    throw isRefused ? new UserError(`${connected.address}: ${safe(e.message)}`) : e;
  } finally {
    await connected.close();
  }
}

async function connect(address: string, command: string): Promise<Connected> {
  const { settings, shown } = settingsOf(address);
  const packages = await loadPackages(command);
  tellWarnings();
  let isThere = false;
  let reason = `it says nothing for ${PATIENCE / 1000} seconds`;
  const redis = new packages.Redis({ ...settings, retryStrategy: () => (isThere ? AGAIN : null) });
  let isLost = false;
  redis.on('error', (e) => {
    reason = reasonOf(e).replace(/\.$/, '');
    if (isThere && !isLost) tell(`${shown}: ${safe(reason)}; trying again until it answers`);
    isLost = isThere;
  });
  redis.on('ready', () => {
    if (isLost) tell(`${shown}: it is there again`);
    isLost = false;
  });
  // a database that is not there is told of by itself alone; without that, the first one would be used
  const connecting = redis.connect().then(() => redis.select(settings.db));
  try {
    await Promise.race([connecting, silence()]);
  } catch (e) {
    connecting.catch(() => undefined);
    redis.disconnect();
    if (e instanceof Error && e.name === 'ReplyError') reason = reasonOf(e);
    throw new UserError(`--queue ${shown}: ${safe(reason)}${adviceFor(reason)}`);
  }
  isThere = true;
  const queue = new packages.Queue(QUEUE, { connection: redis });
  // the connection's own are told
  queue.on('error', () => {});
  const gone = async (): Promise<void> => {
    for (let since = performance.now(); performance.now() - since < PATIENCE; ) {
      await sleep(LOOK, undefined, { ref: false });
      if (!isLost) since = performance.now();
    }
  };
  const close = async (): Promise<void> => {
    await queue.close();
    redis.disconnect();
  };
  return { packages, redis, queue, address: shown, close, gone };
}

/** Ends with an exception when a server has had its time. */
function silence(): Promise<never> {
  return new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error('silence')).unref());
}

/** BullMQ warns of a server by the console, once a connection. What it says comes from the server, and is said once. */
function tellWarnings(): void {
  const said = new Set<string>();
  console.warn = (warning: unknown) => {
    const text = String(warning);
    if (!said.has(text)) tell(text);
    said.add(text);
  };
}

function adviceFor(reason: string): string {
  if (/NOAUTH|WRONGPASS|invalid.*password/i.test(reason))
    return '; the password stands in the address, redis://:PASSWORD@HOST, or better in CLRSCOPE_QUEUE';
  if (/certificate|SSL|TLS|altname/i.test(reason))
    return '; NODE_EXTRA_CA_CERTS names the file of an authority of your own';
  if (/DB index/.test(reason)) return '; the number of the database stands behind the / of the address';
  return '; is a Redis or Valkey server running there, with TLS for rediss:// alone?';
}

function settingsOf(address: string): { settings: Omit<RedisSettings, 'retryStrategy'>; shown: string } {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isSecure = SCHEMES[url?.protocol ?? ''];
  const [, db] = /^\/?(\d{0,4})$/.exec(url?.pathname ?? '') ?? [];
  const isPlain = url?.search === '' && url.hash === '';
  if (url === null || isSecure === undefined || url.hostname === '' || db === undefined || !isPlain)
    // the address itself may hold a password
    throw new UsageError('--queue takes redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const settings = {
    host,
    port: Number(url.port || 6379),
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db),
    // an address is no name that a certificate could be asked by
    tls: isSecure ? (isIP(host) === 0 ? { servername: host } : {}) : undefined,
    connectTimeout: PATIENCE,
    lazyConnect: true,
    maxRetriesPerRequest: null,
  } as const;
  return { settings, shown: safe(`${url.protocol}//${url.hostname}:${settings.port}${db === '' ? '' : `/${db}`}`) };
}

/** A part of an address before its @; undefined where there is none. */
function decoded(text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text);
  } catch {
    throw new UsageError('--queue: a % in a user or password is written %25');
  }
}
