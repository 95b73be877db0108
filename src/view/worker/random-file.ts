/** Bytes of the capture's files at any place. */

/** A file that was chosen, or one of the server that handed out the page. */
interface Part {
  readonly from: Blob | string;
  readonly size: number;
}

/** Reads files as if they stood one behind the other. Compressed ones as they are stored. */
export class RandomFile {
  constructor(readonly parts: readonly Part[]) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let begin = 0;
    for (const [at, { from, size }] of this.parts.entries()) {
      // the last one may have grown since
      const most = at === this.parts.length - 1 ? Number.POSITIVE_INFINITY : size;
      const [start, end] = [Math.max(offset - begin, 0), Math.min(offset + length - begin, most)];
      if (start < end) pieces.push(await bytesOf(from, start, end));
      begin += size;
    }
    return pieces.length === 1 ? pieces[0] : joined(pieces);
  }
}

async function bytesOf(from: Blob | string, start: number, end: number): Promise<Uint8Array> {
  if (from instanceof Blob) return new Uint8Array(await from.slice(start, end).arrayBuffer());
  const answer = await fetch(from, { headers: { range: `bytes=${start}-${end - 1}` } });
  if (!answer.ok) throw new Error(`the server answers ${answer.status} ${answer.statusText}`.trim());
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return answer.status === 206 ? bytes : bytes.subarray(start, end);
}

/** What captures begin with that are not compressed: pcap in both byte orders and its variants, pcapng. */
const MAGICS: ReadonlySet<number> = new Set([
  ...[0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a],
]);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Whether offsets in a capture are those of its files. */
export async function isPlainCapture(file: RandomFile): Promise<boolean> {
  let begin = 0;
  for (const { size } of file.parts) {
    const head = await file.read(begin, Math.min(4, size)).catch(() => new Uint8Array());
    if (head.length < 4 || !MAGICS.has(new DataView(head.buffer, head.byteOffset).getUint32(0))) return false;
    begin += size;
  }
  return true;
}
