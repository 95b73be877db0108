/** Tables as Parquet: a row group at a time, in dictionaries and with statistics where they help, Snappy compressed. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Time } from '../../core/context.js';
import type { Cell, Cells, CellType, Column } from '../../output/tables/column.js';
import { version } from '../version.js';
import type { Sink, TableFormat } from './table-file.js';

/** Rows of a row group, and bytes of its texts: the less of the two. */
const GROUP_ROWS = 1 << 14;
const GROUP_BYTES = 1 << 23;
/** Bytes that a value counts as beside its text. */
const EACH = 8;

/** How a type of column is stored. */
interface Stored<T extends CellType> {
  readonly element: Omit<SchemaElement, 'name'>;
  /** For lists: what their elements are. */
  readonly list?: true;
  /** Each value is another one: neither a dictionary nor bounds help. */
  readonly plain?: true;
  readonly value: (cell: Cells[T]) => unknown;
  /** Bytes of it beside `EACH`. */
  readonly size?: (cell: Cells[T]) => number;
}

const same = <T>(cell: T): T => cell;

/** The largest number of 64 bits with a sign. */
const MOST = (1n << 63n) - 1n;

/** Microseconds since 1970, for no engine does much with nanoseconds; null where 64 bits do not hold them. */
function microseconds({ sec, nsec }: Time): bigint | null {
  const time = BigInt(sec) * 1_000_000n + BigInt(Math.floor(nsec / 1000));
  return time > MOST || time < -MOST ? null : time;
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const UINT32 = { type: 'INT32', converted_type: 'UINT_32' } as const;

const STORED: { readonly [T in CellType]: Stored<T> } = {
  text: { element: TEXT, value: same, size: (text) => text.length },
  json: { element: TEXT, plain: true, value: (json) => json.slice(), size: (json) => json.length },
  flag: { element: { type: 'BOOLEAN' }, value: same },
  uint16: { element: { type: 'INT32', converted_type: 'UINT_16' }, value: same },
  uint32: { element: UINT32, value: same },
  count: { element: { type: 'INT64' }, value: (n) => BigInt(n) },
  number: { element: { type: 'DOUBLE' }, value: same },
  time: {
    element: {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    value: microseconds,
  },
  texts: { element: TEXT, list: true, value: same, size: (texts) => texts.reduce((n, t) => n + t.length + EACH, 0) },
  frames: { element: UINT32, list: true, value: same, size: (frames) => EACH * frames.length },
};

/** Elements of the schema that describe a column. */
function schemaOf({ name, type }: Column<never>): SchemaElement[] {
  const { element, list } = STORED[type];
  if (list === undefined) return [{ ...element, name, repetition_type: 'OPTIONAL' }];
  return [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', logical_type: { type: 'LIST' }, num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { ...element, name: 'element', repetition_type: 'OPTIONAL' },
  ];
}

/** Bytes on their way to a file. */
class FileBytes extends ByteWriter {
  constructor(private readonly sink: Sink) {
    super(1 << 16);
  }

  flush(): void {
    this.sink.write(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

/** The format. */
export const PARQUET: TableFormat = {
  ending: '.parquet',
  open({ columns }, sink) {
    const schema: SchemaElement[] = [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(schemaOf)];
    const writer = new ParquetWriter({
      writer: new FileBytes(sink),
      schema,
      createdBy: `clrscope version ${version()}`,
    });
    const stored = columns.map(({ type }) => STORED[type] as Stored<CellType>);
    let data: unknown[][] = columns.map(() => []);
    let [rows, bytes] = [0, 0];
    const group = (): void => {
      if (rows === 0) return;
      const columnData = columns.map(({ name }, i) => ({
        name,
        data: data[i],
        ...(stored[i].plain === true ? { encoding: 'PLAIN' as const, statistics: false } : {}),
      }));
      writer.write({ columnData, rowGroupSize: rows });
      data = columns.map(() => []);
      [rows, bytes] = [0, 0];
    };
    return {
      add(row) {
        for (let i = 0; i < columns.length; i++) {
          const cell: Cell | undefined = columns[i].of(row);
          const { value, size } = stored[i];
          const isNull = cell === null || cell === undefined;
          data[i].push(isNull ? null : value(cell as never));
          if (!isNull && size !== undefined) bytes += size(cell as never);
        }
        bytes += EACH * columns.length;
        if (++rows >= GROUP_ROWS || bytes >= GROUP_BYTES) group();
      },
      end() {
        group();
        writer.finish();
        sink.close();
      },
      close: () => sink.close(),
    };
  },
};
