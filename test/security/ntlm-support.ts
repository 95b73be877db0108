/** What tests of NTLM share: values of the examples of MS-NLMP 4.2, messages, and sealed PDUs. */
import type { Account } from '../../src/security/secrets.js';
import type { ProtectedPdu } from '../../src/security/types.js';

export const unhex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
export const hex = (b: Uint8Array | null | undefined) => (b ? Buffer.from(b).toString('hex') : b);
export const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** 4.2.1, common values. */
export const SERVER_CHALLENGE = unhex('0123456789abcdef');
export const RANDOM_KEY = Buffer.alloc(16, 0x55);

/** A message sealed as in the examples, with nothing around it. */
export const sealed = (data: Uint8Array, signature: Uint8Array, more: Partial<ProtectedPdu> = {}): ProtectedPdu => ({
  direction: 'client',
  pdu: Buffer.concat([data, signature]),
  stubStart: 0,
  stubEnd: data.length,
  trailerStart: data.length,
  authStart: data.length,
  authEnd: data.length + signature.length,
  headerSign: false,
  level: 6,
  ...more,
});

/** The three messages of 4.2.4, as this test writes them. */
export function messages(user: string, domain: string, nt: Uint8Array, sessionKey: Uint8Array, flags: number) {
  const header = (type: number) => Buffer.concat([Buffer.from('NTLMSSP\0', 'latin1'), u32(type)]);
  const negotiate = Buffer.concat([header(1), u32(flags), Buffer.alloc(16)]);
  const challenge = Buffer.concat([
    header(2),
    Buffer.alloc(8),
    u32(flags),
    SERVER_CHALLENGE,
    Buffer.alloc(8),
    Buffer.alloc(8),
  ]);
  const parts = [
    user === '' ? Buffer.alloc(1) : Buffer.alloc(0),
    nt,
    utf16(domain),
    utf16(user),
    utf16('PC'),
    sessionKey,
  ];
  let at = 64;
  const descriptors = parts.map((part) => {
    const d = Buffer.alloc(8);
    d.writeUInt16LE(part.length, 0);
    d.writeUInt16LE(part.length, 2);
    d.writeUInt32LE(at, 4);
    at += part.length;
    return d;
  });
  const authenticate = Buffer.concat([header(3), ...descriptors, u32(flags), ...parts]);
  return { negotiate, challenge, authenticate };
}

function u32(value: number): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(value >>> 0);
  return b;
}

export const account = (user: string, domain: string | null, password: string): Account => ({
  user,
  domain,
  password,
  ntHash: null,
});
