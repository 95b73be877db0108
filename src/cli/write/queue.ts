/**
 * Packets wait until it is known whether they are wanted: PDUs of their frames may still be held back, because bytes in
 * front of them are missing (engine/window.ts bounds how long). What stands between them keeps its place.
 */
import type { CaptureBlock, Packet } from '../../capture/open.js';
import type { PacketFile } from './packet-file.js';

/** Hands packets on in the order of the capture. */
export class PacketQueue {
  /** The packet at hand, whose bytes are the reader's. */
  private current: Packet | null = null;
  private waiting: (Packet | CaptureBlock)[] = [];

  /** @param hand takes a packet: writes it, or not */
  constructor(
    private readonly file: PacketFile,
    private readonly hand: (packet: Packet) => void,
  ) {}

  /** A packet came. */
  packet(packet: Packet): void {
    this.current = packet;
  }

  /** A block of another kind came, behind the last packet. */
  block(block: CaptureBlock): void {
    if (this.waiting.length === 0) this.file.block(block);
    else this.waiting.push(copyOf(block));
  }

  /** Behind a packet: all up to `number` are decided. Where the one at hand is not, it waits. */
  decided(number: number): void {
    let over = 0;
    for (const next of this.waiting) {
      if (!('link' in next)) this.file.block(next);
      else if (next.number <= number) this.hand(next);
      else break;
      over++;
    }
    if (over > 0) this.waiting = this.waiting.slice(over);
    const { current } = this;
    if (current === null) return;
    this.current = null;
    if (current.number <= number) this.hand(current);
    else this.waiting.push(kept(current));
  }
}

function kept(packet: Packet): Packet {
  const { block, start, end } = packet;
  if (block != null) {
    const copy = copyOf(block);
    return { ...packet, bytes: copy.bytes, start: start - block.start, end: end - block.start, block: copy };
  }
  return { ...packet, bytes: packet.bytes.slice(start, end), start: 0, end: end - start };
}

function copyOf(block: CaptureBlock): CaptureBlock {
  const bytes = block.bytes.slice(block.start, block.end);
  return { ...block, bytes, start: 0, end: bytes.length };
}
