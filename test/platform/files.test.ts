import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openNamed } from '../../src/platform/node.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a large file', () => {
  it('comes whole and in order, and others have their turns meanwhile', async () => {
    const path = join(folder, 'large');
    const written = Uint8Array.from({ length: 9 << 20 }, (_, i) => (i >> 12) ^ i);
    writeFileSync(path, written);
    const { source: opening } = await openNamed(path);
    const source = await opening;
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    const read = new Uint8Array(written.length + 1);
    let n = 0;
    for (let got = 1; got > 0; n += got) got = await source.read(read, n, read.length - n);
    clearImmediate(next);
    await source.close();
    expect(Buffer.compare(read.subarray(0, n), written)).toBe(0);
    // a signal that ends the reading waits for no more than a few megabytes
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(source.failure).toBeNull();
  });
});
