/** Tables as Parquet: a row group at a time, in dictionaries and with statistics where they help, Snappy compressed. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { version } from '../../version.js';
import type { Sink, TableFormat } from '../table-file.js';
import { ColumnWriter } from './column-writer.js';
import { pathOf, STORED, schemaOf } from './stored.js';

/** Rows of a row group, and bytes of its values: the less of the two. */
const GROUP_ROWS = 1 << 14;
const GROUP_BYTES = 1 << 22;

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
    const bytes = new FileBytes(sink);
    const file = new ParquetWriter({ writer: bytes, schema, createdBy: `clrscope version ${version()}` });
    const writers = columns.map((column) => new ColumnWriter(STORED[column.type], pathOf(column)));
    let [rows, size] = [0, 0];
    const group = (): void => {
      if (rows === 0) return;
      const start = bytes.offset;
      const chunks = writers.map((writer) => {
        const chunk = writer.write(bytes);
        bytes.flush();
        return chunk;
      });
      file.row_groups.push({
        columns: chunks,
        num_rows: BigInt(rows),
        total_byte_size: chunks.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
        total_compressed_size: BigInt(bytes.offset - start),
      });
      file.num_rows += BigInt(rows);
      [rows, size] = [0, 0];
    };
    return {
      add(row) {
        for (let i = 0; i < columns.length; i++) size += writers[i].add(columns[i].of(row));
        if (++rows >= GROUP_ROWS || size >= GROUP_BYTES) group();
      },
      end() {
        group();
        file.finish();
        sink.close();
      },
      close: () => sink.close(),
    };
  },
};
