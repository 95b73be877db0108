import { type CaptureEnd, type CaptureInput, readCapture } from '../../src/capture/open.js';

/** A packet with its bytes copied out of the window. */
export interface Read {
  number: number;
  sec: number;
  nsec: number;
  link: number;
  length: number;
  fileOffset: number;
  interfaceId: number;
  bytes: Uint8Array;
}

/** Reads a whole capture from memory, handed over in chunks of `chunk` bytes. */
export async function readBytes(file: Uint8Array, chunk = 1 << 20): Promise<{ packets: Read[]; end: CaptureEnd }> {
  async function* chunks() {
    for (let at = 0; at < file.length; at += chunk) yield file.slice(at, at + chunk);
  }
  return readInput(chunks());
}

/** Reads a whole capture file. */
export function readFile(path: string): Promise<{ packets: Read[]; end: CaptureEnd }> {
  return readInput(path);
}

/** Reads all of an input. */
export async function readInput(input: CaptureInput) {
  const packets: Read[] = [];
  const end = await readCapture(
    input,
    ({ number, sec, nsec, link, length, fileOffset, interfaceId, bytes, start, end }) => {
      packets.push({ number, sec, nsec, link, length, fileOffset, interfaceId, bytes: bytes.slice(start, end) });
    },
  );
  return { packets, end };
}
