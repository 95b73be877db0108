/** The one list of what is written out instead of shown, and JSON that does not parse. */
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/core/json-text.js';
import { nearest } from '../../src/core/nearest.js';
import { safe, safeLines, steerless, steers } from '../../src/core/safe-text.js';

const UNSEEN = [
  ...[0x7f, 0x80, 0x9f, 0xad, 0x34f, 0x61c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[
    0x202a, 0x202e, 0x2060, 0x2064, 0x2066, 0x206f, 0x3164, 0xfe0f, 0xfeff, 0xfff9, 0xfffb, 0xe0001, 0xe0041, 0xe0100,
  ],
];

describe('safe text', () => {
  it.each(UNSEEN)('U+%d is written out, in text and in JSON alike', (code) => {
    const c = String.fromCodePoint(code);
    expect(safe(`a${c}b`)).toMatch(/^a(\\u[0-9a-f]{4})+b$/);
    expect(steers(`a${c}b`)).toBe(true);
    const json = JSON.stringify({ text: `→${c}` });
    expect(steerless(json)).not.toContain(c);
    expect(JSON.parse(steerless(json))).toEqual({ text: `→${c}` });
  });

  it('controls below a blank are written out in text, and lone surrogates', () => {
    for (let code = 0; code < 0x20; code++)
      expect(safe(String.fromCharCode(code))).toMatch(/^\\(u00[01][0-9a-f]|[btnvfr])$/);
    expect(safe('\ud800x')).toBe('\\ud800x');
  });

  it('what is seen stays', () => {
    for (const text of ['grün → 日本 😀 עברית العربية', 'x'.repeat(100), '"\\/']) {
      expect(safe(text)).toBe(text);
      expect(steers(text)).toBe(false);
    }
    expect(safeLines('a\u001b\nb')).toBe('a\\u001b\nb');
  });
});

describe('JSON of people', () => {
  const failure = (text: string | Uint8Array): string => {
    try {
      parseJson(Buffer.from(text as string));
    } catch (e) {
      return (e as Error).message;
    }
    return '';
  };

  it.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a": 1,}', 1, 9],
    ['[1 2]', 1, 4],
    ['{\n  "a": tru\n}', 2, 8],
    ['{\n\n"a" 1}', 3, 5],
    ['{"a": "x\ny"}', 1, 7],
    ["{'a': 1}", 1, 2],
    ['[01]', 1, 3],
    ['"\\x"', 1, 1],
    ['[1]]', 1, 4],
    ['[[[}', 1, 4],
  ])('%j: line and column, and nothing of the text', (text, line, column) => {
    expect(failure(text)).toContain(`it is not JSON (line ${line}, column ${column}`);
  });

  it('is read in UTF-8 and UTF-16, with a mark and without', () => {
    const text = '{"a": "ü"}';
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), utf16, Buffer.from(utf16).swap16()])
      expect(parseJson(bytes)).toEqual({ a: 'ü' });
  });

  it('attack: a million brackets take no stack', () => {
    expect(failure('['.repeat(1e6))).toContain('line 1, column 1000001');
  });
});

it('suggests what is near, and nothing for short or strange words', () => {
  const known = ['calls', 'objects', 'stats', 'audit', 'sll', 'ioi'];
  expect(['cals', 'obects', 'audti', 'STATS', 'smb', 'foo', 'completion'].map((w) => nearest(w, known))).toEqual([
    ...['calls', 'objects', 'audit', 'stats', null, null, null],
  ]);
});
