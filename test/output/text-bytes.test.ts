import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digits, TextBytes } from '../../src/output/text-bytes.js';

const text = (out: TextBytes): string => Buffer.from(out.take()).toString();

describe('text as bytes', () => {
  test('pieces of any text come out as the joined text would', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }).map((text) => ({ text })),
      fc.nat(300).map((spaces) => ({ spaces })),
      fc.nat(2 ** 31 - 1).map((decimal) => ({ decimal })),
      fc.uint8Array().map((copy) => ({ copy })),
    );
    const out = new TextBytes();
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const wanted: Buffer[] = [];
        for (const p of pieces) {
          if ('text' in p) out.text(p.text);
          else if ('spaces' in p) out.spaces(p.spaces);
          else if ('decimal' in p) out.decimal(p.decimal);
          else out.copy(p.copy);
          wanted.push(
            'text' in p
              ? Buffer.from(p.text)
              : 'spaces' in p
                ? Buffer.from(' '.repeat(p.spaces))
                : 'decimal' in p
                  ? Buffer.from(String(p.decimal))
                  : Buffer.from(p.copy),
          );
        }
        expect(Buffer.concat(wanted).equals(out.take())).toBe(true);
      }),
    );
  });

  test('what is not printable ASCII is refused and leaves nothing', () => {
    const out = new TextBytes();
    expect(out.printable('name')).toBe(true);
    for (const text of ['a\u001b[2J', 'tab\t', 'del\u007f', 'é', '\u2028', '→'])
      expect(out.printable(text), text).toBe(false);
    expect(text(out)).toBe('name');
  });

  test('a large text grows and is whole; back takes the end away', () => {
    const out = new TextBytes();
    for (let i = 0; i < 100_000; i++) out.text('0123456789→');
    const { length } = out;
    out.text('gone');
    out.back(length);
    const made = text(out);
    expect(made).toBe('0123456789→'.repeat(100_000));
    out.text('new');
    expect(text(out)).toBe('new');
  });

  test('digits', () => {
    for (const n of [0, 9, 10, 99, 100, 2 ** 31 - 1]) expect(digits(n)).toBe(String(n).length);
  });
});
