/** Frames come once and in order, each with its PDUs, whatever the streams hold back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { scanFrames } from '../../src/engine/frames.js';
import { InOrder, lastFrame } from '../../src/engine/in-order.js';
import { scan } from '../../src/engine/scan.js';
import { MOST_WAITING, Window } from '../../src/engine/window.js';
import { ACK, dcerpcPdu, ipv4, pcapFile, tcp } from '../bytes.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-frames-'));
afterAll(() => rmSync(folder, { recursive: true }));

const A = '10.0.0.1';
const B = '10.0.0.2';
const up = (at: number, bytes?: Uint8Array, ack = 0, port = 50_000) =>
  ipv4(A, B, 6, tcp(port, 135, 1001 + at, bytes, ACK, 5001 + ack));
const down = (at: number, bytes?: Uint8Array, ack = 0) =>
  ipv4(B, A, 6, tcp(135, 50_000, 5001 + at, bytes, ACK, 1001 + ack));
const pdu = (type: number, length = 40) => dcerpcPdu(length, { type, seed: 3 });

function capture(packets: readonly Uint8Array[]): string {
  const path = join(folder, 'test.pcap');
  writeFileSync(
    path,
    pcapFile(
      packets.map((bytes) => ({ bytes })),
      { link: 101 },
    ),
  );
  return path;
}

/** Number and PDU types of every frame. */
async function framesOf(packets: readonly Uint8Array[], most?: number): Promise<[number, number[], boolean][]> {
  const rows: [number, number[], boolean][] = [];
  await scanFrames(
    capture(packets),
    protocols(),
    dissectFrame,
    {},
    ({ number, pdus, late }) => rows.push([number, pdus.map((p) => p.header?.type ?? -1), late]),
    { most },
  );
  return rows;
}

async function pdusOf(packets: readonly Uint8Array[]): Promise<number[]> {
  const numbers: number[] = [];
  const order = new InOrder<Pdu>((p) => numbers.push(lastFrame(p)));
  const settle = { afterPacket: (streams: Parameters<typeof order.settle>[0]) => order.settle(streams) };
  await scan(capture(packets), protocols(), { record: false }, { onPdu: (p) => order.add(p), ...settle });
  return numbers;
}

/** A request is missing: the answer waits for it, and so does what follows in both directions. */
const holed = [up(0, pdu(11)), down(0, pdu(12), 40), down(40, pdu(2), 80), up(80, pdu(14), 80), down(80, pdu(15), 120)];
const HOLED: [number, number[], boolean][] = [11, 12, 2, 14, 15].map((type, i) => [i + 1, [type], false]);

describe('frames', () => {
  test('behind a hole have their PDUs where they stand', async () => {
    expect(await framesOf(holed)).toEqual(HOLED);
  });

  test('that are counted end with the last of them, with its PDUs', async () => {
    for (let n = 1; n <= 5; n++) expect(await framesOf(holed, n)).toEqual(HOLED.slice(0, n));
  });

  test('of a PDU whose segments were swapped have it at the later one', async () => {
    const bytes = pdu(0, 100);
    const swapped = [up(0, pdu(11)), up(100, bytes.slice(60), 0), up(40, bytes.slice(0, 60)), up(140, pdu(0))];
    expect(await framesOf(swapped)).toEqual([
      [1, [11], false],
      [2, [], false],
      [3, [0], false],
      [4, [0], false],
    ]);
  });

  test('wait within bounds, and come in order and once all the same', async () => {
    const others = Array.from({ length: 2 * MOST_WAITING }, (_, i) => up(40 * i, pdu(0), 0, 51_000));
    const rows = await framesOf([...holed.slice(0, 4), ...others]);
    expect(rows.map(([n]) => n)).toEqual(rows.map((_, i) => i + 1));
    expect(rows.slice(0, 4)).toEqual(HOLED.slice(0, 4));
    expect(rows.every(([, pdus]) => pdus.length === 1)).toBe(true);
  });

  test('of a PDU whose end never comes are told once more, as late', async () => {
    expect(await framesOf([up(0, pdu(11)), up(40, pdu(0).slice(0, 30)), down(0, pdu(12), 40)])).toEqual([
      [1, [11], false],
      [2, [], false],
      [3, [12], false],
      [2, [0], true],
    ]);
  });
});

describe('what waits', () => {
  const of = (bytes: number) => {
    const recording = new Recording(true);
    recording.sources.push(fileSource('PDU', new Uint8Array(bytes)));
    return recording;
  };

  test('is bounded in number and in bytes, those of what was made of PDUs among them', () => {
    const window = new Window();
    expect([window.isFull(MOST_WAITING), window.isFull(MOST_WAITING + 1)]).toEqual([false, true]);
    const large = of(200_000);
    window.add(large);
    expect(window.isFull(1)).toBe(false);
    window.add(of(100_000));
    expect(window.isFull(2)).toBe(true);
    window.remove(large);
    expect(window.isFull(1)).toBe(false);
  });
});

describe('PDUs', () => {
  test('come in the order of their frames behind holes, too', async () => {
    expect(await pdusOf(holed)).toEqual([1, 2, 3, 4, 5]);
  });

  test('wait within bounds', async () => {
    const others = Array.from({ length: 2 * MOST_WAITING }, (_, i) => up(40 * i, pdu(0), 0, 51_000));
    const numbers = await pdusOf([...holed.slice(0, 4), ...others]);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});
