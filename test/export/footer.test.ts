/** The end of a file, whose row groups are kept as bytes, is what the library writes of all of them at once. */
import type { FileMetaData, RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { expect, test } from 'vitest';
import { Footer } from '../../src/cli/export/parquet/footer.js';

const file = {
  version: 2,
  created_by: 'clrscope version 0',
  schema: [
    { name: 'schema', num_children: 2 },
    { name: 'server', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'frame', type: 'INT32', converted_type: 'UINT_32', repetition_type: 'OPTIONAL' },
  ],
} satisfies Pick<FileMetaData, 'version' | 'schema' | 'created_by'>;

/** A row group of both columns; each number in it is another one in each. */
const groupOf = (at: number): RowGroup => ({
  columns: ['server', 'frame'].map((name, column) => ({
    file_offset: BigInt(at * 1000 + column),
    meta_data: {
      type: column === 0 ? 'BYTE_ARRAY' : 'INT32',
      encodings: ['PLAIN', 'RLE_DICTIONARY'],
      path_in_schema: [name],
      codec: 'SNAPPY',
      num_values: BigInt(at),
      total_uncompressed_size: BigInt(at * 9),
      total_compressed_size: BigInt(at * 5),
      data_page_offset: BigInt(at * 1000 + column + 40),
      statistics:
        column === 0
          ? { null_count: BigInt(at), min_value: `a${at}`, max_value: `z${at}` }
          : { null_count: 0n, min_value: at, max_value: at * 2 },
    },
  })),
  num_rows: BigInt(at),
  total_byte_size: BigInt(at * 18),
  total_compressed_size: BigInt(at * 10),
});

test.each([0, 1, 2, 14, 15, 28, 29, 127, 128, 300])('%i row groups', (count) => {
  const groups = Array.from({ length: count }, (_, at) => groupOf(at * 7 + 1));
  const rows = groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  const expected = new ByteWriter();
  writeMetadata(expected, { ...file, num_rows: rows, row_groups: groups, metadata_length: 0 });
  const [footer, written] = [new Footer(file), new ByteWriter()];
  for (const group of groups) footer.add(group);
  footer.write(written);
  expect(written.getBytes()).toEqual(expected.getBytes());
});
