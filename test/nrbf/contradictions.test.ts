/** What a stream says in two ways, and differently: it is said, or its members are shown as they stand. */
import { describe, expect, it } from 'vitest';
import { describeNrbf } from '../../dissectors/nrbf/index.js';
import { HEADER, hex, read } from './support.js';

const text = (s: string): string => Buffer.from([s.length, ...Buffer.from(s)]).toString('hex');
const int = (n: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(n);
  return bytes.toString('hex');
};
const long = (n: bigint): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(n);
  return bytes.toString('hex');
};

/** A member: its type (0 and a primitive type, or 2 for an object) and its value. */
type Told = readonly [name: string, primitive: number, value: string];
const INT32 = 8;
const INT64 = 9;
const OBJECT = 0;
/** A class of the system (2.3.2.3) with its only object. */
const object = (id: number, name: string, members: readonly Told[]): string =>
  [
    `04 ${int(id)} ${text(name)} ${int(members.length)}`,
    ...members.map(([member]) => text(member)),
    ...members.map(([, primitive]) => (primitive === OBJECT ? '02' : '00')),
    ...members.map(([, primitive]) => (primitive === OBJECT ? '' : primitive.toString(16).padStart(2, '0'))),
    ...members.map(([, , value]) => value),
  ].join(' ');
const line = (records: string): string => describeNrbf(read(hex(`${HEADER} ${records} 0b`)), 400);
const codes = (records: string): string[] => read(hex(`${HEADER} ${records} 0b`)).warnings.map(({ code }) => code);

/** Three objects 7, 8, 9 as Int32, boxed. */
const THREE = `10 02000000 03000000 ${[7, 8, 9].map((n) => `08 08 ${int(n)}`).join(' ')}`;
const strings = (id: number, count: number): string => `11 ${int(id)} ${int(count)} ${'0a'.repeat(count)}`;

describe('collections whose size is not that of their arrays', () => {
  const list = (size: number): string =>
    line(
      object(1, 'System.Collections.ArrayList', [
        ['_items', OBJECT, '09 02000000'],
        ['_size', INT32, int(size)],
      ]) + THREE,
    );
  it('a list', () => {
    expect(list(2)).toBe('ArrayList { 7, 8 }');
    expect(list(3)).toBe('ArrayList { 7, 8, 9 }');
    expect(list(4)).toBe('ArrayList { _items = object[3] { 7, 8, 9 }, _size = 4 }');
    expect(list(-1)).toBe('ArrayList { _items = object[3] { 7, 8, 9 }, _size = -1 }');
  });

  const queue = (head: number, size: number): string =>
    line(
      object(1, 'System.Collections.Queue', [
        ['_array', OBJECT, '09 02000000'],
        ['_head', INT32, int(head)],
        ['_size', INT32, int(size)],
      ]) + THREE,
    );
  it('a ring, and a head that is not in it', () => {
    expect(queue(2, 2)).toBe('Queue { 9, 7 }');
    expect(queue(0, 3)).toBe('Queue { 7, 8, 9 }');
    expect(queue(-1, 2)).toContain('_head = -1');
    expect(queue(3, 2)).toContain('_head = 3');
    expect(queue(1, 4)).toContain('_size = 4');
  });

  const table = (keys: number, values: number): string =>
    line(
      object(1, 'System.Collections.Hashtable', [
        ['Keys', OBJECT, '09 02000000'],
        ['Values', OBJECT, '09 03000000'],
      ]) +
        strings(2, keys) +
        strings(3, values),
    );
  it('keys without values', () => {
    expect(table(2, 2)).toBe('Hashtable { null: null, null: null }');
    expect(table(2, 1)).toBe('Hashtable { Keys = string[2] { null, null }, Values = string[1] { null } }');
    expect(table(1, 2)).toContain('Keys = string[1]');
  });

  it('numbers where pairs are wanted: they are no ids of others', () => {
    const pairs = `0f 02000000 01000000 08 01000000`;
    const name = 'System.Collections.Generic.Dictionary`2[[System.Int32],[System.Int32]]';
    expect(line(object(1, name, [['KeyValuePairs', OBJECT, '09 02000000']]) + pairs)).toContain(
      'KeyValuePairs = int[1] { 1 }',
    );
  });
});

