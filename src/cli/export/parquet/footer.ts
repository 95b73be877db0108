/**
 * What stands at the end of a file: its columns, and where each row group lies (apache/parquet-format, FileMetaData, in Thrift's
 * compact protocol). Of all that is known of a file this alone grows with it: row groups are kept as the bytes that they become,
 * which take a tenth of what they take as objects.
 */
import type { FileMetaData, RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

/** Thrift's list of structures: how many are above its type, or behind it as a number where they are more than fit. */
const STRUCTURES = 0x0c;
const MOST_IN_TYPE = 14;

/** A row group of nothing. */
const NOTHING: RowGroup = { columns: [], total_byte_size: 0n, num_rows: 0n };

/** The end of a file whose row groups come one after the other. */
export class Footer {
  /** The latest row groups: as many as a list tells in its type, for bytes are made of many at a time. */
  private latest: RowGroup[] = [];
  private readonly packed = new ByteWriter();
  private count = 0;
  private rows = 0n;

  constructor(private readonly file: Pick<FileMetaData, 'version' | 'schema' | 'created_by'>) {}

  /** Adds a row group behind the others. */
  add(group: RowGroup): void {
    if (this.latest.length === MOST_IN_TYPE) this.pack();
    this.latest.push(group);
    this.count++;
    this.rows += group.num_rows;
  }

  /** Writes it, and its length behind it. */
  write(to: ByteWriter): void {
    const { count, rows, latest, packed } = this;
    if (count === latest.length) {
      writeMetadata(to, this.metadata(rows, latest));
      return;
    }
    this.pack();
    const none = this.bytes(rows, []);
    const { list } = this.edges(rows);
    const start = to.offset;
    to.appendBytes(none.subarray(0, list));
    to.appendUint8(0xf0 | STRUCTURES);
    to.appendVarInt(count);
    to.appendBytes(packed.getBytes());
    to.appendBytes(none.subarray(list + 1));
    to.appendUint32(to.offset - start);
  }

  private pack(): void {
    const bytes = this.bytes(0n, this.latest);
    const { list, behind } = this.edges(0n);
    this.packed.appendBytes(bytes.subarray(list + 1, bytes.length - behind));
    this.latest = [];
  }

  /** Where the list of row groups begins, whose type takes one byte, and how many bytes are behind it. */
  private edges(rows: bigint): { list: number; behind: number } {
    const none = this.bytes(rows, []);
    const one = this.bytes(rows, [NOTHING]);
    // a list of one begins otherwise than that of none
    const list = none.findIndex((byte, at) => byte !== one[at]);
    return { list, behind: none.length - list - 1 };
  }

  /** The bytes of one with these row groups, without its length. */
  private bytes(rows: bigint, groups: RowGroup[]): Uint8Array {
    const writer = new ByteWriter();
    writeMetadata(writer, this.metadata(rows, groups));
    return writer.getBytes().subarray(0, -4);
  }

  private metadata(rows: bigint, groups: RowGroup[]): FileMetaData {
    return { ...this.file, num_rows: rows, row_groups: groups, metadata_length: 0 };
  }
}
