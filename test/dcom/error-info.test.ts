/** Extensions of ORPC headers and the error information in them: bytes of captures/traffic/orpc-extents.pcap. */
import { describe, expect, it } from 'vitest';
import { extensionsOf, ORPCTHAT } from '../../dissectors/dcom/this-that.js';
import { hex } from '../dcerpc/support.js';
import { decodeOne } from '../ndr/support.js';

/** Frame 39, the ORPCTHAT of a failed GetSerializedBuffer: IErrorInfo and an extension that nobody knows. */
const THAT = hex(`00000000 05000000 02000000 00000000 11000000 02000000 19000000 1d000000
  90000000 1c03000000000000c000000000000046 8c000000
  4d454f57 04000000 40a719665481be43a1860319578e02db 1b03000000000000c000000000000046 00000000 5c000000
  00000000 00000000 40a719665481be43a1860319578e02db
  ffffffff 0a000000 00000000 0a000000 49006f006900530065007200760065007200 0000
  ffffffff 05000000 00000000 05000000 62006f006f006d00 0000 0000 00000000 00000000
  08000000 22222222222233334444555555555555 06000000 7365636f6e640000`);

describe('MS-DCOM 2.2.21: extensions', () => {
  it("2.2.21.2: the managed exception's message", () => {
    const { value, left, notes } = decodeOne(ORPCTHAT, THAT);
    const [error, other] = extensionsOf(value);
    expect(error.errorInfo).toEqual({
      iid: '6619a740-8154-43be-a186-0319578e02db',
      source: 'IoiServer',
      description: 'boom',
      helpFile: null,
      helpContext: 0,
    });
    expect(other).toMatchObject({ id: '22222222-2222-3333-4444-555555555555', size: 6, errorInfo: null });
    expect(Buffer.from(other.data).toString()).toBe('second\0\0');
    expect([left, notes]).toEqual([0, []]);
  });

  it('edge: no extensions', () => {
    expect(extensionsOf(decodeOne(ORPCTHAT, hex('00000000 00000000')).value)).toEqual([]);
  });

  it('edge: an empty extension asks for error information', () => {
    const empty = hex(`00000000 05000000 01000000 00000000 11000000 02000000 19000000 00000000
      00000000 1c03000000000000c000000000000046 00000000`);
    expect(extensionsOf(decodeOne(ORPCTHAT, empty).value)).toMatchObject([{ size: 0, errorInfo: null }]);
  });

  it('invalid: error information that ends early is a note, and what follows is read', () => {
    const short = Uint8Array.from(THAT);
    // the actual count of the first string
    short.set([0xff, 0xff], 140);
    const { value, left, notes } = decodeOne(ORPCTHAT, short);
    expect(notes.map((n) => n.code)).toContain('malformed');
    expect(extensionsOf(value)).toMatchObject([{ errorInfo: null }, { size: 6 }]);
    expect(left).toBe(0);
  });

  it('attack: a size beyond the stub', () => {
    const huge = Uint8Array.from(THAT);
    huge.set([0xff, 0xff, 0xff, 0x7f], 32);
    expect(decodeOne(ORPCTHAT, huge).notes.map((n) => n.code)).toContain('malformed');
  });
});
