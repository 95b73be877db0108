/** How each type of column is stored in Parquet. */
import type { ParquetType, SchemaElement } from 'hyparquet';
import type { Time } from '../../../core/context.js';
import { isTold } from '../../../core/time.js';
import type { CellType, Column } from '../../../output/tables/column.js';
import type { ValueBytes } from './value-bytes.js';

/** One value as it is written: texts and numbers are told apart by what they are, JSON is never told apart. */
export type ParquetValue = string | number | bigint | boolean | Uint8Array;

/** What is known of the values of a column. */
export interface Stored {
  readonly element: Omit<SchemaElement, 'name'> & { readonly type: ParquetType };
  /** A cell is a list of values. */
  readonly list: boolean;
  /** Nearly each value is another one: no dictionary is tried, not even in the first row group. */
  readonly unlike: boolean;
  /** Statistics tell the least and the greatest value. */
  readonly bounded: boolean;
  /** Writes a value. */
  readonly put: (bytes: ValueBytes, value: never) => void;
  /** Makes a value of a cell, where that is not one itself; null for none. */
  readonly value?: (cell: never) => ParquetValue | null;
}

/** The largest number of 64 bits with a sign. */
const MOST = (1n << 63n) - 1n;

/** Microseconds since 1970, for no engine does much with nanoseconds; null where 64 bits do not hold them. */
function microseconds(time: Time): number | bigint | null {
  if (!isTold(time)) return null;
  const { sec, nsec } = time;
  const near = sec * 1e6 + Math.floor(nsec / 1000);
  if (Number.isSafeInteger(near)) return near;
  const whole = BigInt(sec) * 1_000_000n + BigInt(Math.floor(nsec / 1000));
  return whole > MOST || whole < -MOST ? null : whole;
}

const plain = { list: false, unlike: false, bounded: true } as const;
const text = {
  ...plain,
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  put: (bytes: ValueBytes, value: string) => bytes.counted(value),
} as const;
const uint32 = {
  ...plain,
  element: { type: 'INT32', converted_type: 'UINT_32' },
  put: (bytes: ValueBytes, value: number) => bytes.int32(value),
} as const;

/** Every type. */
export const STORED: { readonly [T in CellType]: Stored } = {
  text,
  json: {
    ...text,
    unlike: true,
    bounded: false,
    put: (bytes, value: Uint8Array) => {
      bytes.int32(value.length);
      bytes.bytes(value);
    },
  },
  flag: {
    ...plain,
    element: { type: 'BOOLEAN' },
    unlike: true,
    // a byte each, until all are known
    put: (bytes, value: boolean) => bytes.byte(value ? 1 : 0),
  },
  uint16: { ...uint32, element: { type: 'INT32', converted_type: 'UINT_16' } },
  uint32,
  count: {
    ...plain,
    element: { type: 'INT64' },
    put: (bytes, value: number) => bytes.int64(value),
  },
  number: {
    ...plain,
    element: { type: 'DOUBLE' },
    unlike: true,
    put: (bytes, value: number) => bytes.double(value),
  },
  time: {
    ...plain,
    element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
    unlike: true,
    put: (bytes, value: number | bigint) => bytes.int64(value),
    value: microseconds,
  },
  texts: { ...text, list: true },
  frames: { ...uint32, list: true },
};

/** Elements of the schema that describe a column. */
export function schemaOf({ name, type }: Column<never>): SchemaElement[] {
  const { element, list } = STORED[type];
  if (!list) return [{ ...element, name, repetition_type: 'OPTIONAL' }];
  return [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { ...element, name: 'element', repetition_type: 'OPTIONAL' },
  ];
}

/** Where in the schema its values are. */
export function pathOf({ name, type }: Column<never>): string[] {
  return STORED[type].list ? [name, 'list', 'element'] : [name];
}
