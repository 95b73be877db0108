/**
 * One answer of a server (RFC 9110): redirects are followed, silence ends the waiting, and what went wrong is said in
 * words. Node's own HTTP is loaded when the first address is read.
 */
import type * as http from 'node:http';
import { createRequire } from 'node:module';
import { NoAnswer, noAnswer } from './no-answer.js';

/** How long a server is waited for. */
export interface Patience {
  /** Milliseconds without a byte. */
  readonly silence: number;
  /** So many bytes come at least in so many milliseconds of waiting, where they are to come to an end. */
  readonly least: { readonly bytes: number; readonly milliseconds: number };
  /** Milliseconds in front of each further attempt after the first. */
  readonly pauses: readonly number[];
}

export const PATIENCE: Patience = {
  silence: 30_000,
  // slower than any network that files are fetched over
  least: { bytes: 1 << 20, milliseconds: 600_000 },
  pauses: [500, 1000, 2000, 4000],
};

/** Redirects that are followed. */
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** What is asked for beside an address. */
export interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  readonly patience: Patience;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/**
 * The first answer that leads nowhere else.
 * @throws NoAnswer
 */
export async function answerTo(address: string, asking: Asking): Promise<http.IncomingMessage> {
  let url = urlOf(address, undefined);
  for (let redirects = 0; ; redirects++) {
    const answer = await firstAnswer(url, asking);
    const { statusCode = 0, headers } = answer;
    if (!REDIRECTS.includes(statusCode)) return answer;
    answer.destroy();
    if (redirects === MOST_REDIRECTS)
      throw new NoAnswer(`it leads elsewhere more than ${MOST_REDIRECTS} times, perhaps in a circle`, 'never');
    const next = urlOf(headers.location ?? '', url);
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      throw new NoAnswer('it leads from https:// to http://, where anybody could read along: not followed', 'never');
    url = next;
  }
}

function urlOf(address: string, base: URL | undefined): URL {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch {
    throw new NoAnswer(base === undefined ? 'it is no address' : 'it leads to what is no address', 'never');
  }
  if (!/^https?:$/.test(url.protocol)) throw new NoAnswer('it leads to what is no address of the web', 'never');
  return url;
}

function firstAnswer(url: URL, { headers, patience, signal }: Asking): Promise<http.IncomingMessage> {
  const { get } = createRequire(import.meta.url)(`node:${url.protocol.slice(0, -1)}`) as typeof http;
  return new Promise((resolve, reject) => {
    // bytes are wanted as they are stored: by their places they are asked for again
    const request = get(url, { headers: { 'accept-encoding': 'identity', ...headers }, signal });
    const watch = new Watch(patience.silence, (silent) => request.destroy(silent));
    watch.begin();
    request.on('response', (answer) => {
      watch.end();
      resolve(answer);
    });
    const failed = (e: unknown): void => {
      watch.end();
      reject(noAnswer(e));
    };
    request.on('error', failed);
    // of what became another protocol nothing else is told
    request.on('close', () => failed({ code: 'ECONNRESET' }));
  });
}

/**
 * The bytes of an answer as they come. Who stops taking them ends the connection.
 * @throws NoAnswer
 */
export async function* bodyOf(answer: http.IncomingMessage, { patience }: Asking): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  const watch = new Watch(patience.silence, (silent) => answer.destroy(silent));
  try {
    for (;;) {
      watch.begin();
      const { value, done } = await chunks.next();
      watch.end();
      if (done) return;
      yield value;
    }
  } catch (e) {
    throw noAnswer(e);
  } finally {
    watch.end();
    answer.destroy();
  }
}

/** Ticks in which nothing comes until a server is silent. */
const TICKS = 20;

/** Tells of a wait that takes too long. It counts ticks: while the program itself is busy, or waits for a reader, are none. */
class Watch {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly silence: number,
    private readonly onSilent: (e: NoAnswer) => void,
  ) {}

  begin(): void {
    let ticks = 0;
    this.timer = setInterval(() => {
      if (++ticks < TICKS) return;
      this.end();
      this.onSilent(new NoAnswer(`nothing comes for ${this.silence / 1000} seconds`, 'perhaps'));
    }, this.silence / TICKS);
  }

  end(): void {
    clearInterval(this.timer);
  }
}

/** Waits, unless the signal comes. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener('abort', over);
    if (signal.aborted) over();
  });
}

/** Does what may fail for a moment, again where it did. */
export async function persistently<T>(act: () => Promise<T>, { patience, signal }: Asking): Promise<T> {
  for (let attempt = 0; ; attempt++)
    try {
      return await act();
    } catch (e) {
      const isOver = attempt === patience.pauses.length || signal.aborted;
      if (isOver || !(e instanceof NoAnswer) || e.passing !== 'soon') throw e;
      await pause(patience.pauses[attempt], signal);
    }
}
