/**
 * What the engine asks of the machine it runs on. `node.ts` and `web.ts` have these functions; the rooms import them
 * from `#platform`, which package.json leads to one of the two: nothing has to be handed through, and a bundle holds
 * of them only what is used.
 */
import type * as re2js from 're2js';
import type { ByteSource } from './byte-source.js';
import type { Compression, FileCompression } from './compression.js';
import type { Zone } from './posix-zone.js';

/** Digests that captures and their secrets need. */
export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Modes of AES that encrypt and sign in one, as SMB 3 uses them. */
export type AeadMode = 'ccm' | 'gcm';

/** The authentication code of parts, one behind the other. */
export type Mac = (...parts: readonly Uint8Array[]) => Uint8Array;

/** A source of bytes that has a name here. */
export interface Opened {
  readonly source: Promise<ByteSource>;
  /** How many bytes there are; null where that is not known, and more may come at any time. */
  readonly size: number | null;
}

/** One interface for all machines. */
export interface Platform {
  /** Lower-case hex. */
  hexText(bytes: Uint8Array): string;
  /** Each byte from `start` to `end` as a character. */
  latin1Text(bytes: Uint8Array, start: number, end: number): string;
  /** UTF-8 from `start` to `end`; what does not decode becomes U+FFFD. */
  utf8Text(bytes: Uint8Array, start: number, end: number): string;
  /** Whether bytes are UTF-8. */
  isUtf8(bytes: Uint8Array): boolean;
  /** UTF-16, little endian, of an even number of bytes; lone surrogates stay. */
  utf16Units(bytes: Uint8Array): string;
  /** Writes text as UTF-8 where there is room for all of it; returns how many bytes it took. */
  writeUtf8(text: string, into: Uint8Array, at: number): number;

  /** The digest of parts, one behind the other. */
  hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array;
  /** SHA-256 in lower-case hex. */
  sha256(bytes: Uint8Array): string;
  /** HMAC (RFC 2104) of parts, one behind the other. */
  hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC with MD5 under one key, for those who use it often. */
  md5Mac(key: Uint8Array): Mac;
  /** PBKDF2 (RFC 8018 5.2) with HMAC; the password as UTF-8. */
  pbkdf2(name: HashName, password: string, salt: Uint8Array, iterations: number, length: number): Uint8Array;
  /** AES of whole blocks, in CBC with a zero initial vector. The result may be changed. */
  aesEncrypt(mode: 'cbc' | 'ecb', key: Uint8Array, text: Uint8Array): Uint8Array;
  aesDecrypt(mode: 'cbc' | 'ecb', key: Uint8Array, text: Uint8Array): Uint8Array;
  /**
   * AES in CCM (RFC 3610) or GCM (NIST SP 800-38D): the clear text, null where the tag does not check.
   * @param nonce 11 bytes in CCM, 12 in GCM
   * @param around what is signed and not encrypted, 1 to 65279 bytes
   * @param tag 16 bytes
   */
  aesOpen(
    mode: AeadMode,
    key: Uint8Array,
    nonce: Uint8Array,
    around: Uint8Array,
    text: Uint8Array,
    tag: Uint8Array,
  ): Uint8Array | null;

  /** A source on what `from`, compressed, holds; what is unpacked is given while more is waited for. */
  decompressed(kind: FileCompression, from: ByteSource): ByteSource;
  /** What `bytes`, compressed, hold, all of them: `limit` where that is more than `most` bytes, `damaged` where they hold nothing whole. */
  inflate(kind: Compression, bytes: Uint8Array, most: number): Uint8Array | 'limit' | 'damaged';
  /**
   * Opens what a name stands for: a path, `-` for standard input, an address (`isUrl`); in a browser any URL. Rejects
   * where there is nothing.
   * @param signal ends the waiting for bytes that do not come
   */
  openNamed(name: string, signal?: AbortSignal): Promise<Opened>;
  /** How many bytes a name stands for; 0 where that is not known, and where there is nothing. */
  sizeOfNamed(name: string): Promise<number>;
  /** All bytes of what a name stands for. */
  readNamed(name: string): Promise<Uint8Array>;
  /** The name that `name`, which stands in `file`, has here. */
  nameBeside(file: string, name: string): string;
  /** What the clocks of the machine's time zone show at a time, in milliseconds since 1970. */
  readonly zoneAt: Zone;
  /** What the operating system calls an error of this number; null where it has no word for it. */
  systemErrorText(errno: number): string | null;

  /** The engine of `matches`, loaded when it is asked for. */
  regexEngine(): typeof re2js;
}
