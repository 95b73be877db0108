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
 * Connects to the queue.
 * @param address `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss:` for TLS
 * @throws UsageError where the address is none; UserError where the server does not answer, or refuses
 */
export async function connect(address: string, command: string): Promise<Connected> {
  const { settings, shown } = settingsOf(address);
  const packages = await loadPackages(command);
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
  const connecting = redis.connect();
  try {
    await Promise.race([connecting, silence()]);
  } catch {
    connecting.catch(() => undefined);
    redis.disconnect();
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

function adviceFor(reason: string): string {
  if (/NOAUTH|WRONGPASS|invalid.*password/i.test(reason))
    return '; the password stands in the address, redis://:PASSWORD@HOST, or better in CLRSCOPE_QUEUE';
  if (/certificate|SSL|TLS|altname/i.test(reason))
    return '; NODE_EXTRA_CA_CERTS names the file of an authority of your own';
  return '; is a Redis or Valkey server running there, with TLS for rediss:// alone?';
}

function settingsOf(address: string): { settings: Omit<RedisSettings, 'retryStrategy'>; shown: string } {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isSecure = SCHEMES[url?.protocol ?? ''];
  const [, db] = /^\/?(\d{0,4})$/.exec(url?.pathname ?? '') ?? [];
  if (url === null || isSecure === undefined || url.hostname === '' || db === undefined)
    // the address itself may hold a password
    throw new UsageError('--queue takes redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const settings = {
    host,
    port: Number(url.port || 6379),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    db: Number(db),
    // an address is no name that a certificate could be asked by
    tls: isSecure ? (isIP(host) === 0 ? { servername: host } : {}) : undefined,
    connectTimeout: PATIENCE,
    lazyConnect: true,
    maxRetriesPerRequest: null,
  } as const;
  return { settings, shown: safe(`${url.protocol}//${url.hostname}:${settings.port}${db === '' ? '' : `/${db}`}`) };
}
