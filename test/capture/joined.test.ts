import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CaptureInput, Packet } from '../../src/capture/open.js';
import { readCapture, UnreadableInput } from '../../src/capture/open.js';
import { calls } from '../../src/library.js';
import { block, concat, enhancedPacket, interfaceBlock, option, sectionHeader } from '../bytes.js';
import { ROOT } from '../cli.js';
import { pieces } from './pieces.js';

const SAMPLE = new Uint8Array(readFileSync(`${ROOT}samples/managed-object/capture.pcap`));
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** What is seen of a capture's packets. */
async function seen(input: CaptureInput, most = Number.POSITIVE_INFINITY) {
  const packets: Pick<Packet, 'number' | 'sec' | 'nsec' | 'interfaceId' | 'interface' | 'fileOffset'>[] = [];
  const files: [string, number][] = [];
  const progress: [number, number][] = [];
  const end = await readCapture(
    input,
    ({ number, sec, nsec, interfaceId, interface: from, fileOffset }) => {
      packets.push({ number, sec, nsec, interfaceId, interface: from, fileOffset });
      return number < most;
    },
    {
      onFile: (name, first) => files.push([name, first]),
      onProgress: (read, total) => progress.push([read, total]),
    },
  );
  return { packets, files, progress, end };
}

/** A pcapng file with interfaces of these names, and a packet of each that is named in `from`. */
function pcapng(names: readonly string[], from: readonly number[]): Uint8Array {
  return concat(
    sectionHeader(true),
    ...names.map((name) => interfaceBlock(true, 1, option(2, text(name), true))),
    ...from.map((interfaceId) => enhancedPacket(Uint8Array.of(1, 2), { le: true, interfaceId })),
  );
}

describe('files that are read as one', () => {
  it('have their packets counted on, and the calls of the whole', async () => {
    const files = pieces(SAMPLE, 3);
    const [whole, joined] = [await seen(SAMPLE), await seen(files)];
    expect(files.length).toBeGreaterThan(5);
    const times = ({ packets }: typeof whole) => packets.map(({ number, sec, nsec }) => [number, sec, nsec]);
    expect(times(joined)).toEqual(times(whole));
    const bytes = files.reduce((sum, file) => sum + file.length, 0);
    expect(joined.packets[3].fileOffset).toBe(whole.packets[3].fileOffset + 24);
    expect(joined.end).toEqual({ ...whole.end, bytes });
    expect(joined.files).toEqual(files.map((_, at) => ['bytes', 1 + 3 * at]));
    expect(joined.progress.at(-1)).toEqual([bytes, bytes]);
    const told = async (input: CaptureInput) => {
      const all = [];
      for await (const { connection, request, response, operation } of calls(input))
        all.push([connection.id, request?.frames, response?.frames, operation]);
      return all;
    };
    expect(await told(files)).toEqual(await told(SAMPLE));
  });

  it('have one interface where they describe it in the same way, and others apart', async () => {
    const { packets, end } = await seen([
      pcapng(['a', 'b'], [1, 0]),
      pcapng(['a', 'b'], [0, 1]),
      pcapng(['b', 'c'], [0, 1]),
    ]);
    expect(packets.map(({ interfaceId }) => interfaceId)).toEqual([1, 0, 0, 1, 2, 3]);
    expect(packets.map((packet) => packet.interface?.id)).toEqual([1, 0, 0, 1, 2, 3]);
    expect(end.interfaces.map(({ name }) => name)).toEqual(['a', 'b', 'b', 'c']);
  });

  it('are told by their first packet, which need not be their first frame', async () => {
    const custom = block(0xbad, new Uint8Array(8));
    const file = concat(sectionHeader(true), interfaceBlock(true, 1), custom, enhancedPacket(Uint8Array.of(1)));
    const { files, packets } = await seen([file, file]);
    expect(packets.map(({ number }) => number)).toEqual([2, 4]);
    expect(files.map(([, first]) => first)).toEqual([2, 4]);
  });

  it('are read on behind one that is damaged, or none', async () => {
    const [first, second, third] = pieces(SAMPLE, 2);
    const { packets, end } = await seen([first, second.subarray(0, -5), text('no capture at all'), third]);
    expect(packets.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(end.damage).toMatchObject({ file: 'bytes', offset: 24 + (second.length - 24) - lastLength(second) });
    expect(end.notes.map(({ message }) => message).join()).toMatch(/byte 0: it is not a capture/);
  });

  it('are unreadable only where all are', async () => {
    for (const none of [[], [text('none'), text('of them')]]) await expect(seen(none)).rejects.toThrow(UnreadableInput);
  });

  it('are left where enough was read', async () => {
    const { packets, files } = await seen(pieces(SAMPLE, 3), 4);
    expect(packets).toHaveLength(4);
    expect(files).toHaveLength(2);
  });

  it('attack: what they hold beside packets is bounded for all together', async () => {
    const file = concat(sectionHeader(true, option(1, text('x'.repeat(400)), true)), interfaceBlock(true));
    const { comments, notes } = await readCapture([file, file, file], () => {}, { limits: { metadata: 1000 } });
    expect(comments).toHaveLength(2);
    expect(notes.map(({ code }) => code)).toEqual(['limit']);
  });
});

/** Bytes of the last record of a file of two. */
function lastLength(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset);
  return file.length - 24 - 16 - view.getUint32(24 + 8, true);
}
