/** Text on its way out, as UTF-8: put together piece by piece, without strings in between. */
import { writeUtf8 } from '#platform';

/** What a buffer begins with, and the largest that is kept for the next text. */
const ROOM = 1 << 16;
const MOST_KEPT = 1 << 22;
/** Up to this length characters are copied one by one before a call into the runtime has begun. */
const SHORT = 64;

/** What is written eight bytes at a time: as a number, which goes to any place. */
const EIGHT = 8;
const BLANKS = new Float64Array(new Uint8Array(EIGHT).fill(0x20).buffer)[0];

/** A text that grows at its end. */
export class TextBytes {
  protected buffer: Uint8Array;
  private wide: DataView;
  protected size = 0;

  /** @param room bytes to begin with: it grows */
  constructor(room = ROOM) {
    this.buffer = new Uint8Array(room);
    this.wide = new DataView(this.buffer.buffer);
  }

  /** Adds text. */
  text(text: string): void {
    if (text.length <= SHORT && this.printable(text)) return;
    // a UTF-16 unit takes three bytes at most
    this.reserve(text.length * 3);
    this.size += writeUtf8(text, this.buffer, this.size);
  }

  /** Adds text if it is nothing but printable ASCII; says whether it is. */
  printable(text: string): boolean {
    const { length } = text;
    this.reserve(length);
    const { buffer, size } = this;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c < 0x20 || c > 0x7e) return false;
      buffer[size + i] = c;
    }
    this.size = size + length;
    return true;
  }

  /** Adds text that is ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    this.size += writeUtf8(text, this.buffer, this.size);
  }

  /** Adds a byte. */
  byte(byte: number): void {
    if (this.size === this.buffer.length) this.reserve(1);
    this.buffer[this.size++] = byte;
  }

  /** Adds `n` blanks. */
  spaces(n: number): void {
    // what is too many is written over
    this.reserve(n + EIGHT);
    const { wide, size } = this;
    for (let i = 0; i < n; i += EIGHT) wide.setFloat64(size + i, BLANKS);
    this.size = size + n;
  }

  /** Adds a whole number below 2^31 in decimal digits. */
  decimal(n: number): void {
    const count = digits(n);
    this.reserve(count);
    const { buffer, size } = this;
    for (let at = size + count - 1, left = n; at >= size; at--) {
      const tenth = (left / 10) | 0;
      buffer[at] = 0x30 + left - tenth * 10;
      left = tenth;
    }
    this.size = size + count;
  }

  /** Adds UTF-8 that was made before. */
  copy(made: Uint8Array): void {
    this.reserve(made.length);
    const { buffer, size } = this;
    for (let i = 0; i < made.length; i++) buffer[size + i] = made[i];
    this.size = size + made.length;
  }

  /** How much there is, for `back`. */
  get length(): number {
    return this.size;
  }

  /** Takes back what was added since the text had this length. */
  back(length: number): void {
    this.size = length;
  }

  /** The text; its bytes hold until the next piece is added, with which a new text begins. */
  take(): Uint8Array {
    const made = this.buffer.subarray(0, this.size);
    this.size = 0;
    if (this.buffer.length > MOST_KEPT) this.use(new Uint8Array(ROOM));
    return made;
  }

  protected reserve(n: number): void {
    const needed = this.size + n;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.size));
    this.use(grown);
  }

  protected use(buffer: Uint8Array): void {
    this.buffer = buffer;
    this.wide = new DataView(buffer.buffer);
  }
}

/** How many digits a whole number has. */
export function digits(n: number): number {
  let count = 1;
  for (let bound = 10; n >= bound; bound *= 10) count++;
  return count;
}
