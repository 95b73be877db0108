/** Streams in files that hold them among other bytes, packed or as text; and what is said of files that are no stream. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNrbfDocument } from '../../dissectors/nrbf/index.js';
import { findStreams } from '../../src/cli/nrbf-find.js';
import { hintOn } from '../../src/cli/nrbf-hint.js';
import { latin1Bytes } from '../../src/core/bytes.js';
import { readHexDump } from '../../src/core/hex-dump.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { bareBase64, writtenText } from '../../src/core/written-text.js';
import { concat, u32 } from '../bytes.js';

const STREAM = encodeNrbfDocument({
  root: {
    type: 'A.Point',
    assembly: 'A, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null',
    members: { x: { type: 'System.Int32', value: 7 }, s: { type: 'System.String', value: 'ÿ?>~ß'.repeat(9) } },
  },
});
const JUNK = Uint8Array.from({ length: 37 }, (_, i) => 200 - i);
const base64 = (b: Uint8Array) => Buffer.from(b).toString('base64');
const hex = (b: Uint8Array, between = '') => [...b].map((n) => n.toString(16).padStart(2, '0')).join(between);
const wide = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));
const swapped = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());
/** Of a length that base64 needs no padding for. */
const UNPADDED = ['x', 'xx', 'xxx']
  .map((value) => encodeNrbfDocument({ root: { type: 'System.String', value } }))
  .find(({ length }) => length % 3 === 0)!;
const latin1 = latin1Bytes;

function found(file: Uint8Array): string[] {
  const { found } = findStreams(file, DEFAULT_LIMITS, false);
  return found.map(({ stream, wrapping, offset }) => {
    const kinds = wrapping.map(({ kind, offset }) => (kind === 'length' ? kind : `${kind}@${offset}`));
    return `${[...kinds, offset].join(' ')}${stream.complete ? '' : ' cut'}`;
  });
}

const viewState = concat([0xff, 1, 0x32, (STREAM.length & 127) | 128, STREAM.length >> 7], STREAM, new Uint8Array(20));

