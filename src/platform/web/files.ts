/** What a URL stands for: a file of a server, or one that the user chose (`URL.createObjectURL`). */
import { StreamBytes } from '../byte-source.js';
import type { Opened } from '../platform.js';
import { RandomAccessBytes } from '../random-access.js';

export async function openNamed(name: string, signal?: AbortSignal): Promise<Opened> {
  const first = await fetch(name, { headers: { range: 'bytes=0-0' }, signal: signal ?? null });
  const [, total] = /^bytes .*\/(\d+)$/.exec(first.headers.get('content-range') ?? '') ?? [];
  if (total === undefined) return { source: Promise.resolve(new StreamBytes(chunks(checked(first)))), size: null };
  // a connection whose answer nobody reads stays taken, and browsers have six
  await first.arrayBuffer();
  const size = Number(total);
  const range = (from: number, to: number): Promise<Response> =>
    fetch(name, { headers: { range: `bytes=${from}-${to - 1}` }, signal: signal ?? null });
  const read = async (offset: number, length: number): Promise<Uint8Array> =>
    bytesOf(await range(offset, offset + length));
  const stream = async (offset: number): Promise<ReadableStream<Uint8Array>> => {
    const { status, statusText, body } = await range(offset, size);
    if (status !== 206 || body === null) throw new Error(`the server answers ${status} ${statusText}`.trim());
    return body;
  };
  return { source: Promise.resolve(new RandomAccessBytes({ size, read, stream })), size };
}

export async function sizeOfNamed(name: string): Promise<number> {
  const { ok, headers } = await fetch(name, { method: 'HEAD' });
  return ok ? Number(headers.get('content-length') ?? 0) : 0;
}

export async function readNamed(name: string): Promise<Uint8Array> {
  return bytesOf(await fetch(name));
}

export function nameBeside(file: string, name: string): string {
  const { location } = globalThis as { location?: { href: string } };
  return new URL(name, new URL(file, location?.href)).href;
}

export const systemErrorText = (_errno: number): null => null;

function checked(response: Response): Response {
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
  return response;
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await checked(response).arrayBuffer());
}

async function* chunks({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) yield next.value;
  } finally {
    await reader?.cancel();
  }
}
