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

/** What captures begin with that are not compressed: pcap in both byte orders and its variants, pcapng. */
const MAGICS: ReadonlySet<number> = new Set([
  ...[0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a],
]);

/** Whether offsets in a capture are those of its file. */
export async function isPlainCapture(file: RandomFile): Promise<boolean> {
  const head = await file.read(0, 4).catch(() => new Uint8Array());
  return head.length === 4 && MAGICS.has(new DataView(head.buffer, head.byteOffset).getUint32(0));
}