describe('a stream is found', () => {
  const cases: [string, Uint8Array, string[]][] = [
    ['alone, and with another behind it', concat(STREAM, JUNK, STREAM), ['0', `${STREAM.length + 37}`]],
    ['behind its length', concat(u32(STREAM.length, true), STREAM), ['length 4']],
    ['in a ViewState', viewState, ['ViewState@0 length 5']],
    ['in .resources', concat([0xce, 0xca, 0xef, 0xbe], JUNK, STREAM), ['.resources@0 41']],
    ['in gzip among other bytes', concat(JUNK, gzipSync(STREAM), JUNK), ['gzip@37 0']],
    ['in zlib', concat(JUNK, deflateSync(concat(JUNK, STREAM))), ['zlib@37 37']],
    [
      'in gzip of more than a little',
      new Uint8Array(gzipSync(concat(new Uint8Array(200_000), STREAM))),
      ['gzip@0 200000'],
    ],
    [
      'in gzip with a name',
      concat([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0], latin1('a.bin\0'), deflateRawSync(STREAM)),
      ['gzip@0 0'],
    ],
    ['in deflate without a mark', deflateRawSync(STREAM), ['deflate@0 0']],
    [
      'in base64 of a .resx, in lines',
      latin1(`<value>\n    ${base64(STREAM).replace(/.{64}/g, '$&\n    ')}\n</value>`),
      ['base64@7 0'],
    ],
    ['in base64 behind a word', latin1(`value ${base64(STREAM)}`), ['base64@6 0']],
    ['in base64 of a LosFormatter', latin1(`t<b<${base64(STREAM)}>>`), ['base64@4 0']],
    // without padding its last character counts
    ['in base64 of UTF-16 with the greater byte first', swapped(base64(UNPADDED)), ['base64 in UTF-16@1 0']],
    ['in hex of UTF-16 with the greater byte first', swapped(hex(STREAM)), ['hex in UTF-16@1 0']],
    ['in base64 of UTF-16, with a mark', concat([0xff, 0xfe], wide(base64(STREAM))), ['base64 in UTF-16@2 0']],
    ['in base64 of a URL', latin1(`a=1&s=${encodeURIComponent(base64(STREAM))}&b=2`), ['base64@6 0']],
    [
      'in base64 of JSON',
      latin1(`{"s":"${base64(STREAM).replaceAll('/', '\\/').replaceAll('+', '\\u002b')}"}`),
      ['base64@6 0'],
    ],
    ['in gzip in base64', latin1(`"${base64(gzipSync(STREAM))}"`), ['base64@1 gzip@0 0']],
    ['in hex', latin1(`x: ${hex(STREAM)}`), ['hex@3 0']],
    ['in hex of C', latin1(`"\\x${hex(STREAM, '\\x')}"`), ['hex@1 0']],
    ['cut', concat(JUNK, STREAM.subarray(0, STREAM.length - 9)), ['37 cut']],
    ['in nothing', concat(JUNK, new Uint8Array(500), latin1('The quick brown fox '.repeat(20))), []],
  ];
  it.each(cases)('%s', (_, file, wanted) => expect(found(file)).toEqual(wanted));

  it('in whatever is in whatever, up to a bound', () => {
    const wraps: ((b: Uint8Array) => Uint8Array)[] = [
      (b) => gzipSync(b),
      (b) => latin1(base64(b)),
      (b) => wide(base64(b)),
      (b) => latin1(hex(b, '-')),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...wraps), { maxLength: 3 }),
        fc.uint8Array({ maxLength: 40 }),
        (list, junk) => {
          const file = list.reduce((inner, wrap) => wrap(inner), concat(STREAM, junk));
          expect(findStreams(file, DEFAULT_LIMITS, false).found.some(({ stream }) => stream.complete)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('what is made to take for ever does not', () => {
  const bomb = gzipSync(new Uint8Array(1 << 22));
  const files = [
    concat(...Array.from({ length: 400 }, () => bomb)),
    latin1('0x00,'.repeat(200_000)),
    latin1('A'.repeat(1 << 20)),
    // headers of streams, each with a string behind it that says to reach the end
    concat(...Array.from({ length: 4000 }, () => [...STREAM.subarray(0, 17), 6, 1, 0, 0, 0, 0xff, 0xff, 0x3f])),
  ];
  for (const file of files) {
    // a busy machine takes its time: what counts is the work
    const began = process.cpuUsage();
    findStreams(file, DEFAULT_LIMITS, false);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(20);
  }
});

it('spellings of millions of bytes in a row are read', () => {
  const file = concat(new Uint8Array(9_000_000).fill(0x41), STREAM);
  expect(found(latin1(base64(file)))).toEqual([`base64@0 ${file.length - STREAM.length}`]);
  expect(readHexDump('ab'.repeat(9_000_000), '').bytes.length).toBe(9_000_000);
});

describe('what is no stream is told what it is', () => {
  it.each([
    ['pcap', concat(u32(0xa1b2c3d4, true), new Uint8Array(20)), /capture/],
    ['gzip', new Uint8Array(gzipSync(STREAM)), /gzip compressed.*--find/],
    ['base64', latin1(base64(STREAM)), /base64: --base64/],
    ['hex', latin1(hex(STREAM, ':')), /hex dump: --hex/],
    ['a ViewState', viewState, /ViewState.*--at 5/],
    ['a ViewState in base64', latin1(base64(viewState)), /base64.*ViewState.*--base64 --at 5/],
    ['.resources', concat([0xce, 0xca, 0xef, 0xbe], new Uint8Array(300)), /\.resources/],
    ['a file with a stream in it', concat(JUNK, STREAM), /--at 37/],
    ['text with a stream in it', latin1(`<a>${base64(STREAM)}</a>`), /base64.*--find/],
  ])('%s', (_, file, wanted) => expect(hintOn(file, DEFAULT_LIMITS)).toMatch(wanted));

  it('or nothing', () => expect(hintOn(JUNK, DEFAULT_LIMITS)).toBeNull());
});

describe('texts', () => {
  it.each(['-', ':', ' ', ', ', '\\x', ',0x', '%'])('hex with %j between', (between) => {
    expect(
      readHexDump(hex(STREAM, between).replace(/^/, between.trim().length > 1 ? between.replace(',', '') : ''), '')
        .bytes,
    ).toEqual(STREAM);
  });

  it.each([(t: string) => `b"\\x${t}"`, (t: string) => `b'\\x${t}'`])('hex of a string in a program', (around) => {
    expect(readHexDump(around(hex(STREAM, '\\x')), '').bytes).toEqual(STREAM);
  });

  it.each([
    (t: string) => `"${t}"`,
    (t: string) => encodeURIComponent(t),
    (t: string) => `__VIEWSTATE=${encodeURIComponent(t)}`,
    (t: string) => `data:application/octet-stream;base64,${t}`,
    (t: string) => `-----BEGIN X-----\n${t.replace(/.{64}/g, '$&\n')}\n-----END X-----\n`,
    (t: string) => t.replaceAll('+', '&#43;').replaceAll('/', '\\/'),
  ])('base64 as it stands elsewhere', (around) => {
    expect(new Uint8Array(Buffer.from(bareBase64(around(base64(STREAM))), 'base64'))).toEqual(STREAM);
  });

  it('of UTF-16 in either order and of UTF-8', () => {
    const bytes = wide('AAEAAD');
    const swapped = new Uint8Array(bytes.length);
    bytes.forEach((byte, i) => {
      swapped[i ^ 1] = byte;
    });
    for (const file of [bytes, swapped, concat([0xff, 0xfe], bytes), concat([0xfe, 0xff], swapped), latin1('AAEAAD')])
      expect(writtenText(file)).toBe('AAEAAD');
  });
});
