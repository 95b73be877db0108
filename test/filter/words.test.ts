/** Words of filters for editors: every text has them, and what can follow at a place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, expectedAt, FilterError, wordsOf } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';

const known = knownFields();

const kinds = (text: string): string =>
  wordsOf(text, known)
    .map(({ kind, at, end }) => `${kind}:${text.slice(at, end)}`)
    .join(' ');

/** Pieces that filters are made of, and pieces that they are not. */
const PIECES = [
  'dcerpc.opnum',
  '==',
  ' ',
  '3',
  '"a',
  '"',
  '\\',
  '(',
  ')',
  '{',
  '}',
  '..',
  ',',
  'in',
  'not',
  '!',
  '&&',
  'é',
  '\u{1f600}',
  "'",
  '[',
  '0:4]',
  'len',
  '\t',
];
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join('')),
);

describe('words', () => {
  it('are what the parser takes them for', () => {
    expect(kinds('dcerpc.opnum == 3 && !(ip.addr in {10.0.0.0/8, 1.2.3.4})')).toBe(
      'field:dcerpc.opnum operator:== value:3 operator:&& operator:! bracket:( field:ip.addr operator:in bracket:{ value:10.0.0.0/8 bracket:, value:1.2.3.4 bracket:} bracket:)',
    );
    expect(kinds('len(nrbf.type) gt 2 or any nrbf.type matches r"a\\"')).toBe(
      'function:len bracket:( field:nrbf.type bracket:) operator:gt value:2 operator:or operator:any field:nrbf.type operator:matches text:r"a\\"',
    );
    expect(kinds('no.such == "open')).toBe('value:no.such operator:== text:"open');
    expect(kinds('é')).toBe('wrong:é');
  });

  it('cover every text but for blanks, in order', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let at = 0;
        for (const word of wordsOf(text, known)) {
          expect(text.slice(at, word.at).trim()).toBe('');
          expect(word.end).toBeGreaterThan(word.at);
          at = word.end;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
    );
  });

  it('of a filter that is one are not wrong', () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          compileFilter(text, known);
        } catch (e) {
          expect(e).toBeInstanceOf(FilterError);
          return;
        }
        expect(kinds(text)).not.toContain('wrong');
      }),
    );
  });
});

/** What can be written at the bar. */
function at(text: string): { from: string; what: string } {
  const place = text.indexOf('|');
  const { from, operands, operators, valuesOf } = expectedAt(text.replace('|', ''), place, known);
  const what = [operands ? 'operands' : '', operators.join(' '), valuesOf === null ? '' : `values of ${valuesOf.name}`];
  return { from: text.slice(from, place), what: what.filter((one) => one !== '').join(', ') };
}

const LOGIC = '&& || ^^';

describe('what can be written', () => {
  it.each([
    ['|', '', 'operands'],
    ['dcer|', 'dcer', 'operands'],
    ['dcerpc.opnum == 3 && |', '', 'operands'],
    ['!|', '', 'operands'],
    ['dcom.|', 'dcom.', 'operands'],
    ['(dcom|', 'dcom', 'operands'],
    ['len(nr|', 'nr', 'operands'],
    ['any nr|', 'nr', 'operands'],
    ['dcerpc.opnum |', '', `== != < <= > >= in & ${LOGIC}`],
    ['nrbf.type co|', 'co', `== != contains matches in ${LOGIC}`],
    ['dcerpc |', '', `contains matches ${LOGIC}`],
    ['len(nrbf.type) |', '', `== != < <= > >= in & ${LOGIC}`],
    ['dcerpc.opnum == |', '', 'values of dcerpc.opnum'],
    ['dcerpc.opnum == 3|', '3', 'values of dcerpc.opnum'],
    ['nrbf.type == "Sys|', '"Sys', 'values of nrbf.type'],
    ['ip.addr == 10.|', '10.', 'values of ip.addr'],
    ['dcerpc.opnum in {|', '', 'values of dcerpc.opnum'],
    ['dcerpc.opnum not in {3, |', '', 'values of dcerpc.opnum'],
    ['dcerpc.opnum in {3..|', '', 'values of dcerpc.opnum'],
    ['dcerpc.opnum in {3|', '3', 'values of dcerpc.opnum'],
    ['dcerpc.opnum in {3} |', '', LOGIC],
    ['dcerpc.opnum == 3 |', '', LOGIC],
    ['dcerpc.opnum == 3 an|', 'an', LOGIC],
    ['nrbf.type matches |', '', ''],
    ['3 == |', '', ''],
    ['dcerpc.opnum == 3 | && dcom', '', LOGIC],
  ])('%s', (text, from, what) => {
    expect(at(text)).toEqual({ from, what });
  });

  it('is asked for at any place of any text', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, n) => {
        const place = n % (text.length + 1);
        const { from } = expectedAt(text, place, known);
        expect(from).toBeLessThanOrEqual(place);
        expect(from).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
