/** Files of what is shown, made by passes over the capture. */
import { callToJson, callVectors, ObjectTable, PcapngWriter, pduToJson } from '../../index.js';
import { among } from '../worker/among.js';
import type { Capture } from '../worker/capture.js';
import { shares } from '../worker/now-and-then.js';

/** What of it: packets as pcapng, PDUs or calls as JSON lines. */
export type Saved = 'packets' | 'pdus' | 'calls';

/** Bytes of a file that are gathered before they are put away. */
const PIECE = 1 << 20;

/**
 * Makes a file of the packets, PDUs or calls that the filter leaves.
 * @param tell hears how much of the capture was gone through, 0 to 1
 */
export async function save(capture: Capture, what: Saved, tell: (share: number) => void): Promise<Blob> {
  const progress = shares(tell);
  if (what === 'packets') return packets(capture, progress);
  return what === 'pdus' ? pdus(capture, progress) : calls(capture, progress);
}

type Progress = (read: number, total: number) => void;

/** Packets byte for byte: of frames that match, and of others that hold a part of a PDU that is shown. */
async function packets(capture: Capture, progress: Progress): Promise<Blob> {
  const { filter } = capture;
  let wanted: Set<number> | null = null;
  if (filter !== undefined) {
    const frames = new Set<number>();
    await capture.again(
      {
        frame: ({ number, pdus }) => {
          frames.add(number);
          for (const { transport } of pdus) for (const part of transport.frames) frames.add(part);
        },
      },
      { filter },
    );
    wanted = frames;
  }
  const file = new Pieces('application/octet-stream');
  const writer = new PcapngWriter((bytes) => file.add(bytes));
  await capture.again({
    packet: (packet) => {
      if (wanted === null || wanted.has(packet.number)) writer.packet(packet);
    },
    block: (block) => writer.block(block),
    progress,
  });
  writer.end();
  return file.end();
}

/** What `read -T json --full` prints of each PDU, a line each. */
async function pdus(capture: Capture, progress: Progress): Promise<Blob> {
  const file = new Pieces('application/x-ndjson');
  const isShown = among(capture.pdus, capture.pduRows.length);
  let at = 0;
  await capture.again(
    {
      pdu: (pdu) => {
        if (isShown(at++)) file.line(pduToJson(pdu, true));
      },
      progress,
    },
    { record: true },
  );
  return file.end();
}

/** What `calls -T ndjson --full` prints of each call. */
async function calls(capture: Capture, progress: Progress): Promise<Blob> {
  const file = new Pieces('application/x-ndjson');
  const isShown = among(capture.calls, capture.callRows.length);
  // what calls say of objects needs those met lately
  const table = new ObjectTable(undefined, () => {});
  await capture.again({
    call: (call, number) => {
      table.add(call);
      if (isShown(number - 1)) file.line(callToJson(call, number, capture.name, { full: true }, table));
    },
    progress,
  });
  return file.end();
}

/** The vectors of a call, as `vectors --format jsonl` writes them; empty where there is no such call. */
export async function vectorsOf(capture: Capture, wanted: number): Promise<string> {
  let lines = '';
  await capture.again({
    call: (call, number) => {
      if (number === wanted) lines = callVectors(call, capture.name);
      return number < wanted;
    },
  });
  return lines;
}

/** A file that grows: what was written goes where the browser keeps files. */
class Pieces {
  private readonly blobs: Blob[] = [];
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;
  private readonly encoder = new TextEncoder();

  constructor(private readonly type: string) {}

  add(bytes: Uint8Array): void {
    this.pieces.push(bytes as Uint8Array<ArrayBuffer>);
    this.size += bytes.length;
    if (this.size >= PIECE) this.flush();
  }

  line(value: object): void {
    this.add(this.encoder.encode(`${JSON.stringify(value)}\n`));
  }

  end(): Blob {
    this.flush();
    return new Blob(this.blobs, { type: this.type });
  }

  private flush(): void {
    this.blobs.push(new Blob(this.pieces));
    [this.pieces, this.size] = [[], 0];
  }
}
