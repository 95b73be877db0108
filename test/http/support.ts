/**
 * A walker for these tests alone: enough of pcap, Ethernet and TCP to have the byte streams of a capture, and which frame
 * each byte was first seen in; written apart from the program's own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { HTTP_STREAM } from '../../dissectors/http/index.js';
import { readHttp } from '../../dissectors/http/read.js';
import { Cursor } from '../../src/core/cursor.js';
import { type Measuring, NOT_YET, TO_THE_END } from '../../src/core/dissector.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/core/limits.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';

export const SHARED = '../shared/captures/remoting';
export const hasShared = existsSync(SHARED);
/** Captures of remoting over HTTP. */
export const CAPTURES = ['http-binary', 'http-soap', 'http-threads', 'http-odd', 'http-odd-soap', 'net-http-ooo'];

/** What one end of a connection sent. */
export interface Sent {
  /** `address:port` of both. */
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
  /** Offsets at which segments begin, in the order of the bytes. */
  readonly segments: readonly { readonly at: number; readonly frame: number }[];
}

/** The packets of a capture. */
export function packetsOf(name: string): Buffer[] {
  const file = readFileSync(`${SHARED}/${name}.pcap`);
  const packets: Buffer[] = [];
  for (let at = 24; at < file.length; ) {
    const packet = file.subarray(at + 16, at + 16 + file.readUInt32LE(at + 8));
    packets.push(packet);
    at += 16 + packet.length;
  }
  return packets;
}

/** The streams of a capture that carry bytes, in the order of their SYNs. */
export function streamsOf(name: string): Sent[] {
  const streams = new Map<string, { first: number; segments: { at: number; frame: number; bytes: Uint8Array }[] }>();
  for (const [i, packet] of packetsOf(name).entries()) {
    const frame = i + 1;
    const tcp = 14 + (packet[14] & 15) * 4;
    const end = 14 + packet.readUInt16BE(16);
    const ends = [0, 4].map((o) => `${packet.subarray(26 + o, 30 + o).join('.')}:${packet.readUInt16BE(tcp + o / 2)}`);
    const key = ends.join('>');
    const sequence = packet.readUInt32BE(tcp + 4);
    const stream = streams.get(key) ?? { first: sequence, segments: [] };
    streams.set(key, stream);
    if (packet[tcp + 13] & 2) stream.first = sequence + 1;
    const bytes = packet.subarray(tcp + (packet[tcp + 12] >> 4) * 4, end);
    if (bytes.length > 0) stream.segments.push({ at: sequence, frame, bytes });
  }
  return [...streams].flatMap(([key, { first, segments }]) => {
    const [from, to] = key.split('>');
    const placed = segments
      .map((s) => ({ ...s, at: (s.at - first) >>> 0 }))
      .sort((a, b) => a.at - b.at || a.frame - b.frame);
    const kept: typeof placed = [];
    let have = 0;
    for (const s of placed) {
      if (s.at !== have) continue; // sent again
      kept.push(s);
      have += s.bytes.length;
    }
    return have === 0
      ? []
      : [{ from, to, bytes: new Uint8Array(Buffer.concat(kept.map((s) => s.bytes))), segments: kept }];
  });
}

/** Frames that carried bytes of a stream. */
export function framesOf(sent: Sent, start: number, end: number): number[] {
  const { segments, bytes } = sent;
  return segments
    .filter(({ at }, i) => at < end && (segments[i + 1]?.at ?? bytes.length) > start)
    .map(({ frame }) => frame)
    .sort((a, b) => a - b);
}

/**
 * Cuts a stream as the program's cutter does: asks again whenever a segment has come.
 * @param arrivals ends of segments, ascending, the last one the stream's
 * @returns the lengths of its messages; 0 where the next is none, TO_THE_END and NOT_YET where it does not end
 */
export function lengthsOf(bytes: Uint8Array, arrivals: readonly number[]): number[] {
  const lengths: number[] = [];
  let measuring: Measuring = { at: 0, state: 0 };
  let at = 0;
  for (const end of arrivals) {
    while (end - at >= HTTP_STREAM.headerLength) {
      const length = HTTP_STREAM.claims(bytes, at, end) ? HTTP_STREAM.pduLength(bytes, at, end, measuring) : 0;
      if (length === NOT_YET) break;
      if (length === 0 || length === TO_THE_END) return [...lengths, length];
      if (at + length > end) break;
      lengths.push(length);
      at += length;
      measuring = { at: 0, state: 0 };
    }
  }
  return at === bytes.length ? lengths : [...lengths, NOT_YET];
}

/** Bytes of a text, a character a byte. */
export function bytesOf(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : p))));
}

/** Reads a message as a PDU. */
export function messageOf(
  bytes: Uint8Array,
  { length = bytes.length, limits = {} as Partial<Limits>, on = true } = {},
) {
  const recording = new Recording(on, { ...DEFAULT_LIMITS, ...limits });
  const c = new Cursor(fileSource('PDU', bytes), recording, length);
  const message = c.frame(null, length, readHttp);
  recording.finish();
  return { message, recording, codes: recording.notes.map((n) => n.code) };
}
