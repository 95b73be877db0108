import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegexError, regex } from '../../src/filter/regex.js';
import { ROOT } from '../cli.js';

describe('regular expressions', () => {
  it.each([
    ['a', 'xAx', true],
    ['^a', 'ba', false],
    ['a$', 'ba\n', false],
    ['\\Aa\\z', 'a\n', false],
    ['a|b|', '', true],
    ['^(?:ab|cd){2}$', 'abCD', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{2,}$', 'aaaa', true],
    ['a{x', 'A{X', true],
    ['^[^a-c]$', 'B', false],
    ['^[]a]+$', 'a]', true],
    ['^[\\w.-]+$', 'a.b-c_1', true],
    ['[[:digit:]]{3}', 'ab123', true],
    ['[[:^digit:]]', '123', false],
    ['\\bcat\\b', 'a cat.', true],
    ['\\Bcat', 'a cat', false],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?-i)A', 'a', false],
    ['(?-i:A)b', 'AB', true],
    ['a(?-i)B', 'Ab', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?<name>a)+?', 'a', true],
    ['\\x41\\x{42}\\t', 'ab\t', true],
    ['É', 'é', true],
    ['(a*)*b', 'aaab', true],
    ['(|a)+$', 'b', true],
    ['(){3}', '', true],
    ['(){3}', 'anything', true],
    ['(()*){2}b', 'b', true],
  ])('%s in %j: %s', (pattern, text, expected) => {
    expect(regex(pattern).test(text)).toBe(expected);
  });

  it('reads bytes as Latin-1', () => {
    expect(regex('^\\x05\\x00.\\xff$').test(Uint8Array.of(5, 0, 200, 255))).toBe(true);
  });

  it.each([
    '(',
    'a)',
    '[a',
    '*a',
    'a{3,2}',
    '[b-a]',
    '\\',
    '\\1',
    '(?=a)',
    '(?<!a)',
    'a++',
    '[[:nope:]]',
    '\\q',
    '(*UTF)',
    'a{2000}',
    '(a{900}){900}',
    '((((){1000}){1000}){1000}){1000}',
    '(((a){1000}){1000}){1000}',
    'a'.repeat(100_000),
  ])('rejects %s', (pattern) => {
    expect(() => regex(pattern)).toThrow(RegexError);
  });

  it.each(['(?=a)', '(?<!a)', '(a)\\1', 'a++'])('says that %s is not to be had', (pattern) => {
    expect(() => regex(pattern)).toThrow(/no look-around, back-reference or possessive/);
  });

  it('is loaded by filters that match only', () => {
    const script = `
      import { compileFilter, FieldTable } from './dist/src/filter/index.js';
      import { Module } from 'node:module';
      const load = Module._load;
      Module._load = (name, ...rest) => (console.log(name), load(name, ...rest));
      const known = new FieldTable([{ name: 'a.b', label: '', type: 'string' }]);
      compileFilter('a.b contains "x"', known);
      console.log('-');
      compileFilter('a.b matches "x"', known);`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stdout.trim().split('\n')).toEqual(['-', 're2js']);
  });

  it('rejects deep nesting', () => {
    expect(() => regex('('.repeat(100_000))).toThrow(RegexError);
  });

  it.each(['(a+)+$', '(a|aa)+$', '(.*)*x', 'a*a*a*a*a*b', '(a?){50}a{50}$'])('%s takes linear time', (pattern) => {
    const test = regex(pattern);
    const start = performance.now();
    expect(test.test(`${'a'.repeat(20_000)}!`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('agrees with JavaScript where both know the syntax', () => {
    const atom = fc.constantFrom('a', 'b', 'C', '.', '\\d', '\\w', '[ab]', '[^a]', '[b-d]', '^', '$', '\\b');
    const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '*?');
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        atom,
        fc.tuple(fc.constantFrom('a', 'b', '.', '[ab]'), quantifier).map(([a, q]) => a + q),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => a + b),
        fc.tuple(tie('tree'), tie('tree'), quantifier).map(([a, b, q]) => `(${a}|${b})${q}`),
      ),
    }));
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'D', '1', ' '), { maxLength: 8 }).map((a) => a.join(''));
    fc.assert(
      fc.property(tree, text, (pattern, input) => {
        expect(regex(pattern).test(input)).toBe(new RegExp(pattern, 'i').test(input));
      }),
      { numRuns: 3000 },
    );
  });
});
