/** Text that is too long: one ellipsis stands for what is left out, whatever stood where it was cut. */
import { describe, expect, it } from 'vitest';
import { valueText } from '../../dissectors/dcom/value-text.js';
import { describeNrbf } from '../../dissectors/nrbf/index.js';
import { cut } from '../../src/core/text.js';
import { cutTo } from '../../src/output/line-width.js';
import { HERE, read, vectors } from '../nrbf/support.js';

describe('text that is cut', () => {
  it('ends with one ellipsis behind another, and with no half of a character', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('ab…def', 4)).toBe('ab…');
    expect(cut('ab😀ef', 4)).toBe('ab…');
    expect(cut('abc', 0)).toBe('…');
  });

  it('lines of a terminal, in colours too', () => {
    const line = 'call(\u001b[1mab…\u001b[0m, 0011…, {…}) → long result';
    const plain = (text: string): string => text.replaceAll('\u001b[1m', '').replaceAll('\u001b[0m', '');
    for (let width = 1; width < 40; width++) expect(plain(cutTo(line, width))).not.toContain('……');
    expect(cutTo('ab…def', 4)).toBe('ab…');
    expect(cutTo('ab…def', 5)).toBe('ab…d…');
  });

  it('values of calls', () => {
    for (let length = 1; length < 120; length++) {
      const inner = valueText({ a: 'x'.repeat(length), b: Array.from({ length: 9 }, () => 'y'), c: 'z'.repeat(150) });
      expect(inner).not.toContain('……');
    }
  });

  it('NRBF streams, however short', () => {
    for (const { bytes } of vectors(HERE)) {
      const stream = read(bytes);
      for (let most = 8; most < 200; most++) expect(describeNrbf(stream, most)).not.toContain('……');
    }
  });
});
