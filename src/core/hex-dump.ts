/** Hex dumps that people have: plain digits, xxd, `hexdump -C`, bytes as programs write them. Offsets before and text behind the digits are left out. */
import { fromHex } from './bytes.js';
import { UserError } from './user-error.js';

/** What a dump holds. */
export interface HexDump {
  readonly bytes: Uint8Array;
  /** Whether all digits stand in groups of eight: they may be words. */
  readonly inWords: boolean;
}

/**
 * Reads a dump.
 * @param what names the file, for the message
 * @throws UserError with the line that holds no hex
 */
export function readHexDump(text: string, what: string): HexDump {
  const groups: string[] = [];
  for (const [number, spelled] of text.split(/\r?\n/).entries()) {
    const line = apart(spelled);
    const digits = line.replace(/^\s*(0x)?[0-9a-f]{4,16}(:\s?|\s{2,}(?=[0-9a-f]{2}\s))/i, '').replace(/\|.*$/, '');
    let room = digits === line ? Number.POSITIVE_INFINITY : 32;
    for (const token of digits.trim().split(/(\s{3,}|[\s,;]+)/)) {
      if (/^\s{3,}$/.test(token) && groups.length > 0) break;
      if (/^[\s,;]*$/.test(token)) continue;
      const hex = token.replace(/^(0x|\\x)/i, '').replace(/h$/i, '');
      if (hex.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(hex) || hex.length > room) {
        if (groups.length === 0 || digits.trim().startsWith(token))
          throw new UserError(`${what}: line ${number + 1}: ${JSON.stringify(token.slice(0, 20))} is no hex`);
        break;
      }
      groups.push(hex);
      room -= hex.length;
    }
  }
  return { bytes: fromHex(groups.join('')), inWords: groups.every((group) => group.length % 8 === 0) };
}

/** `00-01`, `00:01`, `\x00\x01`, `%00%01`, `b"…"`, `{0x00, 0x01}`: bytes with blanks between them. */
function apart(line: string): string {
  return line
    .replace(/(?:\\x|%)(?=[0-9a-f]{2})/gi, ' ')
    .replace(/(?<![0-9a-z])[0-9a-f]{2}(?:[:-][0-9a-f]{2})+(?![0-9a-z])[:-]?/gi, (bytes) => bytes.replace(/[:-]/g, ' '))
    .replace(/^\s*b(?=["'])|["'{}()[\]]|\\$/g, ' ');
}

/** The bytes of little-endian words of four bytes; what is no whole word is left out. */
export function fromWords(bytes: Uint8Array): Uint8Array {
  const words = bytes.slice(0, bytes.length & ~3);
  for (let at = 0; at < words.length; at += 4) words.subarray(at, at + 4).reverse();
  return words;
}
