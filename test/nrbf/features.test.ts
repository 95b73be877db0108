import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asObject } from '../../dissectors/nrbf/graph/graph.js';
import {
  describeNrbf,
  describeReturn,
  nrbfToJson,
  pointsTo,
  recordAt,
  rootObjRef,
  shortType,
  startsAsNrbf,
  typedElements,
  writeNrbf,
} from '../../dissectors/nrbf/index.js';
import { HEADER, HERE, hex, read, readRecorded } from './support.js';

const text = (s: string): string => Buffer.from([s.length, ...Buffer.from(s)]).toString('hex');
const vector = (name: string): Uint8Array => readFileSync(`${HERE}/${name}.nrbf`);
const codes = (bytes: Uint8Array): string[] => read(bytes).warnings.map((w) => w.code);

describe('the way a stream begins (2.6.1)', () => {
  it('is told by 17 bytes and the record behind them, whatever the ids', () => {
    expect(startsAsNrbf(hex(`${HEADER} 0b`))).toBe(true);
    expect(startsAsNrbf(hex('00 00000000 00000000 01000000 00000000 15'))).toBe(true);
    expect(startsAsNrbf(hex('00 feffffff 07000000 01000000 00000000 06'))).toBe(true);
    expect(startsAsNrbf(hex(HEADER))).toBe(false);
    expect(startsAsNrbf(hex(`${HEADER} c8`))).toBe(false);
    expect(startsAsNrbf(hex('00 01000000 ffffffff 02000000 00000000 0b'))).toBe(false);
    expect(startsAsNrbf(new Uint8Array(100))).toBe(false);
  });

  it('leaves the cursor behind MessageEnd', () => {
    const { stream, recording } = readRecorded(hex(`${HEADER} 06 01000000 01 41 0b ffff`));
    expect([stream.complete, stream.length]).toEqual([true, 25]);
    expect(recording.roots.map((n) => [n.field.name, n.start, n.end])).toEqual([
      ['nrbf', 0, 25],
      ['undissected', 25, 27],
    ]);
  });
});

describe('objects and strings', () => {
  it('are their offsets until somebody asks, and then one record wherever they are found; what defines a class is made', () => {
    const cls = `04 02000000 ${text('P')} 02000000 ${text('v')} ${text('s')} 00 01 08`;
    const first = '07000000 06 03000000 0141';
    const second = '01 04000000 02000000 08000000 06 05000000 0142';
    const refs = '09 02000000 09 04000000 06 06000000 0143';
    const stream = read(hex(`${HEADER} 10 01000000 03000000 ${refs} ${cls} ${first} ${second} 0b`));
    const made = (): unknown[] => stream.records.map((record) => (typeof record === 'number' ? null : record.type));
    expect(made()).toEqual([0, 16, null, null, null, 4, 6, null, null, 11]);
    expect(describeNrbf(stream)).toBe('object[3] { P { v = 7, s = "A" }, P { v = 8, s = "B" }, "C" }');
    expect([2, 4, 7, 8].map((i) => recordAt(stream, i))).toMatchObject([
      { type: 9, id: 2 },
      { type: 6, id: 6, text: 'C', offset: 36, end: 43 },
      { type: 1, id: 4, values: [8, { text: 'B' }], offset: 72, end: 92 },
      { type: 6, id: 5, text: 'B', offset: 85, end: 92 },
    ]);
    for (const [i, id] of [
      [4, 6],
      [7, 4],
      [8, 5],
    ])
      expect(recordAt(stream, i)).toBe(stream.byId.get(id));
    expect(asObject(stream.byId.get(4) ?? null)?.values[1]).toBe(stream.byId.get(5));
  });
});

