/** Decompression of what is in memory, by node:zlib. */
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Compression, isZlib } from '../compression.js';

export function inflate(kind: Compression, bytes: Uint8Array, most: number): Uint8Array | 'limit' | 'damaged' {
  const unpack = kind === 'gzip' ? gunzipSync : isZlib(bytes) ? inflateSync : inflateRawSync;
  try {
    const { buffer, byteOffset, length } = unpack(bytes, { maxOutputLength: most });
    return new Uint8Array(buffer, byteOffset, length);
  } catch (e) {
    return (e as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'limit' : 'damaged';
  }
}
