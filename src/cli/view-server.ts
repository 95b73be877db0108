/**
 * Hands out the page and the captures that it was given, to this machine alone. Whoever asks must know the token of the
 * address; other pages of the browser are kept off by Host and Origin (a name that leads here is not enough). What is
 * asked for is looked up in a table: no path that comes in is ever opened.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { requestedRange } from './range.js';

/** A capture of the page, by the name that it has there: a file, or the files of a group in order. */
export interface NamedCapture {
  readonly name: string;
  readonly files: readonly string[];
}

/** What the page calls hosts, by address, and interfaces of which the user said the name. */
export interface Names {
  readonly hosts: readonly (readonly [address: string, name: string])[];
  readonly interfaces: readonly RpcInterface[];
}

/** What stands behind an address: bytes in memory, compressed ones, some that are made when they are asked for, or a file. */
type Entry = { readonly type: string } & (
  | { readonly bytes: Buffer }
  | { readonly gzip: Buffer }
  | { readonly make: () => Buffer }
  /** With a state (`stateOf`) as long as the file is in it. */
  | { readonly path: string; readonly state?: string | undefined }
);

/** The page, served. */
export interface ServedPage {
  /** Where it is, as `http://127.0.0.1:PORT/TOKEN/`. */
  readonly address: string;
  readonly server: http.Server;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
};
const BINARY = 'application/octet-stream';

/** Bytes that a read of a capture takes at a time. */
const READ = 1 << 20;

/**
 * Serves the page on the loopback address until the server is closed.
 * @param folder where the page was built
 * @param captures in the order in which the page offers them
 * @param names what hosts, classes and interfaces are called there
 * @param port 0 for any that is free
 * @throws the error of the operating system where the port cannot be had
 */
export async function servePage(
  folder: string,
  captures: readonly NamedCapture[],
  names: Names,
  port: number,
): Promise<ServedPage> {
  const token = randomBytes(16).toString('hex');
  const { table, policy } = tableOf(folder, captures, names);
  const headers = {
    'content-security-policy': `${policy}; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  };
  const server = http.createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { port: own } = server.address() as AddressInfo;
    const [status, more] = refusal(request, own);
    if (status !== null) end(response, status, more);
    else answer(request, response, entryOf(request.url ?? '', token, table));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}/`, server };
}

/** All that can be asked for, by the part of the address behind the token; and the page's content security policy. */
function tableOf(
  folder: string,
  captures: readonly NamedCapture[],
  names: Names,
): { table: ReadonlyMap<string, Entry>; policy: string } {
  const table = new Map<string, Entry>();
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const isGzip = path.endsWith('.gz');
    // where it was built, what is compressed stands beside itself
    if (!isGzip && existsSync(`${path}.gz`)) continue;
    const name = path.slice(join(folder, '/').length, isGzip ? -'.gz'.length : undefined).replaceAll('\\', '/');
    const type = TYPES[extname(name)] ?? BINARY;
    table.set(name, isGzip ? { type, gzip: readFileSync(path) } : { type, bytes: readFileSync(path) });
  }
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  table.set('', {
    type: TYPES['.html'],
    bytes: Buffer.from(
      html.replace(
        '<!-- captures -->',
        '<link rel="captures" href="captures.json"><link rel="names" href="names.json">',
      ),
    ),
  });
  const offered = (): Buffer => Buffer.from(JSON.stringify(captures.map(offeredAs)));
  table.set('captures.json', { type: TYPES['.json'], make: offered });
  table.set('names.json', { type: TYPES['.json'], bytes: Buffer.from(JSON.stringify(names)) });
  for (const [number, { files }] of captures.entries())
    for (const [part, path] of files.entries()) table.set(placeOf(number, part), { type: BINARY, path });
  // one description: the page has it for when nobody serves it
  const policy = /content="(default-src [^"]*)"/.exec(html)?.[1] ?? "default-src 'none'";
  return { table, policy };
}

/** Where a file of a capture is asked for. */
function placeOf(number: number, part: number): string {
  return part === 0 ? `capture/${number}` : `capture/${number}.${part}`;
}

/** A file as the page is told of it: where its bytes are, as long as they are those of this file. */
function offeredFile(path: string, place: string): { size: number; at: string } {
  const state = stateOf(path, HEAD);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return { size, at: state === null ? place : `${place}/${state}` };
}

