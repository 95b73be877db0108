/** `tcpdump -U -w - | clrscope …`: what packets say is out while the pipe is open. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { lz4Frame, zstdBlock, zstdFrame } from '../bytes.js';
import { MAIN, ROOT } from '../cli.js';

const BYTES = readFileSync(`${ROOT}samples/managed-object/capture.pcap`);

/** The file header and so many packets. */
function packets(count: number): Buffer {
  let at = 24;
  for (let n = 0; n < count; n++) at += 16 + BYTES.readUInt32LE(at + 8);
  return BYTES.subarray(0, at);
}

/** A shell's words around the program, fed with these bytes by a pipe that stays open. */
function piped(words: string, bytes: Uint8Array) {
  const child = spawn('sh', ['-c', words.replace('clrscope', '"$0" "$1"'), process.execPath, MAIN], {
    stdio: 'pipe',
    env: { ...process.env, NO_COLOR: '1' },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(bytes);
  return {
    child,
    /** What came until `enough`; ends the pipe then. */
    async until(enough: string): Promise<string> {
      let out = '';
      for await (const chunk of child.stdout) {
        out += chunk;
        if (out.includes(enough)) child.stdin.end();
      }
      return out;
    },
  };
}

it.concurrent.each([
  ['clrscope -', 'ServerAlive2'],
  ['clrscope -l -T tree -', 'Frame 8'],
  ['clrscope -x -', '00000010: '],
  ['clrscope -T json -', '"frame":8'],
  ['clrscope -T ndjson -', '"frame":8'],
  ['clrscope -T ek -', '"frame_frame_number"'],
  ['clrscope -T fields -e frame.number -e dcerpc.pkt_type -', '8\t0\n'],
  ['clrscope calls -', 'ServerAlive2'],
  ['clrscope calls -l -T json -', 'ServerAlive2'],
  ['clrscope calls -T ndjson -Y dcerpc -', 'ServerAlive2'],
  ['clrscope --comment -Y dcerpc -w - -', 'ServerAlive2'],
  ['clrscope -w - -', 'MEOW'],
  // the last line is the second call: with it, head ends
  ['clrscope calls - | head -3', 'RemoteCreateInstance'],
])('%s', { timeout: 60_000 }, async (words, wanted) => {
  // the test ends in time only where what is wanted came before the pipe's end
  expect(await piped(words, packets(13)).until(wanted)).toContain(wanted);
});

/** Bytes packed so that all of them can be unpacked, and more may follow. */
const PACKED: readonly [string, (bytes: Buffer) => Uint8Array][] = [
  ['gzip', (b) => gzipSync(b, { finishFlush: constants.Z_SYNC_FLUSH })],
  ['zstd', (b) => zstdFrame(7, [zstdBlock('raw', b)])],
  // without the end of the frame
  ['LZ4', (b) => lz4Frame([{ packed: b, isRaw: true }], b).subarray(0, -8)],
];

it.concurrent.each(PACKED)('%s: what is unpacked is not waited for', { timeout: 60_000 }, async (_, pack) => {
  const all = pack(packets(13));
  const { child, until } = piped('clrscope calls -', all.subarray(0, 500));
  setTimeout(() => child.stdin.write(all.subarray(500)), 300);
  expect(await until('ServerAlive2')).toContain('ServerAlive2');
});

it('-c ends the program though the pipe goes on', { timeout: 60_000 }, async () => {
  const { child } = piped('clrscope -c 8 -T fields -e frame.number -', packets(13));
  let out = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  expect(out.split('\n')).toHaveLength(9);
});
