/**
 * All bytes of an address, one behind the other. A connection that breaks is taken up where it broke; a server that
 * knows no ranges begins anew, and what came already is passed over. What changed meanwhile is never mixed.
 */
import { StreamBytes } from '../../byte-source.js';
import type { Opened } from '../../platform.js';
import { type Asking, answerTo, bodyOf, PATIENCE, type Patience, pause, persistently } from './answer.js';
import { NoAnswer } from './no-answer.js';
import { Pace } from './pace.js';
import { learnSize } from './sizes.js';
import { mustBeSame, type Part, partOf, sameVersion, type Version } from './version.js';

/**
 * Opens an address.
 * @param signal ends it early: what is opened then has no more bytes
 * @throws NoAnswer
 */
export async function openUrl(address: string, signal?: AbortSignal, patience: Patience = PATIENCE): Promise<Opened> {
  const stop = new AbortController();
  const forward = (): void => stop.abort();
  signal?.addEventListener('abort', forward);
  if (signal?.aborted === true) stop.abort();
  const asking: Asking = { headers: {}, patience, signal: stop.signal };
  const close = (): void => {
    signal?.removeEventListener('abort', forward);
    stop.abort();
  };
  try {
    const first = await persistently(async () => partOf(await answerTo(address, asking), 0), asking);
    const { size } = first.version;
    learnSize(address, size);
    return { source: Promise.resolve(new TransferBytes(chunksFrom(address, first, asking), close)), size };
  } catch (e) {
    close();
    throw e;
  }
}

class TransferBytes extends StreamBytes {
  constructor(
    chunks: AsyncIterable<Uint8Array>,
    private readonly end: () => void,
  ) {
    super(chunks);
  }

  /** Ends a read under way too. */
  override async close(): Promise<void> {
    this.end();
    await super.close();
  }
}

async function* chunksFrom(address: string, first: Part, asking: Asking): AsyncGenerator<Uint8Array> {
  const { version } = first;
  const { size } = version;
  const { patience, signal } = asking;
  // without an end it may be what is captured now
  const pace = size === null ? null : new Pace();
  let at = 0;
  let attempts = 0;
  for (let part: Part | null = first; ; part = null)
    try {
      part ??= await partFrom(address, at, version, asking);
      let passed = part.start;
      for await (const chunk of bodyOf(part.answer, asking)) {
        pace?.came(chunk.length, patience);
        const fresh = chunk.subarray(Math.min(chunk.length, at - passed));
        passed += chunk.length;
        if (fresh.length === 0) continue;
        if (size !== null && at + fresh.length > size)
          throw new NoAnswer(`the server sends more than the ${size} bytes that it told`, 'never');
        at += fresh.length;
        attempts = 0;
        yield fresh;
        pace?.begin();
      }
      if (at === (size ?? at)) return;
      throw new NoAnswer('the connection ended early', 'soon');
    } catch (e) {
      if (signal.aborted || at === size) return;
      if (!(e instanceof NoAnswer)) throw e;
      if (e.passing === 'never' || attempts === patience.pauses.length) throw new Error(withPlace(e, at, size));
      await pause(patience.pauses[attempts++], signal);
    }
}

/** What comes from a byte on. */
async function partFrom(address: string, at: number, version: Version, asking: Asking): Promise<Part> {
  const headers = at === 0 ? {} : { range: `bytes=${at}-`, ...sameVersion(version) };
  const part = partOf(await answerTo(address, { ...asking, headers }), at);
  if (at > 0)
    try {
      mustBeSame(version, part.version);
    } catch (e) {
      part.answer.destroy();
      throw e;
    }
  return part;
}

function withPlace(e: NoAnswer, at: number, size: number | null): string {
  return `${e.message} (${at}${size === null ? '' : ` of ${size}`} bytes came)`;
}