describe('single values', () => {
  const decimal = (flags: number): string =>
    line(
      object(
        1,
        'System.Decimal',
        ['flags', 'hi', 'lo', 'mid'].map((n) => [n, INT32, int(n === 'flags' ? flags : n === 'lo' ? 5 : 0)]),
      ),
    );
  it('a Decimal by its members, whose flags have a sign and a scale up to 28', () => {
    expect(decimal(0x1c0000)).toBe('0.0000000000000000000000000005m');
    expect(decimal(0x1d0000)).toContain('flags = 1900544');
    expect(decimal(1)).toContain('flags = 1');
  });

  const date = (ticks: bigint, data: bigint): string =>
    line(
      object(1, 'System.DateTime', [
        ['ticks', INT64, long(ticks)],
        ['dateData', INT64, long(data)],
      ]),
    );
  it('a DateTime, which says its ticks twice', () => {
    expect(date(0n, 0n)).toBe('0001-01-01T00:00:00');
    expect(date(864_000_000_000n, 864_000_000_000n | (1n << 62n))).toBe('0001-01-02T00:00:00Z');
    expect(date(0n, 864_000_000_000n)).toContain('ticks = 0');
  });

  const offset = (ticks: bigint, minutes: number): string =>
    line(
      object(1, 'System.DateTimeOffset', [
        ['DateTime', 13, long(ticks)],
        ['OffsetMinutes', INT32, int(minutes)],
      ]),
    );
  it('a DateTimeOffset of 14 hours at most, within the years', () => {
    expect(offset(864_000_000_000n, -60)).toBe('0001-01-01T23:00:00-01:00');
    expect(offset(864_000_000_000n, 841)).toContain('OffsetMinutes = 841');
    expect(offset(0n, -60)).toContain('OffsetMinutes = -60');
  });

  const version = (...parts: number[]): string =>
    line(
      object(
        1,
        'System.Version',
        ['_Major', '_Minor', '_Build', '_Revision'].map((n, i) => [n, INT32, int(parts[i])]),
      ),
    );
  it('a Version, which may lack what is behind the minor one', () => {
    expect([version(1, 2, 3, 4), version(1, 2, 3, -1), version(1, 2, -1, -1)]).toEqual(['1.2.3.4', '1.2.3', '1.2']);
    for (const parts of [
      [-1, 2, 3, 4],
      [1, -1, 3, 4],
      [1, 2, -1, 4],
      [1, 2, -2, -1],
    ])
      expect(version(...parts)).toContain('_Major = ');
  });

  it('a holder of something that no UnityType is', () => {
    const unity = (type: number): string =>
      line(
        object(1, 'System.UnitySerializationHolder', [
          ['Data', OBJECT, `06 02000000 ${text('A.B')}`],
          ['UnityType', INT32, int(type)],
        ]),
      );
    expect(unity(4)).toBe('typeof(B)');
    expect(unity(99)).toContain('UnityType = 99');
  });

  it('2.1.1.7: a Decimal as text, beyond what one holds', () => {
    const decimal = (told: string): string[] => codes(`0f 01000000 01000000 05 ${text(told)}`);
    const boxed = (told: string): string[] => codes(`10 01000000 01000000 08 05 ${text(told)}`);
    for (const said of [decimal, boxed]) {
      expect(said('79228162514264337593543950335')).toEqual([]);
      expect(said('-0.10000000000000000000000000000000')).toEqual([]);
      expect(said('79228162514264337593543950336')).toEqual(['decimal-out-of-range']);
      expect(said('0.00000000000000000000000000001')).toEqual(['decimal-out-of-range']);
      expect(said('1e5')).toEqual(['decimal-malformed']);
    }
  });
});

describe('arrays and messages', () => {
  it('2.4.3.1: an index beyond 31 bits', () => {
    const array = (low: number): string[] => codes(`07 01000000 03 01000000 02000000 ${int(low)} 02 0a 0a`);
    expect(array(-5)).toEqual([]);
    expect(array(0x7ffffffe)).toEqual([]);
    expect(array(0x7fffffff)).toEqual(['index-out-of-range']);
  });

  it('2.2.3: flags of a return in a call, and of a call in a return', () => {
    expect(codes(`15 11000000 12 ${text('M')} 12 ${text('T')}`)).toEqual([]);
    expect(codes(`15 11020000 12 ${text('M')} 12 ${text('T')}`)).toEqual(['flags-misplaced']);
    expect(codes('16 11040000')).toEqual([]);
    expect(codes('16 11840000 10 01000000 01000000 0a')).toEqual(['flags-misplaced']);
  });

  it('numbers where a call array is wanted: they are no ids of others', () => {
    const call = `15 18000000 12 ${text('M')} 12 ${text('T')} 10 01000000 01000000 09 02000000`;
    const numbers = '07 02000000 00 01000000 01000000 00 08 01000000';
    expect(line(call + numbers)).toBe('T.M(int[1] { 1 })');
  });
});
