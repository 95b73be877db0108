/** Tables as Parquet: a row group at a time, in dictionaries and with statistics where they help, Snappy compressed. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { version } from '../../version.js';
import type { Sink, TableFormat } from '../table-file.js';
import { ColumnWriter } from './column-writer.js';
import { Footer } from './footer.js';
import { pathOf, STORED, schemaOf } from './stored.js';

/** Rows of a row group, and bytes of its values: the less of the two. */
const GROUP_ROWS = 1 << 13;
const GROUP_BYTES = 1 << 22;

/** What a file begins and ends with: PAR1. */
const MAGIC = 0x31524150;

/** Bytes on their way to a file. */
class FileBytes extends ByteWriter {
  constructor(private readonly sink: Sink) {
    super(1 << 16);
  }

  flush(): void {
    this.sink.write(this.getBytes());
    this.index = 0;
  }
}

/** The format. */
export const PARQUET: TableFormat = {
  ending: '.parquet',
  open({ columns }, sink) {
    const schema: SchemaElement[] = [{ name: 'schema', num_children: columns.length }, ...columns.flatMap(schemaOf)];
    const bytes = new FileBytes(sink);
    const footer = new Footer({ version: 2, schema, created_by: `clrscope version ${version()}` });
    const writers = columns.map((column) => new ColumnWriter(STORED[column.type], pathOf(column)));
    let [rows, size] = [0, 0];
    bytes.appendUint32(MAGIC);
    const group = (): void => {
      if (rows === 0) return;
      const start = bytes.offset;
      const chunks = writers.map((writer) => {
        const chunk = writer.write(bytes);
        bytes.flush();
        return chunk;
      });
      footer.add({
        columns: chunks,
        num_rows: BigInt(rows),
        total_byte_size: chunks.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
        total_compressed_size: BigInt(bytes.offset - start),
      });
      [rows, size] = [0, 0];
    };
    return {
      add(row) {
        for (let i = 0; i < columns.length; i++) size += writers[i].add(columns[i].of(row));
        if (++rows >= GROUP_ROWS || size >= GROUP_BYTES) group();
      },
      end() {
        group();
        footer.write(bytes);
        bytes.appendUint32(MAGIC);
        bytes.flush();
        sink.close();
      },
      close: () => sink.close(),
    };
  },
};
