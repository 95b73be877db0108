import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValues, type JsonValue, nrbfToJson, type ValueObject, writeNrbf } from '../../dissectors/nrbf/index.js';
import { difference, HERE, hasShared, read, SHARED, vectors } from './support.js';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const big = (min: bigint, max: bigint) => fc.bigInt({ min, max }).map(String);
const float = (f: fc.Arbitrary<number>): fc.Arbitrary<number | string> =>
  f.map((v) => (Number.isFinite(v) ? v : String(v)));
const INT = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** VALUEs by the name of their primitive type. */
const PRIMITIVES: Record<string, fc.Arbitrary<ValueObject>> = Object.fromEntries(
  Object.entries({
    Boolean: fc.boolean(),
    Byte: fc.integer({ min: 0, max: 255 }),
    SByte: fc.integer({ min: -128, max: 127 }),
    Int16: fc.integer({ min: -32768, max: 32767 }),
    UInt16: fc.integer({ min: 0, max: 65535 }),
    Int32: fc.integer(INT),
    UInt32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    Int64: big(-(2n ** 63n), 2n ** 63n - 1n),
    UInt64: big(0n, 2n ** 64n - 1n),
    Double: float(fc.double()),
    Single: float(fc.float()),
    Char: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
      .map((s) => (s.length === 1 && !/[\ud800-\udfff]/.test(s) ? s : 'c')),
    Decimal: fc.tuple(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.nat(999)).map(([a, b]) => `${a}.${b}`),
  }).map(([type, value]) => [type, value.map((v) => ({ type: `System.${type}`, value: v }))]),
);
PRIMITIVES.DateTime = fc
  .tuple(big(0n, 3155378975999999999n), fc.nat(2))
  .map(([ticks, kind]) => ({ type: 'System.DateTime', ticks, kind }));
PRIMITIVES.TimeSpan = big(-(2n ** 63n), 2n ** 63n - 1n).map((ticks) => ({ type: 'System.TimeSpan', ticks }));

const string = text.map((value): ValueObject => ({ type: 'System.String', value }));
const primitive = fc.oneof(...Object.values(PRIMITIVES));
const typeName = fc.tuple(fc.constantFrom('System', 'My.Own', ''), name).map(([a, b]) => (a === '' ? b : `${a}.${b}`));

/** A graph of `size` objects and arrays that refer to each other at random, in circles too. */
const graph = (size: number): fc.Arbitrary<ValueObject[]> => {
  const ref = fc.integer({ min: 1, max: size }).map((id): JsonValue => ({ ref: id }));
  const any = fc.oneof(primitive, string, ref, fc.constant(null));
  const object = fc
    .record({
      type: typeName,
      assembly: fc.constantFrom(null, 'Lib, Version=1.0.0.0', 'Other'),
      members: fc.dictionary(name, any, { maxKeys: 6 }),
    })
    .map((o): ValueObject => ({ ...o, members: Object.assign({}, o.members) }));
  const objects = fc
    .array(fc.oneof({ weight: 2, arbitrary: any }, { weight: 2, arbitrary: fc.constant(null) }), { maxLength: 12 })
    .map((elements) => arrayOf('System.Object', elements));
  const strings = fc.array(fc.option(string), { maxLength: 5 }).map((elements) => arrayOf('System.String', elements));
  const primitives = fc
    .constantFrom(...Object.keys(PRIMITIVES))
    .chain((type) =>
      fc.array(PRIMITIVES[type], { maxLength: 9 }).map((elements) => arrayOf(`System.${type}`, elements)),
    );
  const grid = fc
    .tuple(fc.nat(3), fc.nat(3), fc.integer(INT), fc.constantFrom('System.Object', 'System.Int32'))
    .chain(([a, b, bound, type]) =>
      fc.array(type === 'System.Int32' ? PRIMITIVES.Int32 : any, { minLength: a * b, maxLength: a * b }).map(
        (elements): ValueObject => ({
          type: `${type}[,]`,
          rank: 2,
          lengths: [a, b],
          ...(bound % 3 === 0 && bound !== 0 ? { lowerBounds: [bound, 0] } : {}),
          elements,
        }),
      ),
    );
  const node = fc.oneof(object, object, objects, strings, primitives, grid);
  return fc.array(node, { minLength: size, maxLength: size });
};

function arrayOf(type: string, elements: JsonValue[]): ValueObject {
  return { type: `${type}[]`, rank: 1, lengths: [elements.length], elements };
}

describe('random graphs', () => {
  it('come back the same, as values and as records', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }).chain(graph), (nodes) => {
        const objects = nodes.map((node, i) => ({ ...node, id: i + 1 }));
        const want = { root: { ref: 1 }, objects };
        const bytes = encodeValues(want);
        const stream = read(bytes);
        expect([stream.complete, stream.warnings, stream.length]).toEqual([true, [], bytes.length]);
        const got = nrbfToJson(stream, { full: true });
        expect(difference(want.root, want, got.root, { ...got, records: [] })).toBeNull();
        expect(Buffer.compare(writeNrbf(JSON.parse(JSON.stringify(got))), bytes)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('come back the same as arguments and results of a call', () => {
    const value = fc.oneof(
      primitive,
      string,
      fc.constant(null),
      fc.array(primitive, { maxLength: 3 }).map((e) => arrayOf('System.Object', e)),
    );
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 4 }),
        value,
        fc.option(string),
        fc.boolean(),
        (args, returnValue, context, isCall) => {
          const call = isCall
            ? { kind: 'call' as const, method: 'M', type: 'T, A', args, context }
            : { kind: 'return' as const, returnValue, args, context };
          const stream = read(encodeValues({ call }));
          expect([stream.complete, stream.warnings]).toEqual([true, []]);
          const got = nrbfToJson(stream, { full: true });
          const all = { ...got, records: [] };
          expect(got.call?.args.length).toBe(args.length);
          for (const [i, arg] of args.entries())
            expect(difference(arg, arg, got.call?.args[i] ?? null, all)).toBeNull();
          if (!isCall) expect(difference(returnValue, returnValue, got.call?.returnValue ?? null, all)).toBeNull();
          expect(difference(context, context, got.call?.context ?? null, all)).toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('depth', () => {
  it('takes and gives a chain of 20,000 objects', () => {
    const objects = Array.from(
      { length: 20_000 },
      (_, i): ValueObject => ({
        id: i + 1,
        type: 'N',
        assembly: null,
        members: { v: { type: 'System.Int32', value: i }, next: i === 19_999 ? null : { ref: i + 2 } },
      }),
    );
    const want = { root: { ref: 1 }, objects };
    const got = nrbfToJson(read(encodeValues(want)), { full: true });
    expect(difference(want.root, want, got.root, { ...got, records: [] })).toBeNull();
    expect(got.objects?.length).toBe(Math.ceil(20_000 / 200) - 1);
    expect(encodeValues({ ...got })).toEqual(encodeValues(want));
    JSON.stringify(got);
  });
});

describe('a pass that only checks', () => {
  const folders = hasShared ? [`${SHARED}/valid`, `${SHARED}/malformed`] : [HERE];
  it.each(folders)('judges as a full one does: %s', (folder) => {
    for (const { name, bytes, truth } of vectors(folder)) {
      const full = read(bytes, { schema: truth.schema });
      const check = read(bytes, { schema: truth.schema, validate: true });
      expect([name, check.complete, check.length, check.warnings]).toEqual([
        name,
        full.complete,
        full.length,
        full.warnings,
      ]);
    }
  });
});
