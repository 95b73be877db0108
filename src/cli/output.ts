/** Standard output, written in blocks and synchronously: a pass over a capture never waits and never grows. */
import { writeSync } from 'node:fs';

const BLOCK = 1 << 16;

/** The reader of our output went away: the program ends quietly. */
export class ClosedPipe {}

/** Buffered writes to a file descriptor. */
export class Output {
  private parts: string[] = [];
  private size = 0;

  constructor(private readonly fd = 1) {}

  /** Adds text. Throws `ClosedPipe` when nobody reads any more. */
  write(text: string): void {
    this.parts.push(text);
    this.size += text.length;
    if (this.size >= BLOCK) this.flush();
  }

  flush(): void {
    if (this.size === 0) return;
    const bytes = Buffer.from(this.parts.join(''), 'utf8');
    this.parts = [];
    this.size = 0;
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
