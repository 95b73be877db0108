/** Texts of remoting messages do not steer terminals, in any output for people. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ethernet, ipv4, pcapFile, tcp } from '../bytes.js';
import { asProcess } from '../cli.js';
import { hostileRemoting } from '../fuzz/hostile.js';
import { NRBF_RETURN, nrtp } from './messages.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-remoting-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([['calls'], ['read'], ['-V'], ['objects'], ['stats'], ['audit']])('%s', (command) => {
  const file = join(folder, 'hostile.pcap');
  const packets = hostileRemoting().flatMap((message, i) => {
    const answer = nrtp({ operation: 2, content: NRBF_RETURN });
    const port = 50_000 + i;
    return [
      ipv4('10.0.0.1', '10.0.0.2', 6, tcp(port, 8085, 1000, message)),
      ipv4('10.0.0.2', '10.0.0.1', 6, tcp(8085, port, 5000, answer)),
    ];
  });
  writeFileSync(file, pcapFile(packets.map((p, i) => ({ bytes: ethernet(p), sec: 1_700_000_000 + i }))));
  const { out, err, code } = asProcess([command, file]);
  expect(code === 0 || code === 1 || code === 3, `${code}: ${err}`).toBe(true);
  expect(out.length).toBeGreaterThan(0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(`${out}${err}`).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u202e\u2028\u2060\u2066\ufeff]/);
});