/** A capture as the page is told of it; of a group, all its files. */
function offeredAs({ name, files }: NamedCapture, number: number): object {
  const parts = files.map((path, part) => offeredFile(path, placeOf(number, part)));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return { name, size, at: parts[0].at, ...(parts.length > 1 ? { parts } : {}) };
}

/** Bytes that captures are told apart by. */
const HEAD = 4096;

/** What the beginning of a file is known by, of so many bytes: a file that grows is the same. Null where it is gone. */
function stateOf(path: string, most: number): string | null {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(most);
      const length = readSync(file, head, 0, most, 0);
      const digest = createHash('sha256').update(head.subarray(0, length)).digest('hex');
      return `${length}-${digest.slice(0, 16)}`;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** Why a request is refused whatever it asks for; null where it is not. */
function refusal({ headers, method }: http.IncomingMessage, port: number): [number | null, http.OutgoingHttpHeaders?] {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return [403];
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) return [403];
  return method === 'GET' || method === 'HEAD' ? [null] : [405, { allow: 'GET, HEAD' }];
}

/** What an address leads to; the token is compared in the same time whatever it is. */
function entryOf(url: string, token: string, table: ReadonlyMap<string, Entry>): Entry | undefined {
  const [, given = '', name] = /^\/([^/]*)\/(.*)$/.exec(url) ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (!timingSafeEqual(digest(given), digest(token)) || name === undefined) return undefined;
  const [, capture, state] = /^(capture\/[\d.]+)\/(\d{1,4}-[0-9a-f]{16})$/.exec(name) ?? [];
  const entry = table.get(capture ?? name);
  return entry !== undefined && 'path' in entry ? { ...entry, state } : entry;
}

function answer(request: http.IncomingMessage, response: http.ServerResponse, entry: Entry | undefined): void {
  if (entry === undefined) {
    end(response, 404);
    return;
  }
  response.setHeader('content-type', entry.type);
  const isHead = request.method === 'HEAD';
  if (!('path' in entry)) {
    const bytes = bytesOf(entry, request, response);
    response.writeHead(200, { 'content-length': bytes.length }).end(isHead ? undefined : bytes);
    return;
  }
  const size = statSync(entry.path, { throwIfNoEntry: false })?.size;
  const { state } = entry;
  // it was there when the program began, and as it was when the page was told of it
  if (size === undefined || (state !== undefined && stateOf(entry.path, Number.parseInt(state, 10)) !== state)) {
    response.statusMessage = size === undefined ? 'Its file is gone' : 'Its file is another one by now';
    end(response, 410);
    return;
  }
  response.setHeader('accept-ranges', 'bytes');
  // nothing tells one state of a file from another: a range of an earlier one cannot be asked for
  const wanted = isHead || request.headers['if-range'] !== undefined ? undefined : request.headers.range;
  const range = requestedRange(wanted, size);
  if (range === 'none') {
    end(response, 416, { 'content-range': `bytes */${size}` });
    return;
  }
  const [start, stop] = range ?? [0, size];
  response.writeHead(range === null ? 200 : 206, {
    'content-length': stop - start,
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${stop - 1}/${size}` }),
  });
  if (isHead || start === stop) response.end();
  // a reader that goes away, and a file that has become shorter, end the connection
  else pipeline(createReadStream(entry.path, { start, end: stop - 1, highWaterMark: READ }), response, () => {});
}

/** An encoding that is accepted (RFC 9110, 12.5.3): not one of weight 0. */
const GZIP = /(?:^|,)\s*gzip\s*(?:;\s*q=(?:1|0\.0*[1-9])[^,]*)?(?:,|$)/i;

/** What an entry's answer holds: compressed where whoever asks takes that, which a header then says. */
function bytesOf(
  entry: Exclude<Entry, { path: string }>,
  { headers }: http.IncomingMessage,
  response: http.ServerResponse,
): Buffer {
  if ('bytes' in entry) return entry.bytes;
  if ('make' in entry) return entry.make();
  if (!GZIP.test(String(headers['accept-encoding']))) return gunzipSync(entry.gzip);
  response.setHeader('content-encoding', 'gzip');
  return entry.gzip;
}

function end(response: http.ServerResponse, status: number, headers: http.OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { ...headers, 'content-length': 0 }).end();
}
