/**
 * What a pcapng file holds beside packets: comments, names, statistics, secrets (draft-ietf-opsawg-pcapng 3.5,
 * 4.5, 4.6, 4.7). All of it together is bounded, since a file may hold any amount of it.
 */
import { ipv4Text, ipv6Text } from '../../core/address.js';
import { type Limits, limitMessage } from '../../core/limits.js';
import type { CaptureEnd, OnName, Packet } from '../packet.js';

/** A simple packet block has no options. */
const SPB = 3;
const MAX_COMMENT = 65536;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Called for one option: its code and where its value lies. */
type OnOption = (code: number, at: number, length: number) => void;

/** Gathers metadata into a `CaptureEnd`. Malformed options end their list, nothing else. */
export class Metadata {
  private kept = 0;

  constructor(
    private readonly end: CaptureEnd,
    private readonly limits: Limits,
    private readonly onName?: OnName,
  ) {}

  /** Keeps opt_comment (1) of an option list from `at` to `end`. */
  comment(view: DataView, at: number, end: number, littleEndian: boolean): void {
    options(view, at, end, littleEndian, (code, from, length) => {
      if (code === 1 && this.fits(length)) this.end.comments.push(text(view, from, Math.min(length, MAX_COMMENT)));
    });
  }

  /** if_name (2), if_description (3), if_tsresol (9), if_tsoffset (14); a comment is kept too. */
  interfaceOptions(view: DataView, at: number, end: number, littleEndian: boolean) {
    const found = { name: null as string | null, description: null as string | null, resolution: 6, offset: 0 };
    options(view, at, end, littleEndian, (code, from, length) => {
      if (code === 1 && this.fits(length)) this.end.comments.push(text(view, from, length));
      else if (code === 2 && this.fits(length)) found.name = text(view, from, length);
      else if (code === 3 && this.fits(length)) found.description = text(view, from, length);
      else if (code === 9 && length === 1) found.resolution = view.getUint8(from);
      else if (code === 14 && length === 8) found.offset = Number(view.getBigInt64(from, littleEndian));
    });
    return found;
  }

  /** Name resolution records (4.5): IPv4 and IPv6; others are passed over. */
  names(view: DataView, at: number, end: number, littleEndian: boolean): void {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    let pos = at;
    while (pos + 4 <= end) {
      const type = view.getUint16(pos, littleEndian);
      const length = view.getUint16(pos + 2, littleEndian);
      const from = pos + 4;
      if (type === 0 || from + length > end) break;
      const width = type === 1 ? 4 : type === 2 ? 16 : 0;
      if (width > 0 && length > width && this.fits(length)) {
        const address = type === 1 ? ipv4Text(bytes, from) : ipv6Text(bytes, from);
        const names = text(view, from + width, length - width)
          .split('\0')
          .filter((name) => name !== '');
        this.end.names.push({ address, names });
        this.onName?.({ address, names });
      }
      pos = from + ((length + 3) & ~3);
    }
  }

  /** Interface statistics (4.6): isb_ifrecv (4) and isb_ifdrop (5). */
  statistics(view: DataView, at: number, end: number, littleEndian: boolean, interfaceId: number): void {
    let received: bigint | null = null;
    let dropped: bigint | null = null;
    options(view, at, end, littleEndian, (code, from, length) => {
      if (code === 1 && this.fits(length)) this.end.comments.push(text(view, from, length));
      else if (code === 4 && length === 8) received = view.getBigUint64(from, littleEndian);
      else if (code === 5 && length === 8) dropped = view.getBigUint64(from, littleEndian);
    });
    if (this.fits(64)) this.end.statistics.push({ interfaceId, received, dropped });
  }

  /** Decryption secrets (4.7): type, length, bytes; copied out of the window. */
  secrets(view: DataView, at: number, end: number, littleEndian: boolean): void {
    const type = view.getUint32(at, littleEndian);
    const length = Math.min(view.getUint32(at + 4, littleEndian), end - at - 8);
    if (length < 0 || !this.fits(length)) return;
    const from = view.byteOffset + at + 8;
    this.end.secrets.push({ type, bytes: new Uint8Array(view.buffer.slice(from, from + length)) });
  }

  /** Takes `length` bytes off what may still be kept. An entry costs more than its bytes. */
  private fits(length: number): boolean {
    const { kept, limits, end } = this;
    if (kept + length + 64 > limits.metadata) {
      if (end.notes.length === 0)
        end.notes.push({ code: 'limit', message: limitMessage('metadata', limits), offset: null, source: null });
      return false;
    }
    this.kept = kept + length + 64;
    return true;
  }
}

/** Comments of a packet (opt_comment of its block), as they stand there. */
export function packetComments({ block, end }: Packet): string[] {
  if (block == null || block.kind === SPB) return [];
  const { bytes, littleEndian } = block;
  // data and options are padded to multiples of 4 bytes, counted from where the block begins
  const from = block.start + ((end - block.start + 3) & ~3);
  if (from + 8 > block.end - 4) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const comments: string[] = [];
  options(view, from, block.end - 4, littleEndian, (code, at, length) => {
    if (code === 1) comments.push(text(view, at, length));
  });
  return comments;
}

/** Walks an option list (3.5): code, length, value padded to 4 bytes; code 0 ends it. */
function options(view: DataView, at: number, end: number, littleEndian: boolean, onOption: OnOption): void {
  let pos = at;
  while (pos + 4 <= end) {
    const code = view.getUint16(pos, littleEndian);
    const length = view.getUint16(pos + 2, littleEndian);
    if (code === 0 || pos + 4 + length > end) return;
    onOption(code, pos + 4, length);
    pos += 4 + ((length + 3) & ~3);
  }
}

function text(view: DataView, at: number, length: number): string {
  return utf8.decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
