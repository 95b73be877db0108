/** Decompression of what is in memory, in JavaScript. */
import { Inflate } from 'pako';
import { type Compression, isZlib } from '../compression.js';

/** Thrown out of pako, which has no other way to be stopped. */
const TOO_MUCH = Symbol('more than wanted');

export function inflate(kind: Compression, bytes: Uint8Array, most: number): Uint8Array | 'limit' | 'damaged' {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const inflater = new Inflate({ windowBits: kind === 'gzip' ? 31 : isZlib(bytes) ? 15 : -15 });
  inflater.onData = (chunk) => {
    length += chunk.length;
    if (length > most) throw TOO_MUCH;
    chunks.push(chunk);
  };
  try {
    inflater.push(bytes, true);
  } catch (e) {
    if (e !== TOO_MUCH) throw e;
    return 'limit';
  }
  if (inflater.err !== 0 || !inflater.ended) return 'damaged';
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
