/** Where messages of SMB are found in a stream that has holes. */
import { describe, expect, it } from 'vitest';
import { SMB_STREAM } from '../../dissectors/smb/stream.js';
import { ACK, concat, ipv4, SYN, tcp } from '../bytes.js';
import { run } from '../streams/support.js';
import { hexOf, hexOfAll } from '../streams/toy.js';

const up = (at: number, bytes?: Uint8Array, flags = ACK) =>
  ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 445, 1001 + at, bytes, flags));

/** A message of SMB 2 of this many bytes, behind its length; the rest is what `fill` says. */
function message(length: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(4 + length).fill(fill);
  bytes.set([0, 0, length >> 8, length & 255, 0xfe, 0x53, 0x4d, 0x42]);
  return bytes;
}

describe('behind a hole that a message began in', () => {
  // the end of a segment is too short to show which SMB begins there, and may look like a length
  it.each([4, 5, 6, 7, 12])('zeros and a number %i bytes before the end of a segment are no message', (before) => {
    const lost = message(3000, 0x11);
    lost.set([0, 0, 0xff, 0], lost.length - before);
    const next = message(100, 0x22);
    const stream = concat(message(64, 0), lost, next, message(80, 0x33));
    const at = 68 + 1400;
    const end = 68 + lost.length;
    const packets = [
      up(-1, undefined, SYN),
      up(0, stream.slice(0, 68)),
      up(at, stream.slice(at, end)),
      up(end, stream.slice(end, end + 5)),
      up(end + 5, stream.slice(end + 5)),
    ];
    const { pdus } = run(packets, { link: 101, protocols: [SMB_STREAM] });
    expect(hexOfAll(pdus)).toEqual([message(64, 0), next, message(80, 0x33)].map(hexOf));
  });
});
