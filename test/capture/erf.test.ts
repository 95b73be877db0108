/** Files of Endace's cards, which have no magic: what is in them, and what is not taken for one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isErf } from '../../src/capture/erf.js';
import { readCapture, whyNoCapture } from '../../src/capture/open.js';
import { callToJson, readCalls } from '../../src/index.js';
import { concat, erfRecord, u32 } from '../bytes.js';
import { ROOT } from '../cli.js';
import { differences, TSHARK } from '../columns.js';

const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;
const folder = mkdtempSync(join(tmpdir(), 'clrscope-erf-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PADDING = erfRecord(48, [], new Uint8Array(8), { sec: 0 });

/** The sample as a card of two ports would have recorded it, with what else is between packets. */
async function recorded(): Promise<Uint8Array> {
  const records: Uint8Array[] = [];
  await readCapture(SAMPLE, ({ number, bytes, start, end, sec, nsec }) => {
    if (number === 1) records.push(erfRecord(27, [], concat([0, 5, 0, 4], u32(7)), { sec }));
    const frame = concat(bytes.subarray(start, end), u32(0x01020304));
    const extensions = number % 3 === 0 ? [[17, 9, 0, 0, 0, 0x12, 0x34, 0x56]] : [];
    records.push(
      erfRecord(number % 2 === 0 ? 2 : 16, [0, 0], frame, {
        sec,
        fraction: Math.round((nsec / 1e9) * 2 ** 32),
        flags: 4 + (number % 2),
        lost: number,
        extensions,
        padding: -frame.length & 7,
      }),
    );
    if (number % 20 === 0) records.push(PADDING);
  });
  return concat(...records);
}
const file = await recorded();

async function framesAndEnd(input: Uint8Array | AsyncIterable<Uint8Array>) {
  const found: string[] = [];
  const end = await readCapture(input, ({ number, sec, nsec, length, bytes, start, end: to, fileOffset }) =>
    found.push([number, sec, nsec, length, to - start, fileOffset, bytes[to - 1]].join()),
  );
  return { found, end };
}

async function callsOf(capture: string | Uint8Array): Promise<unknown[]> {
  const found: unknown[] = [];
  await readCalls(capture, (call, number) => found.push(callToJson(call, number, '')));
  return found;
}

/** Without what the numbers of frames are, of which the card's own records have some. */
const withoutFrames = (calls: unknown[]): unknown[] => calls.map((call) => ({ ...(call as object), frames: null }));

describe('a file of ERF', () => {
  it('has the calls of the capture it was made of', async () => {
    const calls = withoutFrames(await callsOf(file));
    expect(calls).toHaveLength(16);
    expect(calls).toEqual(withoutFrames(await callsOf(SAMPLE)));
  });

  it('is the same in pieces and packed', async () => {
    async function* pieces() {
      for (let at = 0; at < file.length; at += 37) yield file.subarray(at, at + 37);
    }
    const whole = await framesAndEnd(file);
    expect(whole.end).toMatchObject({ format: 'ERF', packets: 72, linkTypes: [197], damage: null });
    expect(whole.end.interfaces.map(({ name }) => name)).toEqual([
      'Port A (ERF Interface 0)',
      'Port B (ERF Interface 1)',
      'Port B (ERF Host 000000123456, Source 9, Interface 1)',
      'Port A (ERF Host 000000123456, Source 9, Interface 0)',
    ]);
    expect(await framesAndEnd(pieces())).toEqual(whole);
    expect((await framesAndEnd(gzipSync(file))).found).toEqual(whole.found);
  });

  it.skipIf(TSHARK === null)('has the columns that tshark prints', async () => {
    const path = join(folder, 'two-ports.erf');
    writeFileSync(path, file);
    const names = ['frame.number', 'frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.encap_type'].concat(
      [
        'frame.interface_id',
        'frame.interface_name',
        'frame.interface_description',
        'eth.src',
        'eth.fcs',
        'eth.trailer',
        'ip.src',
        'tcp.seq',
      ],
      ['erf.types.type', 'erf.types', 'erf.flags.cap', 'erf.rlen', 'erf.lctr', 'erf.color', 'erf.wlen', 'erf.ts'],
    );
    expect(await differences(path, names)).toEqual([]);
  });

  it('that is cut or damaged says where, and gives what is in front', async () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((sec) => erfRecord(2, [0, 0], new Uint8Array(60), { sec }));
    const whole = concat(a, b, c, d);
    for (let n = 3 * a.length + 1; n < whole.length; n++) {
      const { found, end } = await framesAndEnd(whole.slice(0, n));
      expect(found).toHaveLength(3);
      expect(end.damage).toMatchObject({
        offset: 3 * a.length,
        message: expect.stringMatching(/^the file is cut in /),
      });
    }
    const damaged = whole.slice();
    damaged.set([0, 3], 3 * a.length + 10);
    const { found, end } = await framesAndEnd(damaged);
    expect(found).toHaveLength(3);
    expect(end.damage).toMatchObject({ offset: 3 * a.length });
  });
});

describe('what is taken for ERF', () => {
  const record = (sec: number): Uint8Array => erfRecord(2, [0, 0], new Uint8Array(60), { sec });

  it('are records that all make sense', async () => {
    expect(isErf(record(1), true)).toBe(true);
    expect(isErf(record(1), false)).toBe('more');
    expect(isErf(concat(record(1), record(2), record(3)), false)).toBe(true);
    expect(isErf(concat(record(1), record(2), record(3).slice(0, 20)), true)).toBe(false);
    // time that goes back, or far ahead
    expect(isErf(concat(record(9), record(5)), true)).toBe(false);
    expect(isErf(concat(record(9), record(9e8)), true)).toBe(false);
    expect(isErf(erfRecord(99, [], new Uint8Array(60)), true)).toBe(false);
    expect(isErf(erfRecord(2, [0, 0], new Uint8Array(60), { flags: 0x44 }), true)).toBe(false);
    expect(isErf(new Uint8Array(1000), true)).toBe(false);
  });

  it('are no texts, no bytes by chance, and none of what the samples hold', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 400 }), (b) => isErf(b, true) !== true));
    fc.assert(fc.property(fc.string({ minLength: 16 }), (text) => isErf(Buffer.from(text), true) !== true));
  });

  it('are no other files: an unfinished record leaves them what they are', async () => {
    const begun = concat(record(1), new Uint8Array(100).fill(0x41));
    expect(await whyNoCapture(begun)).toContain('is not a capture');
  });
});
