/** Node. */
import { createRequire } from 'node:module';
import type * as re2js from 're2js';

export { type ByteSource, StreamBytes } from './byte-source.js';
export type { FileCompression } from './compression.js';
export { aesDecrypt, aesEncrypt, aesOpen, hash, hmac, md5Mac, pbkdf2, sha256 } from './node/crypto.js';
export { decompressed } from './node/decompressed.js';
export { nameBeside, openNamed, readNamed, sizeOfNamed } from './node/files.js';
export { inflate } from './node/inflate.js';
export { systemErrorText } from './node/system-error.js';
export { hexText, isUtf8, latin1Text, utf8Text, utf16Units, writeUtf8 } from './node/text.js';
export { zoneAt } from './node/zone.js';
export type { AeadMode, HashName, Mac } from './platform.js';
export { type RandomAccess, RandomAccessBytes } from './random-access.js';
export { isUrl, shownName } from './url.js';

export function regexEngine(): typeof re2js {
  return createRequire(import.meta.url)('re2js');
}
