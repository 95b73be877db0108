/**
 * When a capture begins and ends, without a look at what is between: the first packet is read as always, the last one
 * is looked for from the end. pcapng has the length of a block behind it too; in a classic file a chain of records that
 * ends where the file does is found. Where neither leads to a packet, and of compressed files, all is read if it is not
 * too much.
 */
import type { RandomAccess } from '#platform';
import { concat } from '../core/bytes.js';
import { type CaptureInput, type Packet, readCapture } from './open.js';
import { pcapMagic } from './pcap.js';
import { pcapngMagic } from './pcapng/pcapng.js';

/** Where a capture begins and ends in time, in nanoseconds since 1970. */
export interface Span {
  /** As `CaptureEnd` says it, without compression. */
  readonly format: string;
  /** Link type of the first packet. */
  readonly link: number;
  readonly first: bigint;
  /** When the last packet was captured; null where that cannot be told without much work. */
  readonly last: bigint | null;
}

/** Bytes in front in which the first packet is looked for. */
const HEAD = 1 << 16;
/** Bytes at the end in which the last one is looked for: more where these do not suffice. */
const TAILS = [1 << 14, 1 << 18, 1 << 22];
/** Stored bytes of a file that is read as a whole at most. */
const WHOLE = 1 << 26;

/** When the first packet of a file was captured; null where there is none with a time. */
export async function firstOf(file: RandomAccess): Promise<bigint | null> {
  return ((await beginning(await headOf(file))) ?? (await wholeSpan(file)))?.first ?? null;
}

/**
 * Looks at a file's first and last packet.
 * @returns null where there is no packet with a time, or no capture
 */
export async function spanOf(file: RandomAccess): Promise<Span | null> {
  const head = await headOf(file);
  const begun = await beginning(head);
  if (begun === null) return wholeSpan(file);
  const { front, ...known } = begun;
  const find = pcapMagic(head, 0) !== null ? lastRecord : pcapngMagic(head, 0) ? lastBlock : null;
  for (const length of find === null ? [] : TAILS) {
    const tail = await file.read(Math.max(0, file.size - length), Math.min(length, file.size));
    const last = find?.(tail, head, known.first, length >= file.size) ?? null;
    const read = last === null ? null : await beginning(concat(front, last));
    if (read !== null) return { ...known, last: read.first };
    if (length >= file.size) break;
  }
  return (await wholeSpan(file)) ?? { ...known, last: null };
}

function headOf(file: RandomAccess): Promise<Uint8Array> {
  return file.read(0, Math.min(HEAD, file.size));
}

/** Whether a file is a capture that is whole and has no packet: of an hour in which nothing came. */
export async function isWithoutPackets(file: RandomAccess): Promise<boolean> {
  if (file.size > HEAD) return false;
  const end = await readCapture(file, () => false).catch(() => null);
  return end !== null && end.packets === 0 && end.damage === null;
}

/** What is known once the first packet is. */
interface Beginning extends Omit<Span, 'last'> {
  /** What stands in front of packets: the header of a classic file; of pcapng all blocks before the first packet's. */
  readonly front: Uint8Array;
}

/** The first packet of a capture whose beginning is given; null where none is in it, or one without a time. */
async function beginning(bytes: Uint8Array): Promise<Beginning | null> {
  let front = bytes.subarray(0, FILE_HEADER);
  const span = await spanRead(bytes, ({ start, fileOffset, block }) => {
    if (block != null) front = bytes.subarray(0, fileOffset - start + block.start);
    return false;
  });
  return span && { ...span, front };
}

/** The span of a file that is read from its first byte to its last; null where that is too much. */
async function wholeSpan(file: RandomAccess): Promise<Span | null> {
  return file.size > WHOLE ? null : spanRead(file, () => true);
}

/** The span of what is read. */
async function spanRead(
  input: CaptureInput,
  goesOn: (packet: Packet) => boolean,
): Promise<(Omit<Span, 'last'> & { last: bigint }) | null> {
  let [link, first, last] = [0, 0n, 0n];
  let hasBegun = false;
  const end = await readCapture(input, (packet) => {
    last = timeOf(packet);
    if (!hasBegun) [link, first] = [packet.link, last];
    hasBegun = true;
    return goesOn(packet);
  }).catch(() => null);
  return end === null || first === 0n
    ? null
    : { format: end.format.replace(/^(gzip|zstd|lz4), /, ''), link, first, last };
}

/** Nanoseconds since 1970; 0 where the file tells no time. */
function timeOf({ sec, nsec }: Packet): bigint {
  return BigInt(sec || 0) * 1_000_000_000n + BigInt(nsec);
}

const FILE_HEADER = 24;
const [PB, SPB, EPB] = [2, 3, 6];

/** The last block with a packet and its time; null where the way to it from the end is lost. */
function lastBlock(tail: Uint8Array, head: Uint8Array): Uint8Array | null {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const littleEndian = head[8] === 0x4d;
  for (let end = tail.length; end >= 12; ) {
    const length = view.getUint32(end - 4, littleEndian);
    const at = end - length;
    if (length < 12 || at < 0 || view.getUint32(at + 4, littleEndian) !== length) return null;
    const kind = view.getUint32(at, littleEndian);
    if (kind === EPB || kind === PB) return tail.subarray(at, end);
    if (kind === SPB) return null;
    end = at;
  }
  return null;
}

/** Longest packet of a record that is looked for. */
const LONGEST = 1 << 18;
/** Records of a chain that prove each other, unless it is all that the file has. */
const PROOF = 3;
/** Seconds by which packets may lie behind the first one. */
const YEAR = 366 * 86400;

/**
 * The last record: the end of the longest chain of records that ends where the file does. Lengths, times and their
 * fractions must make sense; a chain of one or two may be chance.
 */
function lastRecord(tail: Uint8Array, head: Uint8Array, first: bigint, isAll: boolean): Uint8Array | null {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const { littleEndian = true, format = '' } = pcapMagic(head, 0) ?? {};
  const header = format === 'pcap (modified)' ? 24 : 16;
  const units = format === 'pcap (nanoseconds)' ? 1e9 : 1e6;
  const began = Number(first / 1_000_000_000n);
  /** By where a record would begin: how many there are from it on to the end, and where the last of them begins. */
  const counts = new Uint32Array(tail.length + 1);
  const lasts = new Uint32Array(tail.length + 1);
  let best = tail.length;
  for (let at = tail.length - header; at >= (isAll ? FILE_HEADER : 0); at--) {
    const captured = view.getUint32(at + 8, littleEndian);
    const next = at + header + captured;
    if (captured > LONGEST || next > tail.length || (next < tail.length && counts[next] === 0)) continue;
    if (view.getUint32(at + 12, littleEndian) < captured || view.getUint32(at + 4, littleEndian) >= units) continue;
    const seconds = view.getUint32(at, littleEndian) - began;
    if (seconds < -1 || seconds > YEAR) continue;
    counts[at] = counts[next] + 1;
    lasts[at] = next === tail.length ? at : lasts[next];
    if (counts[at] > counts[best]) best = at;
  }
  const isProved = counts[best] >= PROOF || (isAll && counts[FILE_HEADER] === counts[best]);
  return counts[best] > 0 && isProved ? tail.subarray(lasts[best]) : null;
}
