/** The authentication tokens of a PDU, as far as a rule needs them beside what the security context knows. */

import { ASSOCIATION, type Security } from '../../../dissectors/dcerpc/connection.js';
import { Ptype } from '../../../dissectors/dcerpc/pdu.js';
import type { Pdu } from '../../../dissectors/dcerpc/session.js';
import { find, latin1Bytes, viewOf } from '../../core/bytes.js';

/** The security context that a PDU with a client's token belongs to; null for other PDUs. */
export function authenticating({ header, transport }: Pdu): Security | null {
  if (header === null || header.authLength === 0 || transport.bytes.length < header.length) return null;
  if (header.type !== Ptype.bind && header.type !== Ptype.alterContext && header.type !== Ptype.auth3) return null;
  const { bytes } = transport;
  const trailer = header.length - header.authLength - 8;
  if (trailer < 16) return null;
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(trailer + 4, header.littleEndian);
  return transport.connection.state.get(ASSOCIATION).security.get(id) ?? null;
}

/** The auth_value of a PDU that `authenticating` accepted. */
export function tokenOf({ header, transport }: Pdu): Uint8Array {
  const end = header?.length ?? 0;
  return transport.bytes.subarray(end - (header?.authLength ?? 0), end);
}

const SIGNATURE = latin1Bytes('NTLMSSP\0\x03\0\0\0');
/** MsvAvFlags (MS-NLMP 2.2.2.1), and its bit for a MIC. */
const AV_FLAGS = 6;
const AV_MIC = 2;

/**
 * Whether an NTLM AUTHENTICATE message (bare, or inside SPNEGO) has a MIC: its NTLMv2 response says so in MsvAvFlags
 * (MS-NLMP 3.1.5.1.2). Null where the bytes hold no such message.
 */
export function hasMic(token: Uint8Array): boolean | null {
  const b = viewOf(token);
  const start = find(token, SIGNATURE);
  if (start < 0 || start + 28 > token.length) return null;
  const length = b.getUint16(start + 20, true);
  const at = start + b.getUint32(start + 24, true);
  if (length <= 24) return false;
  const end = at + length;
  if (end > token.length) return null;
  // NTProofStr, then the fixed part of NTLMv2_CLIENT_CHALLENGE, then AV_PAIRs
  for (let p = at + 16 + 28; p + 4 <= end; ) {
    const id = b.getUint16(p, true);
    const size = b.getUint16(p + 2, true);
    if (id === 0) return false;
    if (id === AV_FLAGS && size === 4 && p + 8 <= end) return (b.getUint32(p + 4, true) & AV_MIC) !== 0;
    p += 4 + size;
  }
  return false;
}
