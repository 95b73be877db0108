/** Any packets, in any kind of capture file, come out as they went in; and a file that was cut gives what is left. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, enhancedPacket, interfaceBlock, option, pcapFile, sectionHeader } from '../bytes.js';
import { readBytes } from './support.js';

interface Sent {
  readonly bytes: Uint8Array;
  readonly sec: number;
  readonly nsec: number;
  /** Bytes on the wire beyond those captured. */
  readonly cut: number;
}

interface Made {
  readonly file: Uint8Array;
  readonly sent: readonly Sent[];
  /** Nanoseconds that the file can tell apart. */
  readonly unit: number;
}

const sent: fc.Arbitrary<Sent[]> = fc.array(
  fc.record({
    bytes: fc.uint8Array({ maxLength: 200 }),
    sec: fc.integer({ min: 1, max: 0x7fffffff }),
    nsec: fc.integer({ min: 0, max: 999_999_999 }),
    cut: fc.nat(2000),
  }),
  { minLength: 1, maxLength: 20 },
);

const pcap: fc.Arbitrary<Made> = fc
  .record({
    sent,
    littleEndian: fc.boolean(),
    magic: fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34),
    link: fc.constantFrom(1, 101, 113, 228),
  })
  .map(({ sent, littleEndian, magic, link }) => {
    const unit = magic === 0xa1b23c4d ? 1 : 1000;
    const packets = sent.map((p) => ({
      ...p,
      fraction: Math.floor(p.nsec / unit),
      length: p.bytes.length + p.cut,
    }));
    return { file: pcapFile(packets, { littleEndian, magic, link }), sent, unit };
  });

const pcapng: fc.Arbitrary<Made> = fc
  .record({ sent, le: fc.boolean(), digits: fc.constantFrom(3, 6, 9), comment: fc.string({ maxLength: 30 }) })
  .map(({ sent, le, digits, comment }) => {
    const unit = 10 ** (9 - digits);
    const resolution = option(9, Uint8Array.of(digits), le);
    const options = comment === '' ? new Uint8Array(0) : option(1, Buffer.from(comment), le);
    const blocks = sent.map((p) =>
      enhancedPacket(p.bytes, {
        le,
        stamp: BigInt(p.sec) * 10n ** BigInt(digits) + BigInt(Math.floor(p.nsec / unit)),
        length: p.bytes.length + p.cut,
        options,
      }),
    );
    return { file: concat(sectionHeader(le), interfaceBlock(le, 1, resolution), ...blocks), sent, unit };
  });

const any = fc.oneof(pcap, pcapng);

function shown({ sent, unit }: Made): unknown[] {
  return sent.map((p, i) => ({
    number: i + 1,
    sec: p.sec,
    nsec: Math.floor(p.nsec / unit) * unit,
    length: p.bytes.length + p.cut,
    bytes: p.bytes,
  }));
}

const got = (packets: Awaited<ReturnType<typeof readBytes>>['packets']): unknown[] =>
  packets.map(({ number, sec, nsec, length, bytes }) => ({ number, sec, nsec, length, bytes }));

describe('any packets in a capture of any kind', () => {
  it('come out as they went in, handed over in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(any, fc.integer({ min: 1, max: 5000 }), async (made, chunk) => {
        const { packets, end } = await readBytes(made.file, chunk);
        expect(end.damage).toBeNull();
        expect(got(packets)).toEqual(shown(made));
        for (const p of packets) expect(made.file.slice(p.fileOffset, p.fileOffset + p.bytes.length)).toEqual(p.bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('cut anywhere: the packets in front come out, and the damage is told', async () => {
    await fc.assert(
      fc.asyncProperty(any, fc.nat(), async (made, where) => {
        const head = 28;
        const cut = head + (where % (made.file.length - head));
        const read = await readBytes(made.file.slice(0, cut)).catch((e: Error) => e);
        if (read instanceof Error) {
          expect(read.name).toBe('UnreadableInput');
          return;
        }
        const { packets, end } = read;
        const all = shown(made);
        const whole = got(packets.filter((p) => p.fileOffset + p.bytes.length <= cut)) as { bytes: Uint8Array }[];
        expect(packets.length).toBeLessThanOrEqual(all.length);
        // the last one may be there in part
        expect(whole.slice(0, -1)).toEqual(all.slice(0, Math.max(0, whole.length - 1)));
        const last = packets.at(-1);
        const ends = last === undefined ? -1 : last.fileOffset + last.bytes.length;
        if (packets.length < all.length && ends !== cut && end.damage === null) expectBoundary(made, cut);
      }),
      { numRuns: 500 },
    );
  });
});

/** Where nothing is told to be damaged, the cut lies between two packets. */
function expectBoundary(made: Made, cut: number): void {
  const le = made.file[0] === 0x0a ? made.file[8] === 0x4d : made.file[0] !== 0xa1;
  const view = new DataView(made.file.buffer, made.file.byteOffset);
  const boundaries = new Set<number>();
  if (made.file[0] === 0x0a)
    for (let at = 0; at < made.file.length; at += view.getUint32(at + 4, le)) boundaries.add(at);
  else {
    const more = [made.file[0], made.file[3]].includes(0x34) ? 24 : 16;
    for (let at = 24; at < made.file.length; at += more + view.getUint32(at + 8, le)) boundaries.add(at);
  }
  expect([...boundaries]).toContain(cut);
}
