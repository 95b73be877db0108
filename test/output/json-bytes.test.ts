/** JSON as bytes is what JSON.stringify writes, whatever the value. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { steerless } from '../../src/core/safe-text.js';
import { readCalls } from '../../src/index.js';
import { callToJson, writeCall } from '../../src/output/calls/json.js';
import { describeCallText } from '../../src/output/calls/text.js';
import { JsonBytes } from '../../src/output/json-bytes.js';
import { valueToJson } from '../../src/output/value.js';
import { ROOT } from '../cli.js';

const out = new JsonBytes();
const taken = (): string => Buffer.from(out.take()).toString();
const json = (value: unknown): string => {
  out.json(value);
  return taken();
};

// short and long ones, around where the way of writing changes; half pairs, quotes, controls, what steers a terminal
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('a', 'é', '→', '"', '\\', '\n', '\0', '\x7f', '\u202e', '\ud800', '😀'),
    maxLength: 40,
  }),
  fc.string({ unit: 'binary-ascii', minLength: 30, maxLength: 34 }),
);
const number = fc.oneof(
  fc.integer(),
  fc.double().filter((n) => !Object.is(n, -0)),
  fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31, -1, 1e21, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 6 },
    text,
    number,
    fc.constantFrom(null, true, false, undefined),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('7', '__proto__')), tie('any'), { maxKeys: 4 }),
  ),
})).any;

describe('JSON as bytes', () => {
  it('is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(value, (v) => {
        expect(json(v)).toBe(steerless(JSON.stringify(v === undefined ? null : v)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is it for lists in lists without end, and for texts longer than a buffer', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 1000; i++) deep = i % 2 === 0 ? [deep] : { a: deep };
    expect(json(deep)).toBe(JSON.stringify(deep));
    for (const long of ['x'.repeat(1 << 18), 'é→"'.repeat(1 << 16)])
      expect(json([long, 1])).toBe(JSON.stringify([long, 1]));
  });

  it('has in a string what nobody can steer a terminal with', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const call = (parts: TemplateStringsArray, ...values: string[]): void => out.within(parts, values);
        out.byte(0x22);
        call`${a} → ${b}`;
        out.byte(0x22);
        const line = JSON.parse(taken());
        expect(line).toContain(' → ');
        expect(line).not.toMatch(/[\p{Cc}\p{Surrogate}\u202e]/u);
      }),
    );
  });
});

describe('a decoded value as JSON', () => {
  it('has zero with its sign, as `nrbf` prints it', () => {
    expect(json([0, -0])).toBe('[0,-0.0]');
    expect(valueToJson([0, -0], { full: true })).toEqual([0, -0]);
  });

  it('has 64-bit numbers, NaN and infinities as text, bytes in hex, and names of any kind', () => {
    const params = JSON.parse('{"__proto__":{"b":1},"7":2,"a":[]}');
    expect(valueToJson([1n << 63n, Number.NaN, -1 / 0, Uint8Array.of(0, 0xab), params, {}], { full: true })).toEqual([
      '9223372036854775808',
      'NaN',
      '-Infinity',
      '00ab',
      params,
      {},
    ]);
  });

  it('is not mixed with one that could not be told', () => {
    const wrong = {
      a: 1,
      get b() {
        throw new Error('no');
      },
    };
    expect(() => valueToJson(wrong, { full: false })).toThrow('no');
    expect(valueToJson({ c: 2 }, { full: false })).toEqual({ c: 2 });
  });

  it('is shortened where not all was asked for, and has its digest', () => {
    const bstr = { [KIND]: 'bstr', cBytes: 65, bytes: new Uint8Array(65), nrbf: null };
    const digest = '98ce42deef51d40269d542f5314bef2c7468d401ad5d85168bfab4c0108f75f7';
    const of = { cBytes: 65, text: null, nrbf: null, trailing: 0 };
    expect(valueToJson(bstr, { full: false })).toEqual({ ...of, hex: '00'.repeat(64), sha256: digest });
    expect(valueToJson(bstr, { full: true })).toEqual({ ...of, hex: '00'.repeat(65), sha256: digest });
  });
});

describe('a call as JSON', () => {
  it('is the same text and object, and says what its line says', async () => {
    let count = 0;
    for (const name of ['managed-object', 'odd-bstr', 'orpc-extensions'])
      await readCalls(`${ROOT}samples/${name}/capture.pcap`, (call, number) => {
        writeCall(out, call, number, name, { full: false });
        const line = taken();
        const object = callToJson(call, number, name);
        expect(line).toBe(steerless(JSON.stringify(object)));
        expect(object.summary).toBe(describeCallText(call));
        count++;
      });
    expect(count).toBeGreaterThan(20);
  });
});