describe('records of a process (18 to 20)', () => {
  it('are recognised, shown and warned of', () => {
    const bytes = hex(`${HEADER} 10 01000000 01000000 13 02000000 07000000 12 05000000 14 03000000 09000000 0b`);
    const stream = read(bytes);
    expect(stream.complete).toBe(true);
    expect(codes(bytes)).toEqual(['misplaced-record', 'misplaced-record', 'misplaced-record']);
    expect(nrbfToJson(stream).records.map((r) => r.type)).toEqual([
      'SerializedStreamHeader',
      'ArraySingleObject',
      'CrossAppDomainString',
      'CrossAppDomainMap',
      'CrossAppDomainAssembly',
      'MessageEnd',
    ]);
  });
});

describe('streams without types (2.3.2.2, 2.3.2.4)', () => {
  const typed = `04 02000000 ${text('P')} 01000000 ${text('v')} 00 08 07000000`;
  const untyped = `02 03000000 ${text('P')} 01000000 ${text('v')} 08000000`;

  it('take the types of the same class elsewhere in the stream', () => {
    const stream = read(hex(`${HEADER} 10 01000000 02000000 ${typed} ${untyped} 0b`));
    expect(stream.complete).toBe(true);
    expect(describeNrbf(stream)).toBe('object[2] { P { v = 7 }, P { v = 8 } }');
  });

  it('take those of system classes from a table', () => {
    const version = `02 01000000 ${text('System.Version')} 04000000 ${['_Major', '_Minor', '_Build', '_Revision'].map(text).join('')}`;
    expect(describeNrbf(read(hex(`${HEADER} ${version} 01000000 02000000 03000000 04000000 0b`)))).toBe('1.2.3.4');
  });

  it('stop where nobody knows them, and name the class', () => {
    const { stream, recording } = readRecorded(hex(`${HEADER} 10 01000000 01000000 ${untyped} 0b`));
    expect(stream.complete).toBe(false);
    expect(stream.warnings).toMatchObject([
      { code: 'missing-layout', offset: 26, message: expect.stringContaining('members of P (v)') },
    ]);
    expect(recording.roots.at(-1)).toMatchObject({ role: 'undissected' });
  });
});

describe('real writers’ defects', () => {
  it('reads a raw value in a member of an interface type, and says so', () => {
    const bytes = hex(
      `${HEADER} 04 01000000 ${text('H')} 01000000 ${text('c')} 03 ${text('System.Int32')} 2a000000 0b`,
    );
    const stream = read(bytes);
    expect([stream.complete, codes(bytes)]).toEqual([true, ['raw-primitive']]);
    expect(nrbfToJson(stream).root?.members).toEqual({ c: { type: 'System.Int32', value: 42 } });
  });
});

describe('a return with arguments and a value in the call array (2.2.3.4)', () => {
  const head = '16 18100000'; // ArgsInArray, NoContext, ReturnValueInArray
  const array = `10 01000000 02000000`;
  const args = `10 02000000 01000000 06 04000000 ${text('out')}`;
  const value = `04 03000000 ${text('R')} 00000000`;

  it('is read in the order of .NET, arguments first', () => {
    const stream = read(hex(`${HEADER} ${head} ${array} 09 02000000 09 03000000 ${args} ${value} 0b`));
    expect(describeReturn(stream)).toEqual({ value: 'R {}', args: ['"out"'], exception: null });
  });

  it('and in that of the specification', () => {
    const stream = read(hex(`${HEADER} ${head} ${array} 09 03000000 09 02000000 ${args} ${value} 0b`));
    expect(describeReturn(stream)).toEqual({ value: 'R {}', args: ['"out"'], exception: null });
  });
});

