/** BSTRs in the tree (MS-OAUT 2.2.23): text where they are text, as a sight of the parameter's own field. */
import { describe, expect, it } from 'vitest';
import { BSTR } from '../../dissectors/dcom/bstr.js';
import { emptyScope, NdrReader } from '../../dissectors/ndr/read.js';
import { as, membersOf } from '../../dissectors/ndr/types.js';
import { Cursor } from '../../src/core/cursor.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { formatNode } from '../../src/filter/format.js';
import { concat, u32 } from '../bytes.js';
import { hex } from '../dcerpc/support.js';
import { decode } from '../ndr/support.js';
import { nodes } from '../security/tree.js';

const MEMBERS = membersOf('t', { text: as(BSTR, { name: 't.text' }) });

/** Codes of what is said of a BSTR's bytes. */
function codes(content: string): string[] {
  const body = hex(content);
  const words = Math.ceil(body.length / 2);
  const bytes = concat(
    ...[1, words, body.length, words].map((n) => u32(n, true)),
    body,
    new Uint8Array(body.length & 1),
  );
  return decode(MEMBERS, bytes).notes.map((note) => note.code);
}

/** The columns `t.text` and `dcom.bstr` of a BSTR, and what its line says; `drep` is the byte order that its PDU tells. */
function columns(
  cBytes: number,
  content: string,
  littleEndian = true,
  drep = littleEndian,
): { text: string[]; data: string[]; line: unknown } {
  const body = hex(content);
  const words = Math.ceil(body.length / 2);
  const bytes = Buffer.alloc(16 + words * 2);
  for (const [i, n] of [1, words, cBytes, words].entries())
    if (littleEndian) bytes.writeUInt32LE(n, i * 4);
    else bytes.writeUInt32BE(n, i * 4);
  bytes.set(body, 16);
  const recording = new Recording(true);
  const c = new Cursor(fileSource('Stub', bytes), recording);
  c.littleEndian = drep;
  new NdrReader(c, false, emptyScope()).params(MEMBERS, {});
  const found = Array.from(nodes(recording.finish().roots));
  const of = (name: string) => found.filter((n) => n.field.name === name).map(formatNode);
  return { text: of('t.text'), data: of('dcom.bstr'), line: found[0].display };
}

describe('a BSTR that holds a stream', () => {
  // a header, the return of a method that returns nothing, MessageEnd
  const STREAM = '00 00000000 00000000 01000000 00000000 16 01020000 0b';

  it('says that another one stands behind it; other bytes there are nobody’s', () => {
    expect(codes(STREAM)).toEqual([]);
    expect(codes(`${STREAM} 0000000000000000`)).toEqual([]);
    expect(codes(STREAM + STREAM)).toEqual(['stream-behind']);
  });
});

describe('a BSTR', () => {
  it('of UTF-16 is text for filters and columns', () => {
    expect(columns(4, '4e00e900')).toEqual({ text: ['N\u00e9'], data: [], line: '"N\u00e9"' });
    expect(columns(4, '004e00e9', false).text).toEqual(['N\u00e9']);
    // MS-OAUT 2.2.23: little endian whatever the PDU says
    expect(columns(4, '4e00e900', true, false).text).toEqual(['N\u00e9']);
  });

  it('without characters is an empty text, and null is none', () => {
    expect(columns(0, '')).toEqual({ text: [''], data: [], line: '""' });
    expect(columns(0xffffffff, '')).toEqual({ text: [], data: [], line: 'null' });
  });

  it('of an odd length or of what is no text is bytes, and its field says how many', () => {
    const text = ['BSTR, 3 bytes'];
    expect(columns(3, '4e00e900')).toEqual({ text, data: ['4e00e900'], line: 'BSTR, 3 bytes' });
    expect(columns(2, '00d8').text).toEqual(['BSTR, 2 bytes']);
  });
});
