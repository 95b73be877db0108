/** An auth_value in the tree: whichever mechanism's token or verifier it is, its bytes say. */
import type { Cursor } from '../core/cursor.js';
import type { Field } from '../core/node.js';
import { DER_FIELDS } from './der.js';
import { GSS, KERBEROS_FIELDS } from './kerberos/fields.js';
import { type Opener, readKerberos } from './kerberos/messages.js';
import { readApRepPart, readAuthenticator, readTicketPart } from './kerberos/parts.js';
import { parseRc4Token } from './kerberos/session.js';
import { openedPart } from './mechanism.js';
import { NETLOGON_FIELDS, readNetlogon } from './netlogon.js';
import { NTLM_FIELDS } from './ntlm/fields.js';
import { isNtlmMessage, readNtlmMessage, readNtlmSignature } from './ntlm/messages.js';
import { SIGNATURE_LENGTH } from './ntlm/session.js';
import { isCfxToken, readGssToken } from './spnego/gss-tokens.js';
import { KERBEROS_OID, readSpnego, SPNEGO_FIELDS } from './spnego/messages.js';
import { bareMechanism } from './spnego/spnego.js';
import type { Opened } from './types.js';

const NETLOGON_TYPE = 68;

/** Every field of the room. */
export const SECURITY_FIELDS: readonly Field[] = [
  ...DER_FIELDS,
  ...NTLM_FIELDS,
  ...SPNEGO_FIELDS,
  ...KERBEROS_FIELDS,
  ...NETLOGON_FIELDS,
];

/**
 * Reads an auth_value (a token of a bind, or the verifier of a request) up to the end of the cursor's region.
 * Call it inside a frame of the auth_value's length. `context`, where given, also shows what its keys opened.
 */
export function dissectAuthToken(c: Cursor, authType: number, context?: Opened): void {
  if (c.left <= 0) return;
  if (authType === NETLOGON_TYPE) readNetlogon(c);
  else anyToken(c, context, true);
}

/** Bytes in front of the data of a message as `SecurityContext.unwrap` takes it: those of NTLM, RFC 4121 and RFC 4757. */
export function wrapTokenLength(message: Uint8Array): number {
  // NTLM's signature and the header of RFC 4121 have the same length
  return parseRc4Token(message)?.length ?? SIGNATURE_LENGTH;
}

/** @param mayWrap whether it may be SPNEGO: not inside of SPNEGO. */
function anyToken(c: Cursor, context: Opened | undefined, mayWrap: boolean): void {
  const first = c.peek();
  if (isNtlmMessage(c)) readNtlmMessage(c);
  else if (isCfxToken(c)) readGssToken(c);
  else if (first === 1 && c.peek(1) === 0 && c.left >= 16)
    readNtlmSignature(c, context?.info.type !== 'NTLM' || !isOldNtlm(context));
  else if (bareMechanism(c.bytes.subarray(c.pos, c.pos + c.left)) === KERBEROS_OID) {
    if (first === 0x60 && isPerMessage(c)) readGssToken(c);
    // a message without a frame is a blob in SPNEGO only, as Wireshark has it
    else if (mayWrap || first === 0x60) readKerberos(c, opener(context));
    else c.group(GSS.blob, readKerberos, opener(context));
  } else if (mayWrap && (first === 0x60 || first === 0xa0 || first === 0xa1))
    readSpnego(c, (inner) => anyToken(inner, context, false));
}

const isOldNtlm = ({ info }: Opened) =>
  info.flags.length > 0 && !info.flags.includes('NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY');

/** Behind tag, length and OID: TOK_ID 01 01 (MIC) or 02 01 (Wrap) of RFC 4757. */
function isPerMessage(c: Cursor): boolean {
  const length = c.peek(1);
  const at = 2 + (length < 0x80 ? 0 : length & 0x7f) + 11;
  return (c.peek(at) === 1 || c.peek(at) === 2) && c.peek(at + 1) === 1;
}

/** Shows what the context opened, as a source of its own. */
function opener(context: Opened | undefined): Opener | undefined {
  if (context?.opened === undefined) return undefined;
  return (c, part, data) => {
    if (!c.isRecording) return;
    const bytes = openedPart(context.opened ?? [], data.cipher)?.plain;
    if (bytes === undefined) return;
    const from = { source: c.source, start: data.cipherAt, end: data.cipherAt + data.cipher.length };
    const inner = c.over({ kind: 'derived', name: `Decrypted ${part}`, bytes, from });
    if (part === 'ticket') inner.frame(null, bytes.length, readTicketPart);
    else if (part === 'authenticator') inner.frame(null, bytes.length, readAuthenticator);
    else inner.frame(null, bytes.length, readApRepPart);
  };
}
