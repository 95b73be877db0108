/**
 * The verification trailer of a request as values (MS-RPCE 2.2.2.13). A stub is a window of the bytes that it was cut
 * from, and the trailer lies in them behind the window.
 */

import { syntaxName } from '../../../dissectors/dcerpc/bind.js';
import { viewOf } from '../../core/bytes.js';
import { guidText } from '../../core/text.js';

const MAGIC = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];
/** Twice what the three commands take. */
const LONGEST = 176;

export interface Trailer {
  readonly iid: string | null;
  readonly syntax: string | null;
  readonly header: { readonly callId: number; readonly contextId: number; readonly opnum: number } | null;
}

/** The trailer that follows a stub, or null. */
export function trailerBehind(stub: Uint8Array, littleEndian: boolean): Trailer | null {
  const from = stub.byteOffset + stub.length;
  const room = Math.min(stub.buffer.byteLength - from, LONGEST + 4);
  const b = new Uint8Array(stub.buffer, from, Math.max(0, room));
  let at = 0;
  while (at < 4 && !MAGIC.every((byte, i) => b[at + i] === byte)) at++;
  return at === 4 ? null : read(b, at + MAGIC.length, littleEndian);
}

function read(b: Uint8Array, from: number, littleEndian: boolean): Trailer | null {
  let iid: string | null = null;
  let syntax: string | null = null;
  let header: Trailer['header'] = null;
  const view = viewOf(b);
  const u16 = (at: number): number => view.getUint16(at, littleEndian);
  for (let at = from; at + 4 <= b.length; ) {
    const command = u16(at);
    const length = u16(at + 2);
    const start = at + 4;
    if (start + length > b.length) return null;
    if ((command & 0x3fff) === 2 && length >= 40) {
      iid = guidText(b, start, littleEndian);
      syntax = syntaxName(guidText(b, start + 20, littleEndian));
    } else if ((command & 0x3fff) === 3 && length >= 16) {
      const callId = view.getUint32(start + 8, littleEndian);
      header = { callId, contextId: u16(start + 12), opnum: u16(start + 14) };
    }
    if (command & 0x4000) return { iid, syntax, header };
    at = start + length;
  }
  return null;
}
