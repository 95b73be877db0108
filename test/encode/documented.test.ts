/** The page of the documents names every member that schemas know. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/encode/documents/document.js';
import * as messages from '../../src/encode/documents/message-shapes.js';
import * as nrbf from '../../src/encode/documents/nrbf-shapes.js';
import * as shapes from '../../src/encode/documents/shapes.js';
import { ROOT } from '../cli.js';
import { KNOWN } from './support.js';

interface Shape {
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  /** What a value goes through, itself first. */
  readonly pipe?: readonly Shape[];
  readonly options?: readonly unknown[];
}

/** Names of the members of a schema and of those in it. */
function names(schema: Shape): string[] {
  const inner = [schema.wrapped, schema.item, ...(schema.pipe?.slice(1) ?? [])]
    .filter((s) => s !== undefined)
    .flatMap(names);
  return [...inner, ...Object.entries(schema.entries ?? {}).flatMap(([name, of]) => [name, ...names(of)])];
}

const text = readFileSync(`${ROOT}src/encode/README.md`, 'utf8');
const RECORDS = [
  'SerializedStreamHeader',
  'ClassWithId',
  'ClassWithMembersAndTypes',
  'BinaryArray',
  'BinaryMethodCall',
];
const all: [string, unknown][] = [
  ...Object.entries(shapes),
  ...Object.entries(messages),
  ...Object.entries(nrbf),
  ...RECORDS.map((type): [string, unknown] => [type, nrbf.recordShape(type)]),
];
const documented = all.flatMap(([name, value]): [string, string[]][] => {
  if (typeof value !== 'object' || value === null) return [];
  const schemas = 'kind' in value ? [value] : Object.values(value);
  const found = schemas.flatMap((s) => names(s as Shape));
  return found.length === 0 ? [] : [[name, found]];
});

describe('src/encode/README.md', () => {
  it('knows the shapes', () => expect(documented.length).toBeGreaterThan(20));

  it.each(documented)('names every member of %s', (_, members) => {
    expect(members.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`"${name}"`))).toEqual([]);
  });
});

describe('examples of src/encode/README.md', () => {
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json);
  const whole = examples.filter((json) => !json.includes('…'));

  it('are found', () => expect(whole.length).toBeGreaterThan(2));

  it.each(whole)('%s is encoded', (json) => {
    expect(encodeDocument(JSON.parse(json), KNOWN).length).toBeGreaterThan(0);
  });
});
