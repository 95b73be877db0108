/** Standard output, written in blocks and synchronously: a pass over a capture never waits and never grows. */
import { writeSync } from 'node:fs';
import { steerless, steers } from '../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../core/user-error.js';

const BLOCK = 1 << 18;

/** The reader of our output went away: the program ends quietly. */
export class ClosedPipe {}

const DEL = 0x7f;
const NEWLINE = 0x0a;

/** DEL is ASCII: it is looked for a block at a time, where that costs next to nothing. */
function clean(bytes: Buffer): Buffer {
  return bytes.includes(DEL) ? Buffer.from(bytes.toString('utf8').replaceAll('\x7f', '\\u007f'), 'utf8') : bytes;
}

/** Where a piece of a text ends that begins at `at`: not within a character of two units. */
function pieceEnd(text: string, at: number): number {
  const end = Math.min(at + BLOCK, text.length);
  return end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}

/** Buffered writes to a file descriptor. */
export class Output {
  private readonly buffer = Buffer.allocUnsafe(BLOCK);
  private size = 0;
  private led = false;
  /** Write what ends with a line at once. */
  byLine = false;

  /** @param name what a message calls it when nothing more can be written */
  constructor(
    private readonly fd = 1,
    private readonly name = 'standard output',
  ) {}

  /**
   * Adds text. Throws `ClosedPipe` when nobody reads any more. What of it could steer a terminal and is nowhere ours
   * (DEL, C1 controls, what is not seen) is written as `\u…`, which JSON takes for the same.
   * @throws UserError where the disk is full or the like
   */
  write(text: string): void {
    // a UTF-16 unit takes three bytes at most
    const most = text.length * 3;
    if (this.size + most > BLOCK) this.flush();
    if (most > BLOCK) {
      // in pieces: a line may have a hundred million characters, and as bytes it would stand in memory once more
      for (let at = 0, end = 0; at < text.length; at = end) {
        end = pieceEnd(text, at);
        this.all(clean(Buffer.from(steerless(text.slice(at, end)), 'utf8')));
      }
      return;
    }
    let n = this.buffer.write(text, this.size, 'utf8');
    // more bytes than units: not all of it is ASCII
    if (n !== text.length && steers(text)) {
      const safe = steerless(text);
      if (this.size + safe.length * 3 > BLOCK) {
        this.flush();
        this.all(Buffer.from(safe, 'utf8'));
        return;
      }
      n = this.buffer.write(safe, this.size, 'utf8');
    }
    this.added(n);
  }

  /** Adds UTF-8 in which nothing is left that could steer a terminal, but DEL perhaps. */
  copy(made: Uint8Array): void {
    if (this.size + made.length > BLOCK) this.flush();
    if (made.length > BLOCK) {
      this.all(clean(Buffer.from(made.buffer, made.byteOffset, made.length)));
      return;
    }
    this.buffer.set(made, this.size);
    this.added(made.length);
  }

  /** Adds what stands in front of an item of a list: `first` the first time, `later` from then on. */
  lead(first: string, later: string): void {
    this.write(this.led ? later : first);
    this.led = true;
  }

  flush(): void {
    const { size } = this;
    this.size = 0;
    this.all(clean(this.buffer.subarray(0, size)));
  }

  /** Adds what another `Output` made. */
  bytes(made: Uint8Array): void {
    this.flush();
    this.all(made);
  }

  private added(n: number): void {
    this.size += n;
    if (this.byLine && n > 0 && this.buffer[this.size - 1] === NEWLINE) this.flush();
  }

  /** What is written to. */
  protected descriptor(): number {
    return this.fd;
  }

  /** Where the bytes go. */
  protected all(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += this.some(bytes, at);
  }

  private some(bytes: Uint8Array, at: number): number {
    const fd = this.descriptor();
    try {
      return writeSync(fd, bytes, at);
    } catch (e) {
      const code = systemCode(e);
      if (code === 'EPIPE') throw new ClosedPipe();
      if (code !== 'EAGAIN') throw new UserError(`${this.name}: ${reasonOf(e)}`);
      // a pipe that its reader made non-blocking is full: give it a moment
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return 0;
    }
  }
}
