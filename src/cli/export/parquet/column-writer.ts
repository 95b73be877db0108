/**
 * The values of one column in a row group, encoded as they come: none is kept but in its bytes (apache/parquet-format: data
 * pages V2, the encodings PLAIN and RLE_DICTIONARY, levels as of Dremel).
 */
import type { ColumnChunk, Encoding, PageHeader, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { Bounds } from './bounds.js';
import { Numbers } from './numbers.js';
import type { ParquetValue, Stored } from './stored.js';
import { ValueBytes } from './value-bytes.js';

/** Distinct values from which on a dictionary must be worth it, and how many one may have. */
const TRIED = 1 << 12;
const MOST_DISTINCT = 1 << 16;

/** A value that was met lately: its number, and its bytes. */
interface Recent {
  value: ParquetValue | null;
  index: number;
  length: number;
}

/** One column of a table. */
export class ColumnWriter {
  /** How much of each value is there: of a list 0 not even that, 1 nothing in it, 2 no value; `whole` where a value is. */
  private readonly definitions = new Numbers(0xff);
  private readonly whole: number;
  /** Of lists: 1 where a value is in the same one as that before. */
  private readonly repetitions = new Numbers(0xff);
  private rows = 0;
  private nulls = 0;
  /** Values in their order; where there is a dictionary, the distinct ones. */
  private values = new ValueBytes();
  /** Room for them where the dictionary is given up. */
  private spare = new ValueBytes();
  /** The numbers of distinct values; null where there is no dictionary. */
  private distinct: Map<ParquetValue, number> | null = null;
  /** Where each of them ends. */
  private readonly ends: number[] = [];
  /** Whether nearly each of many values was another one: no dictionary is tried any more. */
  private unlike: boolean;
  private readonly indexes = new Numbers(0xffffffff);
  /** The last value and the last other one: most columns go on by these, as the ends of requests and answers do. */
  private last: Recent = { value: null, index: 0, length: 0 };
  private other: Recent = { value: null, index: 0, length: 0 };
  /** Bytes of all values in their order. */
  private length = 0;
  private readonly bounds: Bounds;

  /** @param path where it is in the schema */
  constructor(
    private readonly stored: Stored,
    private readonly path: string[],
  ) {
    this.whole = stored.list ? 3 : 1;
    this.unlike = stored.unlike;
    this.bounds = new Bounds(stored.element);
    this.begin();
  }

  /** Adds a row's cell; returns how many bytes were new. */
  add(cell: unknown): number {
    const { stored, values, whole } = this;
    const before = values.length;
    this.rows++;
    if (cell === null || cell === undefined) this.missing(0);
    else if (!stored.list) {
      const value = stored.value === undefined ? (cell as ParquetValue) : stored.value(cell as never);
      if (value === null) this.missing(0);
      else {
        this.definitions.push(whole);
        this.value(value);
      }
    } else {
      const list = cell as readonly (ParquetValue | null)[];
      if (list.length === 0) this.missing(1);
      for (let i = 0; i < list.length; i++) {
        const value = list[i];
        const repetition = i === 0 ? 0 : 1;
        if (value === null) this.missing(2, repetition);
        else {
          this.definitions.push(whole);
          this.repetitions.push(repetition);
          this.value(value);
        }
      }
    }
    return Math.max(0, this.values.length - before);
  }

  /** Writes all there is as a chunk, and begins anew. */
  write(to: ByteWriter): ColumnChunk {
    const { stored, path, bounds, nulls } = this;
    const start = to.offset;
    if (this.distinct !== null && !isWorthIt(this.distinct.size, this.values, this.indexes, this.length)) this.spell();
    const count = this.definitions.length;
    const encoding: Encoding = this.distinct === null ? 'PLAIN' : 'RLE_DICTIONARY';
    const dictionary = this.distinct === null ? 0 : this.dictionaryPage(to, this.distinct.size);
    const dataStart = to.offset;
    const uncompressed = dictionary + this.dataPage(to, count, encoding);
    const statistics: Statistics = { null_count: BigInt(nulls), ...bounds.take() };
    this.begin();
    return {
      file_offset: BigInt(start),
      meta_data: {
        type: stored.element.type,
        encodings: dictionary === 0 ? ['PLAIN'] : ['PLAIN', encoding],
        path_in_schema: path,
        codec: 'SNAPPY',
        num_values: BigInt(count),
        total_uncompressed_size: BigInt(uncompressed),
        total_compressed_size: BigInt(to.offset - start),
        data_page_offset: BigInt(dataStart),
        ...(dictionary === 0 ? {} : { dictionary_page_offset: BigInt(start) }),
        ...(stored.bounded ? { statistics } : {}),
        encoding_stats: [
          ...(dictionary === 0 ? [] : [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const]),
          { page_type: 'DATA_PAGE_V2', encoding, count: 1 },
        ],
      },
    };
  }

  private begin(): void {
    this.distinct = this.unlike ? null : new Map();
    this.definitions.clear();
    this.repetitions.clear();
    this.indexes.clear();
    this.ends.length = 0;
    this.values.take();
    this.last.value = null;
    this.other.value = null;
    this.rows = 0;
    this.nulls = 0;
    this.length = 0;
  }

  private missing(definition: number, repetition = 0): void {
    this.definitions.push(definition);
    if (this.stored.list) this.repetitions.push(repetition);
    this.nulls++;
  }

  private value(value: ParquetValue): void {
    const { distinct, indexes } = this;
    if (distinct === null) {
      this.put(value);
      return;
    }
    if (value !== this.last.value) {
      const { last } = this;
      this.last = this.other;
      this.other = last;
      if (value !== this.last.value) {
        const index = distinct.get(value) ?? distinct.size;
        if (index === distinct.size) {
          if (index >= MOST_DISTINCT || (index >= TRIED && 2 * index > indexes.length)) {
            this.spell();
            this.put(value);
            return;
          }
          distinct.set(value, index);
          this.put(value);
          this.ends.push(this.values.length);
        }
        this.last.value = value;
        this.last.index = index;
        this.last.length = this.ends[index] - (index === 0 ? 0 : this.ends[index - 1]);
      }
    }
    this.length += this.last.length;
    indexes.push(this.last.index);
  }

  private put(value: ParquetValue): void {
    const { stored, values } = this;
    const start = values.length;
    stored.put(values, value as never);
    if (stored.bounded) this.bounds.add(value, values, start);
  }

  /** Gives the dictionary up. */
  private spell(): void {
    const { values, spare, ends, indexes } = this;
    if (indexes.length >= TRIED) this.unlike = true;
    for (const index of indexes.all) spare.bytes(values.part(index === 0 ? 0 : ends[index - 1], ends[index]));
    values.take();
    this.values = spare;
    this.spare = values;
    this.distinct = null;
  }

  /** Returns how many bytes it would have without compression. */
  private dictionaryPage(to: ByteWriter, count: number): number {
    const header = {
      type: 'DICTIONARY_PAGE',
      dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
    } as const;
    return writePage(to, header, new Uint8Array(), this.values.all);
  }

  private dataPage(to: ByteWriter, count: number, encoding: Encoding): number {
    const { stored, definitions, repetitions, rows, nulls } = this;
    const levels = new ByteWriter();
    const repeated = stored.list ? writeRleBitPackedHybrid(levels, repetitions.all, 1) : 0;
    const defined = writeRleBitPackedHybrid(levels, definitions.all, stored.list ? 2 : 1);
    const header = {
      type: 'DATA_PAGE_V2',
      data_page_header_v2: {
        num_values: count,
        num_nulls: nulls,
        num_rows: rows,
        encoding,
        definition_levels_byte_length: defined,
        repetition_levels_byte_length: repeated,
        is_compressed: true,
      },
    } as const;
    return writePage(to, header, levels.getBytes(), this.body());
  }

  private body(): Uint8Array {
    const { stored, values, distinct, indexes } = this;
    if (stored.element.type === 'BOOLEAN') return bitsOf(values.all);
    if (distinct === null) return values.all;
    const body = new ByteWriter();
    const width = widthOf(distinct.size);
    body.appendUint8(width);
    writeRleBitPackedHybrid(body, indexes.all, width);
    return body.getBytes();
  }
}

/** Bits of a number in a dictionary. */
function widthOf(distinct: number): number {
  return Math.ceil(Math.log2(distinct));
}

/** Whether a dictionary takes half of what all values would at most. */
function isWorthIt(distinct: number, { length }: ValueBytes, indexes: Numbers, whole: number): boolean {
  return distinct > 0 && 2 * (length + (indexes.length * widthOf(distinct)) / 8) <= whole;
}

/** Bytes that are 0 or 1 as bits. */
function bitsOf(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) bits[i >> 3] |= flags[i] << (i & 7);
  return bits;
}

/** Writes a page; returns how many bytes it would have without compression. */
function writePage(
  to: ByteWriter,
  header: Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>,
  levels: Uint8Array,
  body: Uint8Array,
): number {
  const start = to.offset;
  const packed = snappyCompress(body);
  writePageHeader(to, {
    ...header,
    uncompressed_page_size: levels.length + body.length,
    compressed_page_size: levels.length + packed.length,
  });
  const length = to.offset - start + levels.length + body.length;
  to.appendBytes(levels);
  to.appendBytes(packed);
  return length;
}
