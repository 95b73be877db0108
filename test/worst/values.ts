/** Shapes of values: NRBF graphs, VARIANTs, interface pointers and texts, each in one stub that grows. */
import type { JsonObject } from '../../src/encode/error.js';
import { activation, apartment, dispatched, scenarioOf, serialized } from '../../src/encode/scenarios/parts.js';
import { concat, u32 } from '../bytes.js';
import { collidingIds } from './collisions.js';
import type { Shape } from './shapes.js';
import { capture, played } from './talk.js';

export const HEADER = Uint8Array.from([0, 1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0]);
const END = [11];
const NULL = [10];
export const int = (n: number): Uint8Array => u32(n, true);
/** LengthPrefixedString up to 127 bytes. */
export const name = (text: string): Uint8Array => concat([Buffer.byteLength(text)], Buffer.from(text));
export const reference = (id: number): Uint8Array => concat([9], int(id));
export const objectArray = (id: number, length: number): Uint8Array => concat([16], int(id), int(length));
const times = <T>(n: number, each: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => each(i));
/** `n` records one behind the other. */
const list = (n: number, each: (i: number) => Uint8Array): Uint8Array => Buffer.concat(times(n, each));

/** SystemClassWithMembersAndTypes with members of type Object. */
export function classWith(id: number, className: string, members: readonly string[]): Uint8Array {
  return concat(
    [4],
    int(id),
    name(className),
    int(members.length),
    Buffer.concat(members.map(name)),
    members.map(() => 2),
  );
}
export const again = (id: number, metadata: number): Uint8Array => concat([1], int(id), int(metadata));

/** GetSerializedBuffer that answers with a stream. */
export function stream(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  const hex = Buffer.from(concat(HEADER, ...parts, END)).toString('hex');
  return played(scenarioOf([apartment([{ ...serialized(null), out: { pBSTR: { hex } } }])]));
}

/** A chain: each object holds the next. */
function chain(n: number): Uint8Array {
  return stream(
    classWith(1, 'Chain', ['next']),
    list(n - 1, (i) => again(i + 2, 1)),
    NULL,
  );
}

const EXPLORE = ['calls -T ndjson', '-V', 'audit'];

/** IServicedComponentInfo::GetComponentInfo that answers with an array. */
function componentInfo(infoArray: JsonObject): JsonObject {
  return {
    interface: 'IServicedComponentInfo',
    operation: 'GetComponentInfo',
    object: '00001004-0c34-0000-a000-000000000004',
    in: { infoMask: 7 },
    out: { infoMask: 7, infoArray },
  };
}

/** VARIANTs in each other, `depth` of them: an array of one element that is an array. */
function nested(depth: number): JsonObject {
  let inner: JsonObject = { vt: 'VT_I4', value: 7 };
  for (let i = 0; i < depth; i++)
    inner = { vt: 'VT_ARRAY|VT_VARIANT', value: { vt: 'VT_VARIANT', elements: [inner], features: ['FADF_VARIANT'] } };
  return inner;
}

const uuid = (i: number): string =>
  `0000${(i >> 16).toString(16).padStart(4, '0')}-${(i & 0xffff).toString(16).padStart(4, '0')}-0000-a000-000000000001`;

/** RemQueryInterface that gives `n` interface pointers, to `calls` calls. */
function pointers(n: number, calls = 1): JsonObject[] {
  return times(calls, (k) => ({
    interface: 'IRemUnknown2',
    operation: 'RemQueryInterface',
    object: '00000800-0c34-0000-1111-222233334444',
    in: { ripid: uuid(0), cRefs: 5, cIids: n, iids: times(n, (i) => uuid(i)) },
    out: {
      ppQIResults: times(n, (i) => ({
        hResult: '0x00000000',
        std: {
          flags: 0,
          cPublicRefs: 5,
          oxid: `0x${(k + 1).toString(16)}`,
          oid: `0x${(k * n + i + 1).toString(16)}`,
          ipid: uuid(k * n + i + 1),
        },
      })),
    },
    result: '0x00000000',
  }));
}

/** A call whose answer is a text. */
function text(value: string): Uint8Array {
  return played(scenarioOf([apartment([{ ...serialized(null), out: { pBSTR: { text: value } } }])]));
}

