/** Texts in which bytes are written down: how their characters are stored, and base64 as it stands in other texts. */

/** A file's text: UTF-16 where it has its mark or a zero in every second byte, else UTF-8. */
export function writtenText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second < 0x80))
    return new TextDecoder('utf-16be').decode(bytes);
  const isLittle = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0 && first < 0x80);
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-8').decode(bytes);
}

/**
 * Base64 alone, out of what stands around and in it: quotes, blanks, the lines around PEM, `name=` of a form, a data URL, and the
 * escapes of URLs (RFC 3986 2.1), of JSON, of XML and of strings in programs.
 */
export function bareBase64(text: string): string {
  const character = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
  const bare = text
    .replace(/^-----.*$/gm, '')
    .replace(/%([0-9a-f]{2})/gi, character)
    .replace(/\\u00([0-9a-f]{2})/gi, character)
    .replace(/&#x([0-9a-f]{2});/gi, character)
    .replace(/&#(\d{2});/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\\[nrt]/g, '')
    .replace(/[\s"'`\\]+/g, '');
  const marked = bare.indexOf(';base64,');
  return (marked < 0 ? bare : bare.slice(marked + 8)).replace(/^[A-Za-z_]\w*=(?=[^=&])/, '');
}
