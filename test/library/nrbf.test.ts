/** `clrscope/nrbf` by itself: what it gives, and that it needs nothing else of the project. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  arrayMember,
  asObject,
  decode,
  encode,
  member,
  NrbfWriteError,
  type Schema,
  textMember,
  toJson,
  type WrittenDocument,
  walk,
} from '../../src/nrbf.js';
import { ROOT } from '../cli.js';

const VECTORS = `${ROOT}test/nrbf/vectors/`;
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(`${VECTORS}${name}.nrbf`));
const all = readdirSync(VECTORS).flatMap((f) => (f.endsWith('.nrbf') ? [f.slice(0, -5)] : []));

describe('clrscope/nrbf', () => {
  it('decodes, finds members by name, and says what it could not read', () => {
    const stream = decode(bytesOf('v-class-simple'));
    expect([stream.complete, stream.warnings]).toEqual([true, []]);
    const root = asObject(stream.root);
    if (root === null) return expect.fail('the root is no object');
    expect(root.cls.members.length).toBeGreaterThan(0);
    for (const name of root.cls.members) expect(member(stream, root, name)).toBeDefined();
    expect(member(stream, root, 'no such member')).toBeUndefined();
    expect(textMember(stream, root, 'no such member')).toBeNull();
    expect(arrayMember(stream, root, root.cls.members[0])).toBeNull();
    const cut = decode(bytesOf('v-class-simple').subarray(0, 60));
    expect(cut.complete).toBe(false);
    expect(cut.warnings.length).toBeGreaterThan(0);
  });

  it('decodes one stream behind the other, and makes the tree for those who want it', () => {
    const bytes = bytesOf('v-str-utf8');
    const two = new Uint8Array([...bytes, ...bytes]);
    let names: string[] = [];
    const second = decode(two, {
      at: bytes.length,
      onTree: (roots) => {
        names = roots.map((node) => node.field.name);
      },
    });
    expect(toJson(second).root).toEqual(toJson(decode(bytes)).root);
    expect(names).toEqual(['nrbf']);
    const bounded = decode(bytesOf('v-arr-double'), { limits: { nrbfElements: 1 } });
    expect(bounded.warnings.map(({ code }) => code)).toEqual(['limit']);
  });

  it.each(all)('%s: encode makes the same bytes of its records, and the same values of its values', (name) => {
    const bytes = bytesOf(name);
    const { schema } = JSON.parse(readFileSync(`${VECTORS}${name}.json`, 'utf8')) as { schema?: Schema };
    const json = JSON.parse(JSON.stringify(toJson(decode(bytes, { schema }), { full: true })));
    expect(Buffer.compare(encode(json), bytes)).toBe(0);
    const { records: _, ...values } = json;
    expect(decode(encode(values)).complete).toBe(true);
  });

  it.each([
    ['no document', null, 'a document is wanted, an object with records, root or call, not null'],
    ['a text', 'hi', 'a document is wanted, an object with records, root or call, not "hi"'],
    [
      'a stream',
      decode(bytesOf('v-str-utf8')),
      'a decoded stream is no document: toJson(stream, { full: true }) makes',
    ],
    ['nothing to write', {}, 'records, root or call is wanted'],
    [
      'a root that is no VALUE',
      { root: 'hi' },
      'root: a VALUE is wanted, null or an object as { type, value }, not "hi"',
    ],
    ['a VALUE without type', { root: {} }, 'root: a VALUE without type as a root must be an object with m_value'],
    [
      'an element that is no VALUE',
      { root: { type: 'System.Object[]', elements: [null, 5] } },
      'root.elements[1]: a VALUE is wanted',
    ],
    [
      'a value that its type cannot hold',
      { root: { type: 'System.Int32', value: 'x' } },
      'root: a System.Int32 as a root',
    ],
    ['records that were left out', { records: [], recordsLeft: 3 }, 'recordsLeft: 3 records were left out'],
    [
      'what is left of a stream that was cut',
      toJson(decode(bytesOf('v-class-simple').subarray(0, 150)), { full: true }),
      'warnings[0]: the stream was not read to its end (',
    ],
  ])('refuses %s', (_, document, message) => {
    const encoding = (): Uint8Array => encode(document as WrittenDocument);
    expect(encoding).toThrow(NrbfWriteError);
    expect(encoding).toThrow(message);
  });

  it('refuses records and VALUEs that do not say the same', () => {
    const bytes = bytesOf('v-class-simple');
    const whole = { ...toJson(decode(bytes), { full: true }) };
    const changed = structuredClone(whole);
    Object.assign(changed.root?.members?.Street ?? {}, { value: 'Two Microsoft Way' });
    expect(() => encode(changed)).toThrow(
      'root.members.Street.value: "Two Microsoft Way", where the records have "One Microsoft Way": change both',
    );
    const fewer = structuredClone(whole);
    delete fewer.root?.members?.Zip;
    expect(() => encode(fewer)).toThrow('root.members.Zip: nothing, where the records have {"type":"System.String"');
    const call = structuredClone(toJson(decode(bytesOf('v-call-add-int')), { full: true }));
    call.call?.args.pop();
    expect(() => encode(call)).toThrow(/^call\.args\[\d\]: nothing, where the records have/);
    // what is shortened says nothing else
    expect(Buffer.compare(encode(toJson(decode(bytesOf('v-arr-double')))), bytesOf('v-arr-double'))).toBe(0);
    expect(Buffer.compare(encode({ records: whole.records }), bytes)).toBe(0);
  });

  it('walks each object once, circles too, with its way from the root', () => {
    const stream = decode(bytesOf('v-cycle-two'));
    const visits = [...walk(stream)];
    const paths = visits.map(({ path }) => path);
    expect(paths[0]).toBe('root');
    expect(new Set(visits.map(({ record }) => record)).size).toBe(visits.length);
    for (const path of paths.slice(1)) expect(path).toMatch(/^root(\.[^.[]+|\[\d+\])/);
    const jagged = [...walk(decode(bytesOf('v-jagged-3')))].map(({ path }) => path);
    expect(jagged).toContain('root[0]');
    // behind a run of nulls an element keeps its index
    const text = { type: 'System.String', value: 'x' };
    const elements = [...Array.from({ length: 300 }, () => null), text];
    const root = { id: 1, type: 'System.String[]', rank: 1, lengths: [301], elements };
    expect([...walk(decode(encode({ root })))].map(({ path }) => path)).toEqual(['root', 'root[300]']);
  });

  it('imports core and dissectors/nrbf, and nothing else', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const todo = ['src/nrbf.ts'];
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = readFileSync(ROOT + file, 'utf8');
      for (const [, type, path] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)';/gms))
        if (type !== undefined) continue;
        else if (path.startsWith('.')) todo.push(posix.join(posix.dirname(file), path).replace(/\.js$/, '.ts'));
        else packages.add(path);
    }
    expect([...seen].filter((file) => !/^(src\/core\/|dissectors\/nrbf\/|src\/nrbf\.ts$)/.test(file))).toEqual([]);
    expect([...packages]).toEqual(['#platform']);
  });
});
