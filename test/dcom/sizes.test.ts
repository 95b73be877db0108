/** Sizes that structures of DCOM say of what they hold, and that are others. */
import { describe, expect, it } from 'vitest';
import { DUALSTRINGARRAY } from '../../dissectors/dcom/dual-string-array.js';
import { readErrorInfo } from '../../dissectors/dcom/error-info.js';
import { UNMARSHALERS } from '../../dissectors/dcom/objref.js';
import '../../dissectors/dcom/activation.js';
import { emptyScope } from '../../dissectors/ndr/read.js';
import { readSerialized, serializationFields } from '../../dissectors/ndr/serialized.js';
import { u32 } from '../../dissectors/ndr/types.js';
import { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { hex } from '../dcerpc/support.js';
import { decodeOne } from '../ndr/support.js';

/** Notes of reading bytes. */
function said(bytes: string, read: (c: Cursor) => void): string[] {
  const source = fileSource('Data', hex(bytes));
  const c = new Cursor(source, new Recording(false), source.bytes.length);
  c.littleEndian = true;
  c.frame(null, source.bytes.length, read);
  return c.recording.notes.map(({ code }) => code);
}

describe('2.2.19: a DUALSTRINGARRAY', () => {
  // 7 is TCP, its address "a"; then no security bindings
  const strings = '0700 6100 0000 0000 0000';
  const codes = (head: string): string[] =>
    decodeOne(DUALSTRINGARRAY, hex(`${head} ${strings}`)).notes.map((n) => n.code);
  it('whose words are not as many as there is room for, or whose second half lies behind its end', () => {
    expect(codes('05000000 0500 0400')).toEqual([]);
    expect(codes('05000000 0400 0400')).toEqual(['bindings-size']);
    expect(codes('05000000 0500 0600')).toEqual(['bindings-size']);
  });
});

it('2.2.21.3: a string of error information that does not begin with its first character', () => {
  const that = (room: string, offset: string): string[] =>
    said(`00000000 00000000 ${'00'.repeat(16)} ffffffff ${room} ${offset} 02000000 62000000 00000000 00000000`, (c) =>
      expect(readErrorInfo(c)).toMatchObject({ source: 'b' }),
    );
  expect(that('02000000', '00000000')).toEqual([]);
  expect(that('04000000', '02000000')).toEqual(['array-offset']);
  expect(that('01000000', '00000000')).toEqual(['malformed']);
});

describe('type serialization (MS-RPCE 2.2.6)', () => {
  const fields = serializationFields('test', 'test.unused');
  const value = (length: string): string[] =>
    said(`01100800 cccccccc ${length} 00000000 07000000`, (c) =>
      readSerialized(c, fields, u32, field('test.v', 'v', 'uint32'), {}, 'v', emptyScope()),
    );
  it('a value longer than its buffer', () => {
    expect(value('04000000')).toEqual([]);
    expect(value('02000000')).toEqual(['serialized-length']);
  });

  it('MS-DCOM 2.2.22: a property of which nothing is there', () => {
    const blob = (size: string): string[] =>
      said(
        `78000000 00000000
         01100800 cccccccc 58000000 00000000
         78000000 78000000 00000000 02000000 01000000 ${'00'.repeat(16)}
         00000200 04000200 00000000
         01000000 ab01000000000000c000000000000046 01000000 ${size} 00000000`,
        (c) => UNMARSHALERS.get('00000338-0000-0000-c000-000000000046')?.(c, emptyScope()),
      );
    expect(blob('00000000')).toEqual([]);
    expect(blob('10000000')).toEqual(['malformed']);
  });
});
