/** Per-message tokens of Kerberos for the tree: RFC 4121 section 4.2.6 (AES), RFC 4757 section 7 (RC4). */
import type { Cursor } from '../../core/cursor.js';
import { application, oid, tagAndLength } from '../der.js';
import { GSS } from '../kerberos/fields.js';
import { MECHANISM_NAMES, SPNEGO } from './messages.js';

const CFX_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [1, 'SentByAcceptor'],
  [2, 'Sealed'],
  [4, 'AcceptorSubkey'],
];

const cfxFlags = (value: number) => CFX_FLAGS.flatMap(([mask, name]) => (value & mask ? [name] : [])).join(', ');

/** Whether a MIC or Wrap token of RFC 4121 begins here. */
export const isCfxToken = (c: Cursor) => (c.peek() === 4 || c.peek() === 5) && c.peek(1) === 4;

/** Reads either kind up to the end of the region. */
export function readGssToken(c: Cursor): void {
  if (isCfxToken(c)) c.group(GSS.blob, cfx);
  else c.group(SPNEGO.token, rc4);
}

function cfx(c: Cursor): void {
  c.littleEndian = true;
  const wrap = c.u16(GSS.tokenId) === 0x0405;
  c.littleEndian = false;
  c.u8(GSS.flags, cfxFlags);
  c.raw(GSS.filler, wrap ? 1 : 5);
  if (wrap) {
    c.u16(GSS.extraCount);
    c.u16(GSS.rotation);
  }
  c.u64(GSS.sequence);
  // of a sealed Wrap token: confounder, filler and checksum, rotated
  if (c.left > 0) c.raw(GSS.checksum, c.left);
}

function rc4(c: Cursor): void {
  c.littleEndian = true;
  // The length may count the data, which does not stand here: it is no use.
  tagAndLength(c, application(0));
  oid(c, SPNEGO.gssOid, MECHANISM_NAMES);
  c.group(GSS.blob, rc4Message);
}

function rc4Message(c: Cursor): void {
  const wrap = c.u16(GSS.tokenId) === 0x0102;
  c.u16(GSS.signAlgorithm);
  if (wrap) c.u16(GSS.sealAlgorithm);
  c.raw(GSS.filler, wrap ? 2 : 4);
  c.raw(GSS.sequenceSealed, 8);
  c.raw(GSS.checksum, 8);
  if (wrap && c.left >= 8) c.raw(GSS.confounder, 8);
}
