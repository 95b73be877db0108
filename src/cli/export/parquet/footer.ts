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
  private readonly groups = new ByteWriter();
  private count = 0;
  private rows = 0n;
  /** Bytes of it before and behind the list of row groups, that list's type included. */
  private readonly before: number;
  private readonly behind: number;

  constructor(private readonly file: Pick<FileMetaData, 'version' | 'schema' | 'created_by'>) {
    const none = this.bytes(0n, []);
    const one = this.bytes(0n, [NOTHING]);
    // a list of one begins otherwise than that of none
    this.before = 1 + none.findIndex((byte, at) => byte !== one[at]);
    this.behind = none.length - this.before;
  }

  /** Adds a row group behind the others. */
  add(group: RowGroup): void {
    const bytes = this.bytes(0n, [group]);
    this.groups.appendBytes(bytes.subarray(this.before, bytes.length - this.behind));
    this.count++;
    this.rows += group.num_rows;
  }

  /** Writes it, and its length behind it. */
  write(to: ByteWriter): void {
    const { count, behind } = this;
    const none = this.bytes(this.rows, []);
    const start = to.offset;
    to.appendBytes(none.subarray(0, none.length - behind - 1));
    if (count === 0) to.appendUint8(0);
    else if (count <= MOST_IN_TYPE) to.appendUint8((count << 4) | STRUCTURES);
    else {
      to.appendUint8(0xf0 | STRUCTURES);
      to.appendVarInt(count);
    }
    to.appendBytes(this.groups.getBytes());
    to.appendBytes(none.subarray(none.length - behind));
    to.appendUint32(to.offset - start);
  }

  /** The bytes of one with these row groups, without its length. */
  private bytes(rows: bigint, groups: RowGroup[]): Uint8Array {
    const writer = new ByteWriter();
    writeMetadata(writer, { ...this.file, num_rows: rows, row_groups: groups, metadata_length: 0 });
    return writer.getBytes().subarray(0, -4);
  }
}
