/**
 * AES in CBC mode with cipher text stealing and a zero initial vector (RFC 3962 section 5, CBC-CS3): the last two
 * blocks change places, so the text keeps its length. Node has CBC alone.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const ZERO_IV = new Uint8Array(16);

const cipherName = (key: Uint8Array, mode: 'cbc' | 'ecb') => `aes-${key.length * 8}-${mode}`;

/** One block of AES, for key derivation. */
export function aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv(cipherName(key, 'ecb'), key, null).setAutoPadding(false).update(block);
}

/** @param text at least 16 bytes. */
export function ctsEncrypt(key: Uint8Array, text: Uint8Array): Uint8Array {
  const padded = new Uint8Array((text.length + 15) & ~15);
  padded.set(text);
  const cipher = createCipheriv(cipherName(key, 'cbc'), key, ZERO_IV).setAutoPadding(false).update(padded);
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
    const clear = createDecipheriv(cipherName(key, 'ecb'), key, null).setAutoPadding(false).update(full);
    clear.set(text.subarray(last));
    cipher.set(clear, last - 16);
    cipher.set(full, last);
  }
  const plain = createDecipheriv(cipherName(key, 'cbc'), key, ZERO_IV).setAutoPadding(false).update(cipher);
  return plain.subarray(0, text.length);
}
