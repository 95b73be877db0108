/** What a sealed PDU would be without its protection. */

import { Ptype } from '../../dissectors/dcerpc/pdu.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { Magic, NBSS_HEADER, smbMagic } from '../../dissectors/smb/stream.js';
import { viewOf } from '../core/bytes.js';

/** sec_trailer of DCE/RPC (MS-RPCE 2.2.2.11): the level stands in its second byte, padding in its third. */
const TRAILER = 8;
const LEVEL_AT = 1;
const PAD_LENGTH_AT = 2;
const PRIVACY = 6;
const FRAG_LENGTH_AT = 8;
const AUTH_LENGTH_AT = 10;

/**
 * The PDU in clear: of a fragment of DCE/RPC without auth padding and trailer, of an encrypted message of SMB 3 what was
 * in it. Null where nothing of it was sealed, and where it could not be opened.
 */
export function clearPdu({ transport, header, unprotected, opened }: Pdu): Uint8Array | null {
  if (opened !== null) return opened;
  if (transport.connection.transport === 'ncadg_ip_udp') return null;
  const stub = unprotected?.decrypted === true ? unprotected.stub : null;
  if (stub === null || header === null) return null;
  const { bytes } = transport;
  const trailer = header.length - header.authLength - TRAILER;
  const start = trailer - stub.length;
  const stubLength = Math.max(0, stub.length - bytes[trailer + PAD_LENGTH_AT]);
  const clear = new Uint8Array(start + stubLength);
  clear.set(bytes.subarray(0, start));
  clear.set(stub.subarray(0, stubLength), start);
  const view = viewOf(clear);
  view.setUint16(FRAG_LENGTH_AT, clear.length, header.littleEndian);
  view.setUint16(AUTH_LENGTH_AT, 0, header.littleEndian);
  return clear;
}

/** Whether any of it is sealed: stub of a fragment of DCE/RPC, message of SMB 3. */
export function isSealed({ protocol, header, opened, transport }: Pdu): boolean {
  const { bytes, length } = transport;
  if (header === null) return opened !== null || (protocol === 'SMB2' && smbMagic(bytes, NBSS_HEADER) === Magic.sealed);
  const hasStub = header.type === Ptype.request || header.type === Ptype.response || header.type === Ptype.fault;
  if (!hasStub || header.authLength === 0 || bytes.length < length) return false;
  return bytes[header.length - header.authLength - TRAILER + LEVEL_AT] === PRIVACY;
}
