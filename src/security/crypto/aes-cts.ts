/**
 * AES in CBC mode with cipher text stealing and a zero initial vector (RFC 3962 section 5, CBC-CS3): the last two
 * blocks change places, so the text keeps its length. Libraries have CBC alone.
 */
import { aesDecrypt, aesEncrypt } from '#platform';

/** One block of AES, for key derivation. */
export function aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return aesEncrypt('ecb', key, block);
}

/** @param text at least 16 bytes. */
export function ctsEncrypt(key: Uint8Array, text: Uint8Array): Uint8Array {
  const padded = new Uint8Array((text.length + 15) & ~15);
  padded.set(text);
  const cipher = aesEncrypt('cbc', key, padded);
  if (text.length <= 16) return cipher;
  const last = padded.length - 16;
  const out = new Uint8Array(text.length);
  out.set(cipher.subarray(0, last - 16));
  out.set(cipher.subarray(last), last - 16);
  out.set(cipher.subarray(last - 16, text.length - 16), last);
  return out;
}

/** @param text at least 16 bytes. */
export function ctsDecrypt(key: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = new Uint8Array((text.length + 15) & ~15);
  cipher.set(text);
  if (text.length > 16) {
    // What was stolen from the end of the last but one block is in the last one's clear text.
    const last = cipher.length - 16;
    const full = text.subarray(last - 16, last);
    const clear = aesDecrypt('ecb', key, full);
    clear.set(text.subarray(last));
    cipher.set(clear, last - 16);
    cipher.set(full, last);
  }
  const plain = aesDecrypt('cbc', key, cipher);
  return plain.subarray(0, text.length);
}
