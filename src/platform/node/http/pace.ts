/** How slowly bytes may come that are to come to an end: who sends one now and then would keep a reader for ever. */
import type { Patience } from './answer.js';
import { NoAnswer } from './no-answer.js';

/** Measures the waiting for bytes. */
export class Pace {
  private bytes = 0;
  private waited = 0;
  private began = performance.now();

  /** The waiting begins. */
  begin(): void {
    this.began = performance.now();
  }

  /**
   * So many bytes came, and others are waited for.
   * @throws NoAnswer where it took them too long
   */
  came(bytes: number, { least, silence }: Pick<Patience, 'least' | 'silence'>): void {
    this.bytes += bytes;
    // nothing is waited for any longer: the machine slept, or the program was busy
    this.waited += Math.min(performance.now() - this.began, silence);
    this.begin();
    if (this.bytes >= least.bytes) {
      this.bytes = 0;
      this.waited = 0;
    } else if (this.waited > least.milliseconds)
      throw new NoAnswer(
        `${this.bytes} bytes came in ${least.milliseconds / 1000} seconds, where ${least.bytes} are the least`,
        'never',
      );
  }
}
