/** What content of HTTP (RFC 9110 8.4.1) and files are compressed by. */

/** `deflate` is zlib's format, or, as some send it, what is inside of that. */
export type Compression = 'gzip' | 'deflate';

/** What captures are compressed by as a whole. */
export type FileCompression = 'gzip' | 'zstd' | 'lz4';

/** Whether bytes begin as zlib's format does (RFC 1950 2.2). */
export function isZlib(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (bytes[0] & 0x0f) === 8 && (bytes[0] * 256 + bytes[1]) % 31 === 0;
}
