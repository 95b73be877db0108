/** IDL files that were made to hang, to fill memory or to overflow: an answer comes in time, and names the place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdlError } from '../../dissectors/idl/tokens.js';
import { allFields } from '../../dissectors/index.js';
import { fieldsOf } from '../../dissectors/ndr/types.js';
import { COUNTER_IDL } from '../counter.js';
import { idl, operationOf, withOperation } from './support.js';

const MILLION = 1_000_000;
const MANY = 50_000;
const many = (n: number, text: (i: number) => string): string => Array.from({ length: n }, (_, i) => text(i)).join('');

/** Milliseconds on a machine that is busy. */
const SOON = 20_000;

/** What an answer may be: interfaces, or a mistake with its place. */
function answer(text: string): string {
  try {
    return idl(text)
      .map((i) => i.name)
      .join();
  } catch (e) {
    if (e instanceof IdlError) return e.message.replace(/^x\.idl:\d+:\d+: /, '');
    throw e;
  }
}

describe('too much of', () => {
  it.each([
    ['attributes', withOperation(`[in${', unique'.repeat(MILLION)}] long *a`), 'IThing'],
    [
      'attributes of an interface',
      withOperation('[in] long a', '', `object${', nonbrowsable'.repeat(MILLION)}`),
      'IThing',
    ],
    ['brackets', `${'['.repeat(MANY)}`, 'an attribute, or ] was expected, not "["'],
    ['parentheses', withOperation(`[in] long a[${'('.repeat(MANY)}`), 'an expression nested more than 100 deep'],
    ['signs', withOperation(`[in] long a[${'-'.repeat(MANY)}1]`), 'an expression nested more than 100 deep'],
    ['arguments', withOperation(`[in, size_is(${'('.repeat(MANY)}${')'.repeat(MANY)})] long *a`), 'IThing'],
    ['structs in structs', `${'struct {'.repeat(MANY)}`, 'declarations nested more than 64 deep'],
    [
      'structs that hold each other',
      withOperation(
        '[in] T49999 *a',
        `typedef struct { long x; } T0;${many(49_999, (i) => `typedef struct { T${i} x; } T${i + 1};`)}`,
      ),
      /holds structs more than 64 deep/,
    ],
    [
      'structs that double',
      withOperation(
        '[in] T60 *a',
        `typedef struct { long x; } T0;${many(60, (i) => `typedef struct { T${i} x; T${i} y; } T${i + 1};`)}`,
      ),
      /has more than 65536 members in all/,
    ],
    [
      'structs that point to each other',
      withOperation(
        '[in] T50000 *a',
        `typedef struct { long x; } T0;${many(50_000, (i) => `typedef struct { T${i} *x; } T${i + 1};`)}`,
      ),
      'IThing',
    ],
    ['dimensions', withOperation(`[in] long a${'[2]'.repeat(MANY)}`), /more than 16 pointers and dimensions/],
    ['pointers', withOperation(`[in] long ${'*'.repeat(MANY)}a`), /more than 16 pointers and dimensions/],
    [
      'typedefs',
      withOperation(`[in] T${MANY} a`, `typedef long T0;${many(MANY, (i) => `typedef T${i} T${i + 1};`)}`),
      /more than 64 typedefs/,
    ],
    ['parameters', withOperation(many(MANY, (i) => `${i === 0 ? '' : ', '}[in] long a${i}`)), 'IThing'],
    [
      'members',
      withOperation('[in] T *a', `typedef struct { long ${many(MANY, (i) => `${i === 0 ? '' : ', '}a${i}`)}; } T;`),
      'IThing',
    ],
    [
      'cases',
      withOperation('[in] T *a', `typedef union switch (long t) { ${many(MANY, (i) => `case ${i}: `)} long x; } T;`),
      'IThing',
    ],
    ['names of an enum', withOperation('[in] T a', `typedef enum { ${many(MANY, (i) => `N${i}, `)} } T;`), 'IThing'],
    ['libraries', 'library L {'.repeat(MANY), 'declarations nested more than 64 deep'],
    ['words', 'x '.repeat(3 * MILLION), /more than 2500000 words and marks/],
  ])(
    '%s',
    (_, text, wanted) => {
      const got = answer(text);
      if (typeof wanted === 'string') expect(got).toBe(wanted);
      else expect(got).toMatch(wanted);
    },
    SOON,
  );

  it.each([
    ['laughs', `#define A0 ha ha\n${many(60, (i) => `#define A${i + 1} A${i} A${i}\n`)}A30`],
    ['laughs of nothing', `#define A0\n${many(60, (i) => `#define A${i + 1} A${i} A${i}\n`)}A30`],
    ['macros in macros', `${many(MANY, (i) => `#define A${i + 1} A${i}\n`)}A50000`],
    ['a macro in itself', '#define A A A\n#define B C B\n#define C B C\nA B C'],
    ['parameters', `#define F(${many(200, (i) => `${i === 0 ? '' : ', '}a${i}`)}) a0\nF(1)`],
    ['what is given', `#define F(x) ${'x '.repeat(MANY)}\nF(${'y '.repeat(MANY)})`],
    ['conditions', '#if 1\n'.repeat(MANY)],
    ['imports of itself', 'import "x.idl";'.repeat(MANY)],
  ])(
    'macros: %s',
    (_, text) => {
      expect(typeof answer(text)).toBe('string');
    },
    SOON,
  );
});

it('what is pointed to in a circle, and in a long chain, has its fields all the same', () => {
  const { request } = operationOf(
    '[in] A *a',
    'typedef struct _A { struct _B *b; long n; } A; typedef struct _B { A *a; long m; } B;',
  );
  expect(fieldsOf(request).map((f) => f.name)).toEqual(expect.arrayContaining(['ithing.a.n', 'ithing.b.m']));
});

it('names that objects have anyway are names like others', () => {
  const [made] = idl(
    withOperation(
      '[in] long __proto__, [in] T constructor, [in] toString b',
      'typedef struct { long __proto__; long hasOwnProperty; } T; typedef short toString;',
    ),
  );
  expect(made.ops[3].request.map((m) => m.name)).toEqual(['__proto__', 'constructor', 'b']);
  expect(allFields([made]).map((f) => f.name)).toContain('ithing.t.__proto__');
});

it('property: whatever is left out, doubled or swapped, the answer is interfaces or a mistake with its place', () => {
  const tokens =
    `${COUNTER_IDL} #define X(a) a\n typedef [switch_type(long)] union { [case(1)] long x; [default] ; } U; const long N = (1 + 2) * 3;`.match(
      /\w+|\s+|[^\w\s]/g,
    ) as string[];
  const place = fc.nat(tokens.length - 1);
  const change = fc.record({ at: place, from: place, how: fc.constantFrom('drop', 'double', 'swap', 'copy') });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const text = [...tokens];
      for (const { at, from, how } of changes) {
        if (how === 'drop') text[at] = '';
        else if (how === 'double') text[at] += ` ${text[at]}`;
        else if (how === 'copy') text[at] = ` ${tokens[from]} `;
        else [text[at], text[from]] = [text[from], text[at]];
      }
      expect(typeof answer(text.join(''))).toBe('string');
    }),
    { numRuns: 300 },
  );
});
