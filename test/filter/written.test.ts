/** Filters that are written for people: what a node shows, as a filter, finds the node's frame again. */
import { existsSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Frame } from '../../src/core/frame.js';
import { type FieldType, field, type Scalar } from '../../src/core/node.js';
import { compileFilter, FieldTable, type Filter, filterFor } from '../../src/filter/index.js';
import { listen, type NodeJson, type Pdu, pduToJson } from '../../src/index.js';
import { knownFields } from '../../src/known-fields.js';
import { ROOT } from '../cli.js';
import { frameOf } from '../frame.js';

const known = knownFields();

const SAMPLES = readdirSync(`${ROOT}samples`)
  .map((name) => `${ROOT}samples/${name}/capture.pcap`)
  .filter((file) => existsSync(file));

/** Nodes of which the filter asks for the value, and those of which it only asks whether they are there. */
async function filtersOf(file: string): Promise<{ withValue: number; without: Set<string> }> {
  let withValue = 0;
  const without = new Set<string>();
  const compiled = new Map<string, Filter>();
  const check = (frame: Frame<Pdu>, { name, value, children }: NodeJson): void => {
    const text = filterFor(known, name, value);
    expect(text, name).not.toBeNull();
    const filter = compiled.get(text!) ?? compileFilter(text!, known);
    compiled.set(text!, filter);
    expect(filter.matches(frame), `${text} in frame ${frame.number}`).toBe(true);
    if (text !== name) withValue++;
    else if (value !== null && known.get(name)?.kind !== 'none') without.add(name);
    for (const child of children) check(frame, child);
  };
  await listen(file, {
    frame(frame) {
      for (const pdu of frame.pdus) for (const node of pduToJson(pdu, true).tree) check(frame, node as NodeJson);
    },
  });
  return { withValue, without };
}

test.each(SAMPLES)('%s', async (file) => {
  const { withValue, without } = await filtersOf(file);
  expect(withValue).toBeGreaterThan(100);
  // a length of several bytes is shown as what it is on the wire
  expect([...without].filter((name) => name !== 'nrbf.string_length')).toEqual([]);
});

/** A frame with one value. */
function frameWith(type: FieldType, value: Scalar): Frame {
  const node = { field: field('a.b', 'A', type), value, source: null, start: 0, end: 0, display: null, children: [] };
  return frameOf(1, [[{ ...node, role: 'data' }]]);
}

/** As `pduToJson` writes it. */
function json(value: Scalar): NodeJson['value'] {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

const bits = (n: number, signed: boolean) =>
  fc.bigInt(
    signed ? { min: -(2n ** BigInt(n - 1)), max: 2n ** BigInt(n - 1) - 1n } : { min: 0n, max: 2n ** BigInt(n) - 1n },
  );
const small = (n: number, signed: boolean) => bits(n, signed).map(Number);
const bytes = (least: number, most: number) => fc.uint8Array({ minLength: least, maxLength: most });

const VALUES: readonly (readonly [FieldType, fc.Arbitrary<Scalar>])[] = [
  ['bool', fc.boolean()],
  ['uint8', small(8, false)],
  ['uint16', small(16, false)],
  ['uint32', small(32, false)],
  ['uint64', bits(64, false)],
  ['int8', small(8, true)],
  ['int16', small(16, true)],
  ['int32', small(32, true)],
  ['int64', bits(64, true)],
  ['float', fc.float({ noNaN: true })],
  ['double', fc.double({ noNaN: true })],
  ['guid', fc.uuid()],
  ['string', fc.string({ unit: 'binary', maxLength: 300 })],
  ['bytes', bytes(0, 300)],
  ['ipv4', bytes(4, 4)],
  ['ipv6', bytes(16, 16)],
  ['time', bits(62, true)],
];

describe('any value', () => {
  it.each(VALUES)('%s', (type, values) => {
    for (const hex of [false, true]) {
      const table = new FieldTable([field('a.b', 'A', type, { hex })]);
      fc.assert(
        fc.property(values, values, (value, other) => {
          const text = filterFor(table, 'a.b', json(value))!;
          const filter = compileFilter(text, table);
          expect(filter.matches(frameWith(type, value)), text).toBe(true);
          // infinite ones are not written
          if (text === 'a.b') expect(Number.isFinite(value)).toBe(false);
          else if (!text.includes(' contains ') && json(value) !== json(other) && value !== other)
            expect(filter.matches(frameWith(type, other)), text).toBe(false);
        }),
      );
    }
  });

  it('is only asked for where it can be written', () => {
    const table = new FieldTable([field('a.b', 'A', 'string'), field('c.d', 'C', 'double')]);
    expect(filterFor(table, 'a.b', '\ud800')).toBe('a.b');
    expect(filterFor(table, 'c.d', 'NaN')).toBe('c.d');
    expect(filterFor(table, 'a.b', null)).toBe('a.b');
    expect(filterFor(table, 'a', null)).toBe('a');
    expect(filterFor(table, 'e.f', 1)).toBeNull();
  });

  it('is no control character, and nothing that turns text around', () => {
    const table = new FieldTable([field('a.b', 'A', 'string')]);
    expect(filterFor(table, 'a.b', '"\u001b[2J\n\u202e\\\u{e0041}')).toBe(
      String.raw`a.b == "\"\u001b[2J\u000a\u202e\\\U000e0041"`,
    );
  });
});
