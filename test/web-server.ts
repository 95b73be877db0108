/** A server whose answers a test makes: right ones with ranges, and all kinds of wrong ones. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestedRange } from '../src/cli/range.js';

/** Where a server listens, and what it was asked. */
export interface Served {
  readonly url: string;
  readonly asked: {
    readonly method: string;
    readonly path: string;
    readonly range: string;
    readonly ifRange: string;
    readonly auth: string;
  }[];
  close(): Promise<void>;
}

/** Starts a server on the loopback address. */
export async function listening(
  answer: RequestListener,
  create: (answer: RequestListener) => Server = createServer,
  protocol = 'http',
): Promise<Served> {
  const asked: Served['asked'] = [];
  const server = create((request, response) => {
    const { range = '', authorization: auth = '', 'if-range': ifRange = '' } = request.headers;
    asked.push({ method: request.method ?? '', path: request.url ?? '', range, ifRange: String(ifRange), auth });
    // who is asked is gone before it has answered: that is what some tests are about
    response.on('error', () => {});
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What an answer may have otherwise than it should. */
export interface Oddities {
  readonly tag?: string | undefined;
  readonly modified?: string | undefined;
  readonly ranges?: boolean;
  /** Bytes of the file behind which the connection breaks. */
  readonly cut?: number | undefined;
}

/** Answers with the bytes of a file, or what of them is asked for (RFC 9110 13.1.5, 14.2). */
export function sendFile(
  { headers }: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  { tag, modified, ranges = true, cut }: Oddities = {},
): void {
  if (tag !== undefined) response.setHeader('etag', tag);
  if (modified !== undefined) response.setHeader('last-modified', modified);
  const isSame = headers['if-range'] === undefined || [tag, modified].includes(headers['if-range'] as string);
  const range = ranges && isSame ? requestedRange(headers.range, file.length) : null;
  if (range === 'none') {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  const [start, end] = range ?? [0, file.length];
  const more = range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${file.length}` };
  response.writeHead(range === null ? 200 : 206, { 'content-length': end - start, ...more });
  if (cut === undefined || cut < start || cut >= end) response.end(file.subarray(start, end));
  else response.write(file.subarray(start, cut), () => response.socket?.destroy());
}

/** How one request is answered, and with which bytes where that are others. */
export type Turn = Oddities & { readonly file?: Uint8Array };

/** Answers requests one after the other as told, from then on rightly. */
export function inTurn(file: Uint8Array, tag: string, turns: readonly Turn[]): RequestListener {
  const left = [...turns];
  return (request, response) => {
    const { file: sent = file, ...odd } = left.shift() ?? { tag };
    sendFile(request, response, sent, odd);
  };
}
