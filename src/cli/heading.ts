/** What text says in front of what it tells of a capture: which one it is, and which of its files. */
import { basename } from 'node:path';
import { paint, safe } from '../output/terminal.js';
import type { Job } from './job.js';
import type { Printing } from './printer.js';

/** The heading of a capture where there are several, or where it has several files. */
export class Heading {
  private isWritten = false;
  /** Files that began since something was written. */
  private files: string[] = [];

  constructor(
    private readonly name: string,
    private readonly job: Pick<Job, 'out' | 'color' | 'several'>,
  ) {}

  /** Hears which file begins. */
  readonly file: Printing['file'] = (name, first) => {
    this.files.push(`-- ${safe(basename(name))} from frame ${first} on`);
  };

  /** Writes what is to be said in front of the next line. True the first time. */
  write(): boolean {
    const { name, job, isWritten, files } = this;
    const { strong } = paint(job.color);
    if (!isWritten && job.several) {
      job.out.lead('', '\n');
      job.out.write(`${strong(`== ${name === '-' ? 'standard input' : safe(name)}`)}\n`);
    }
    for (const line of files) job.out.write(`${strong(line)}\n`);
    this.files = [];
    this.isWritten = true;
    return !isWritten;
  }
}