describe('what objects mean', () => {
  it('explains an ObjRef', () => {
    const stream = read(vector('v-objref-tcp'));
    const objRef = rootObjRef(stream);
    expect(objRef).toMatchObject({
      uri: 'plain.rem',
      type: 'Rem.Lib.Plain, RemLib, Version=3.1.4.1, Culture=neutral, PublicKeyToken=null',
      channels: ['tcp://127.0.0.1:9156'],
      processId: 'bf5df9cd-3e39-4880-8eeb-017255a3f569',
      appDomainId: 0,
      wellKnown: true,
    });
    expect([pointsTo(objRef!, '127.0.0.1'), pointsTo(objRef!, '10.0.0.1')]).toEqual([true, false]);
    expect(nrbfToJson(stream).objRef).toEqual(objRef);
    expect(describeNrbf(stream)).toBe('ObjRef plain.rem : Plain, tcp://127.0.0.1:9156');
  });

  it('gives exceptions their stack as lines and their inner ones', () => {
    const stream = read(vector('v-return-throw'));
    expect(describeReturn(stream)?.exception).toBe(
      'InvalidOperationException: "remote boom" (inner ArgumentException: "inner")',
    );
    expect(nrbfToJson(stream).call?.exception?.readable).toMatchObject({
      message: 'remote boom',
      hresult: '0x80131509',
      stackTrace: [expect.stringMatching(/^at Rem\.Lib\.Svc\.Throw/), expect.anything(), expect.anything()],
      inner: ['ArgumentException: "inner"'],
    });
  });

  it('reads collections and delegates', () => {
    expect(describeNrbf(read(vector('v-coll-hashtable')))).toMatch(
      /Hashtable \{ "a": 1 \}, SortedList \{ "j": "v", "k": 1 \}, ArrayList \{ 1, null, "x" \}, Queue \{ 1, 2 \}/,
    );
    expect(describeNrbf(read(vector('v-delegate')))).toContain('Func<int, int>(Target.Mul + Handlers.Twice)');
  });

  it('shortens type names', () => {
    const list = 'System.Collections.Generic.List`1[[System.String, mscorlib, Version=4.0.0.0]]';
    expect(shortType(list)).toBe('List<string>');
    expect(shortType(`System.Collections.Generic.Dictionary\`2[[System.Int32, mscorlib],[${list}, mscorlib]][]`)).toBe(
      'Dictionary<int, List<string>>[]',
    );
    expect(shortType('Rem.Lib.Svc, RemLib, Version=3.1.4.1')).toBe('Svc');
    expect(shortType('System.Int32[,][]')).toBe('int[,][]');
    expect(shortType('['.repeat(5000))).toBeTypeOf('string');
    // in a time that follows the length
    expect(shortType(`A[${','.repeat(1_000_000)}]`)).toHaveLength(1_000_003);
    expect(shortType('a['.repeat(500_000))).toHaveLength(1_000_000);
  });

  it('keeps a line within its width, whatever is in it', () => {
    for (const name of ['v-call-send-address', 'v-return-throw', 'v-str-utf8', 'v-cycle-two', 'v-nulls-2-255-256-257'])
      for (const max of [20, 60, 120]) expect(describeNrbf(read(vector(name)), max).length).toBeLessThanOrEqual(max);
  });
});

describe('primitive arrays (2.4.3.3)', () => {
  it('stay bytes of the stream, and are typed arrays without a copy where they are aligned', () => {
    const bytes = new Uint8Array(hex(`${HEADER} 0f 01000000 03000000 08 01000000 ffffffff 00000080 0b`));
    const array = read(bytes).root;
    if (array?.type !== 15) throw new Error('no array');
    expect([...typedElements(array)]).toEqual([1, -1, -(2 ** 31)]);
    expect(array.data?.buffer).toBe(bytes.buffer);
  });
});

describe('numbers with bits that JavaScript loses', () => {
  it('keep them on the way back', () => {
    const raw = '0f 01000000 02000000 06 010000000000f87f 0000000000000080';
    const typed = `10 01000000 03000000 08 06 010000000000f87f 08 0b 0100807f 08 06 0000000000000080`;
    for (const body of [raw, typed]) {
      const bytes = hex(`${HEADER} ${body} 0b`);
      const document = JSON.parse(JSON.stringify(nrbfToJson(read(bytes), { full: true })));
      expect(Buffer.from(writeNrbf(document))).toEqual(Buffer.from(bytes));
    }
  });
});
