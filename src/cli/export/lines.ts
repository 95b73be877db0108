/** Tables as lines: a JSON object each, or comma separated values. */

import { JsonBytes } from '../../output/json-bytes.js';
import { csvHead, csvLine } from '../../output/tables/csv.js';
import { writeRow } from '../../output/tables/json.js';
import type { Sink, TableFile, TableFormat } from './table-file.js';

/** Bytes that are gathered before they are written. */
const BLOCK = 1 << 18;

/** JSON objects, one a line. */
export const NDJSON: TableFormat = {
  ending: '.ndjson',
  open: (table, sink) =>
    gathering(sink, '', (text, row) => {
      writeRow(text, table, row);
      text.byte(0x0a);
    }),
};

/** Comma separated values, the names in the first line. */
export const CSV: TableFormat = {
  ending: '.csv',
  open: (table, sink) => gathering(sink, csvHead(table), (text, row) => text.text(csvLine(table, row))),
};

/** Writes lines in blocks. */
function gathering<Row>(sink: Sink, head: string, put: (text: JsonBytes, row: Row) => void): TableFile<Row> {
  const text = new JsonBytes();
  text.text(head);
  return {
    add(row) {
      put(text, row);
      if (text.length >= BLOCK) sink.write(text.take());
    },
    end() {
      sink.write(text.take());
      sink.close();
    },
    close: () => sink.close(),
  };
}
