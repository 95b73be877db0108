/**
 * Attack: strings in traffic that would steer a terminal (titles, colours, cursor, bidirectional tricks) come out as
 * text in every format.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeNrbf } from '../dissectors/nrbf/index.js';
import { calls } from '../src/cli/calls.js';
import { nrbfCommand } from '../src/cli/nrbf.js';
import { objects } from '../src/cli/objects.js';
import { read } from '../src/cli/read.js';
import { safe } from '../src/output/terminal.js';
import { toPcap } from './fuzz/corpus.js';
import { allCaptures, packetsOf } from './fuzz/way.js';
import { catchPrinted, RAW } from './printed.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EVIL = '\u001b]0;title\u0007\u001b[2J\u009b31m\u007f\u0085\u2028\u202eevil\u2066\u0000\b\r';

const prints = catchPrinted();

function expectClean(): void {
  const text = prints.out;
  expect(text.length).toBeGreaterThan(0);
  expect(RAW.exec(text)).toBeNull();
  expect(RAW.exec(prints.err)).toBeNull();
}

test('safe() leaves nothing that steers, and what it leaves tells what there was', () => {
  expect(RAW.exec(safe(EVIL))).toBeNull();
  expect(safe('\u001b[31m')).toBe('\\u001b[31m');
  expect(safe('grün → 日本 😀')).toBe('grün → 日本 😀');
});

describe('an NRBF stream with evil strings', () => {
  const file = join(folder, 'evil.nrbf');
  writeFileSync(
    file,
    writeNrbf({
      records: [
        { type: 'SerializedStreamHeader', rootId: 1, headerId: -1, majorVersion: 1, minorVersion: 0 },
        { type: 'BinaryLibrary', libraryId: 2, libraryName: `Lib${EVIL}` },
        {
          type: 'ClassWithMembersAndTypes',
          objectId: 1,
          className: `Name${EVIL}`,
          memberNames: [`member${EVIL}`],
          memberTypes: [{ type: 'String' }],
          libraryId: 2,
        },
        { type: 'BinaryObjectString', objectId: 3, value: EVIL },
        { type: 'MessageEnd' },
      ],
    }),
  );
  test.each([['text'], ['tree'], ['json'], ['ndjson']])('-T %s', async (format) => {
    await nrbfCommand().exitOverride().parseAsync(['-T', format, '-x', '--color', 'never', file], { from: 'user' });
    expectClean();
    if (format === 'json') {
      const text = JSON.stringify(JSON.parse(prints.out.split('\n00000000')[0]));
      expect(text).toContain(JSON.stringify(EVIL));
    }
  });
});

const captures = allCaptures().filter((f) => /dispatch|odd-bstr|clear-ndr\.|clr-client/.test(f));

describe.skipIf(captures.length === 0)('captures whose names became escape sequences', () => {
  const options = { color: 'never' as const, jobs: 1 };
  const commands: [string, (file: string) => unknown][] = [
    ...['text', 'json', 'ndjson'].map((T): [string, (f: string) => unknown] => [
      `calls ${T}`,
      (f) => calls([f], { ...options, T }),
    ]),
    ...['text', 'tree', 'json', 'ndjson', 'ek'].map((T): [string, (f: string) => unknown] => [
      `read ${T}`,
      (f) => read([f], { ...options, T }),
    ]),
    ['read -x', (f) => read([f], { ...options, T: 'text', x: true })],
    ['read fields', (f) => read([f], { ...options, T: 'fields', e: ['frame.number', 'dcerpc.opnum'] })],
    ['objects', (f) => objects([f], { ...options, T: 'text' })],
  ];
  test.each(commands)('%s', async (_, run) => {
    for (const [i, file] of captures.entries()) {
      const packets = (await packetsOf(file)).map((p) => ({ ...p, bytes: poison(p.bytes) }));
      const poisoned = join(folder, `${i}.pcap`);
      writeFileSync(poisoned, toPcap(packets));
      await run(poisoned);
    }
    expectClean();
  });
});

/** Words in one-byte and two-byte text become escape sequences of the same length. */
function poison(bytes: Uint8Array): Uint8Array {
  const b = Buffer.from(bytes);
  for (const [word, evil] of [
    ['System', '\u001b[31mX'],
    ['String', '\u001b[2J\u0007\u0007'],
    ['Test', '\u001b[7m'],
    ['Hello', '\u001b[5m\b'],
  ])
    for (const encoding of ['latin1', 'utf16le'] as const) {
      const from = Buffer.from(word, encoding);
      const to = Buffer.from(evil, encoding);
      for (let at = b.indexOf(from); at >= 0; at = b.indexOf(from, at + 1)) to.copy(b, at);
    }
  return b;
}
