/** Bytes of the capture file at any place. */
import type { CaptureInput } from '../../index.js';

/** Reads a file that was chosen, or one of the server that handed out the page. Compressed ones as they are stored. */
export class RandomFile {
  constructor(private readonly input: CaptureInput) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    const { input } = this;
    if (input instanceof Blob) return new Uint8Array(await input.slice(offset, offset + length).arrayBuffer());
    if (typeof input !== 'string') return new Uint8Array();
    const answer = await fetch(input, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
    if (!answer.ok) throw new Error(`the server answers ${answer.status} ${answer.statusText}`.trim());
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return answer.status === 206 ? bytes : bytes.subarray(offset, offset + length);
  }
}
