/** Values in the encoding PLAIN (apache/parquet-format, Encodings): one after the other, little-endian, texts behind their lengths. */
import { viewOf } from '../../../core/bytes.js';
import { TextBytes } from '../../../output/text-bytes.js';

/** Values that grow at their end. */
export class ValueBytes extends TextBytes {
  private view: DataView;

  constructor() {
    super(1 << 10);
    this.view = viewOf(this.buffer);
  }

  /** All of it; holds until the next value. */
  get all(): Uint8Array {
    return this.part(0, this.size);
  }

  /** A part of it; holds until the next value. */
  part(start: number, end: number): Uint8Array {
    return this.buffer.subarray(start, end);
  }

  /** Adds 32 bits, of a number with or without a sign. */
  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.size, value, true);
    this.size += 4;
  }

  /** Adds 64 bits, of a whole number. */
  int64(value: number | bigint): void {
    this.reserve(8);
    if (typeof value === 'bigint') this.view.setBigInt64(this.size, value, true);
    else {
      this.view.setInt32(this.size, value, true);
      this.view.setInt32(this.size + 4, Math.floor(value / 2 ** 32), true);
    }
    this.size += 8;
  }

  /** Adds a number as it is here. */
  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.size, value, true);
    this.size += 8;
  }

  /** Adds a text behind its length. */
  counted(text: string): void {
    const start = this.size;
    this.int32(0);
    this.text(text);
    this.view.setInt32(start, this.size - start - 4, true);
  }

  /** Whether what begins there is less or more than others, byte by byte: below or above zero. */
  compareEnd(start: number, other: Uint8Array): number {
    const { buffer } = this;
    const length = this.size - start;
    const common = Math.min(length, other.length);
    for (let i = 0; i < common; i++) {
      const difference = buffer[start + i] - other[i];
      if (difference !== 0) return difference;
    }
    return length - other.length;
  }

  /** Adds bytes. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.size);
    this.size += bytes.length;
  }

  protected override use(buffer: Uint8Array): void {
    super.use(buffer);
    this.view = viewOf(buffer);
  }
}
