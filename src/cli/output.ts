/** Standard output, written in blocks and synchronously: a pass over a capture never waits and never grows. */
import { writeSync } from 'node:fs';

const BLOCK = 1 << 18;

/** The reader of our output went away: the program ends quietly. */
export class ClosedPipe {}

/** Buffered writes to a file descriptor. */
export class Output {
  private readonly buffer = Buffer.allocUnsafe(BLOCK);
  private size = 0;
  private led = false;

  constructor(private readonly fd = 1) {}

  /** Adds text. Throws `ClosedPipe` when nobody reads any more. */
  write(text: string): void {
    // a UTF-16 unit takes three bytes at most
    const most = text.length * 3;
    if (this.size + most > BLOCK) this.flush();
    if (most > BLOCK) this.all(Buffer.from(text, 'utf8'));
    else this.size += this.buffer.write(text, this.size, 'utf8');
  }

  /** Adds what stands in front of an item of a list: `first` the first time, `later` from then on. */
  lead(first: string, later: string): void {
    this.write(this.led ? later : first);
    this.led = true;
  }

  flush(): void {
    const { size } = this;
    this.size = 0;
    this.all(this.buffer.subarray(0, size));
  }

  private all(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += this.some(bytes, at);
  }

  private some(bytes: Buffer, at: number): number {
    try {
      return writeSync(this.fd, bytes, at);
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new ClosedPipe();
      if (code !== 'EAGAIN') throw e;
      // a pipe that its reader made non-blocking is full: give it a moment
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return 0;
    }
  }
}
