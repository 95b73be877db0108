/** Browsers, and whatever else has the web's functions. */
import * as re2js from 're2js';

export { type ByteSource, StreamBytes } from './byte-source.js';
export type { FileCompression } from './compression.js';
export type { AeadMode, HashName, Mac } from './platform.js';
export { type RandomAccess, RandomAccessBytes } from './random-access.js';
export { isUrl, shownName } from './url.js';
export { aesDecrypt, aesEncrypt, aesOpen, hash, hmac, md5Mac, pbkdf2, sha256 } from './web/crypto.js';
export { decompressed } from './web/decompressed.js';
export { nameBeside, openNamed, readNamed, sizeOfNamed, systemErrorText } from './web/files.js';
export { inflate } from './web/inflate.js';
export { hexText, isUtf8, latin1Text, utf8Text, utf16Units, writeUtf8 } from './web/text.js';
export { zoneAt } from './zone.js';

export function regexEngine(): typeof re2js {
  return re2js;
}