/** A capture of a sealed conversation without every third packet that carries data. */
function lossy(n: number): Uint8Array {
  const account = { type: 'NTLM', user: 'alice', domain: 'LAB', password: 'Winter-2026', level: 'PKT_INTEGRITY' };
  const calls = times(n, () => ({ ...serialized(null), out: { pBSTR: { text: 'x' } } }));
  const whole = played(scenarioOf([apartment(calls, { auth: account })]));
  const packets: Uint8Array[] = [];
  const view = new DataView(whole.buffer, whole.byteOffset);
  for (let at = 24, i = 0; at < whole.length; i++) {
    const length = view.getUint32(at + 8, true);
    if (i < 20 || length < 70 || i % 3 !== 0) packets.push(whole.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return capture(packets);
}

export const VALUES: readonly Shape[] = [
  { name: 'NRBF: objects in objects', n: 100_000, make: chain, commands: [...EXPLORE, 'vectors -o - --format jsonl'] },
  {
    name: 'NRBF: arrays in arrays',
    n: 100_000,
    make: (n) =>
      stream(
        list(n, (i) => objectArray(i + 1, 1)),
        NULL,
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: an object that refers to the one behind it',
    n: 40_000,
    make: (n) =>
      stream(
        objectArray(1, 1),
        reference(2),
        classWith(2, 'Chain', ['next']),
        reference(3),
        list(n, (i) => concat(again(i + 3, 2), i === n - 1 ? NULL : reference(i + 4))),
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: references to one object that holds the array',
    n: 200_000,
    make: (n) =>
      stream(
        objectArray(1, n + 1),
        list(n, () => reference(2)),
        classWith(2, 'Back', ['to']),
        reference(1),
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: references to what never comes',
    n: 200_000,
    make: (n) =>
      stream(
        objectArray(1, n),
        list(n, (i) => reference(i + 2)),
      ),
    commands: ['calls -T ndjson', '-V'],
  },
  {
    name: 'NRBF: references to what comes behind them, with any ids',
    n: 80_000,
    make: (n) => {
      const ids = times(n, (i) => (i % 2 === 0 ? -2 - i : (i * 2_654_435) & 0x7fffffff));
      return stream(
        objectArray(1, 2 * n),
        list(n, (i) => reference(ids[i])),
        list(n, (i) => concat([6], int(ids[i]), name('x'))),
      );
    },
    commands: EXPLORE,
  },
  {
    name: 'NRBF: runs of one null',
    n: 200_000,
    make: (n) =>
      stream(
        objectArray(1, n),
        list(n, () => Uint8Array.of(13, 1)),
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: objects with one id',
    n: 100_000,
    make: (n) =>
      stream(
        objectArray(1, n),
        list(n, () => concat([6], int(7), name('again'))),
      ),
    commands: ['calls -T ndjson', '-V'],
  },
  {
    name: 'NRBF: ids chosen to fall together in a table',
    n: 32_768,
    make: (n) => {
      const ids = collidingIds(n);
      return stream(
        objectArray(1, n),
        list(n, (i) => concat([6], int(ids[i]), name('x'))),
      );
    },
    commands: ['calls -T ndjson', '-T json'],
  },
  {
    name: 'NRBF: ids with gaps',
    n: 80_000,
    make: (n) =>
      stream(
        objectArray(1, n),
        list(n, (i) => concat([6], int(i * 60), name('x'))),
      ),
    commands: ['calls'],
  },
  {
    name: 'NRBF: classes of one object',
    n: 20_000,
    make: (n) =>
      stream(
        objectArray(1, n),
        list(n, (i) => concat(classWith(i + 2, 'Same', ['a']), NULL)),
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: one class of many members',
    n: 20_000,
    make: (n) =>
      stream(
        classWith(
          1,
          'Wide',
          times(n, (i) => `m${i}`),
        ),
        list(n, () => Uint8Array.from(NULL)),
      ),
    commands: EXPLORE,
  },
  {
    name: 'NRBF: libraries',
    n: 80_000,
    make: (n) =>
      stream(
        list(n, (i) => concat([12], int(i + 2), name('Library'))),
        objectArray(1, 0),
      ),
    commands: ['calls -T ndjson', '-V'],
  },
  {
    name: 'NRBF: remoting messages with many arguments',
    n: 10_000,
    make: (n) => {
      const args = times(n, (i) => ({ type: 'System.Int32', value: i }));
      const call = { call: { kind: 'call', method: 'M', type: 'T, A', args } };
      const back = { call: { kind: 'return', args, returnValue: null } };
      return played(scenarioOf([apartment([dispatched(call, back)])]));
    },
    commands: EXPLORE,
  },
  {
    name: 'SAFEARRAY of VARIANT',
    n: 6000,
    make: (n) => {
      const elements = times(n, (i) => ({ vt: 'VT_I4', value: i }));
      return played(
        scenarioOf([apartment([componentInfo({ vt: 'VT_VARIANT', elements, features: ['FADF_VARIANT'] })])]),
      );
    },
    commands: EXPLORE,
  },
  {
    name: 'SAFEARRAYs of VARIANTs of SAFEARRAYs, 20 deep',
    n: 500,
    make: (n) => {
      const elements = times(n, () => nested(20));
      return played(
        scenarioOf([apartment([componentInfo({ vt: 'VT_VARIANT', elements, features: ['FADF_VARIANT'] })])]),
      );
    },
    commands: EXPLORE,
  },
  {
    name: 'interface pointers, 200 a call',
    n: 30,
    make: (n) => played(scenarioOf([apartment(pointers(200, n))])),
    commands: [...EXPLORE, 'objects'],
  },
  {
    name: 'interface pointers, all in one call',
    n: 2000,
    make: (n) => played(scenarioOf([apartment(pointers(n))])),
    commands: [...EXPLORE, 'objects'],
  },
  {
    name: 'activations',
    n: 300,
    make: (n) =>
      played(
        scenarioOf(times(n, (i) => activation({ client: { address: `10.${i >> 8}.${i & 255}.1`, port: 50000 } }))),
      ),
    commands: [...EXPLORE, 'objects'],
  },
  {
    name: 'texts of terminal escapes',
    n: 1_000_000,
    make: (n) => text('\u001b[2J\u202e'.repeat(n / 5)),
    commands: EXPLORE,
  },
  {
    name: 'NTLM with every third PDU lost',
    n: 1000,
    make: lossy,
    commands: ['calls --secrets SECRETS', '-V --secrets SECRETS'],
  },
  ...['(a+)+$', '(a|a)*b', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', 'a*a*a*a*a*c', '.*.*.*=.*'].map(
    (pattern): Shape => ({
      name: `filter: matches "${pattern}"`,
      n: 400_000,
      make: (n) => text('a'.repeat(n)),
      commands: ['-Y #'],
      filter: () => `ioi.pbstr matches "${pattern}"`,
    }),
  ),
  {
    name: 'filter: a long alternation',
    n: 10_000,
    make: (n) => text('abcdefgh'.repeat(n)),
    commands: ['-Y #'],
    filter: () => `ioi.pbstr matches "${times(150, (i) => `abcdefgh${i}`).join('|')}"`,
  },
  {
    name: 'filter: contains',
    n: 400_000,
    make: (n) => text('a'.repeat(n)),
    commands: ['-Y #'],
    filter: () => `ioi.pbstr contains "${'a'.repeat(500)}b"`,
  },
  {
    name: 'filter: or, many times',
    n: 1000,
    make: () => text('abc'),
    commands: ['-Y #'],
    filter: (n) => times(n, (i) => `tcp.port == ${i}`).join(' or '),
  },
  {
    name: 'filter: a set',
    n: 2000,
    make: () => text('abc'),
    commands: ['-Y #'],
    filter: (n) => `tcp.port in {${times(n, (i) => i).join(', ')}}`,
  },
  {
    name: 'interface pointers with many addresses',
    n: 1500,
    make: (n) => {
      const reply = JSON.parse(JSON.stringify(activation())) as JsonObject;
      const more = JSON.stringify(times(n, (i) => `10.9.${i >> 8}.${i & 255}[49664]`));
      const grown = JSON.stringify(reply).replaceAll('["10.9.0.20[49664]","SERVER[49664]"]', more);
      return played(scenarioOf([JSON.parse(grown)]));
    },
    commands: [...EXPLORE, 'objects'],
  },
];
