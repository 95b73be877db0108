/**
 * Both ends of an NTLM version 2 exchange (MS-NLMP 2.2.1, 3.3.2) and of the session behind it (3.4), as DCE/RPC uses
 * it. Challenges and keys come from a seed: the same scenario gives the same bytes.
 */

import { hash } from '#platform';
import { concat, dword, latin1Bytes, utf8Bytes, utf16Bytes, word, zeros } from '../../core/bytes.js';
import { Rc4 } from '../../security/crypto/rc4.js';
import { hmacMd5, messageMic, ntHash, ntowfV2, sealKey, signKey } from '../../security/ntlm/keys.js';
import { EXTENDED_SECURITY, KEY_EXCHANGE, STRONG_56, STRONG_128, UNICODE } from '../../security/ntlm/messages.js';
import { SIGNATURE_LENGTH } from '../../security/ntlm/session.js';

/** NEGOTIATE flags: sign and seal, target, target info, version. */
const FLAGS =
  (UNICODE | 0x4 | 0x10 | 0x20 | 0x200 | 0x8000 | EXTENDED_SECURITY | 0x800000 | 0x2000000 | STRONG_128) +
  KEY_EXCHANGE +
  STRONG_56;
const VERSION = Uint8Array.of(10, 0, 0x7c, 0x4f, 0, 0, 0, 15);

export interface NtlmAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

/** What the two ends say, and the keys that they then have. */
export interface NtlmExchange {
  readonly negotiate: Uint8Array;
  readonly challenge: Uint8Array;
  readonly authenticate: Uint8Array;
  readonly session: NtlmSealing;
}

function from(seed: string, length: number): Uint8Array {
  return hash('sha256', utf8Bytes(`clrscope ${seed}`)).subarray(0, length);
}

/** Messages with their payload behind the fixed part; fields are length, room, offset. */
function message(fixedLength: number, parts: readonly Uint8Array[]): { fields: Uint8Array[]; payload: Uint8Array } {
  let at = fixedLength;
  const fields = parts.map((p) => {
    const f = concat(word(p.length, true), word(p.length, true), dword(at, true));
    at += p.length;
    return f;
  });
  return { fields, payload: concat(...parts) };
}

const av = (id: number, value: Uint8Array): Uint8Array => concat(word(id, true), word(value.length, true), value);
const head = (type: number): Uint8Array => concat(latin1Bytes('NTLMSSP\0'), dword(type, true));

/** Makes an exchange; `time` is that of the AV pairs, in units of 100 ns since 1601. */
export function ntlmExchange(account: NtlmAccount, seed: string, server: string, time: bigint): NtlmExchange {
  const { user, domain, password } = account;
  const flags = FLAGS >>> 0;
  const negotiate = concat(head(1), dword(flags, true), zeros(16), VERSION);
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, time, true);
  const names = concat(av(2, utf16Bytes(domain)), av(1, utf16Bytes(server)), av(7, stamp));
  const serverChallenge = from(`${seed} server`, 8);
  const target = message(56, [utf16Bytes(domain), concat(names, av(0, zeros(0)))]);
  const challenge = concat(
    head(2),
    target.fields[0],
    dword((flags | 0x10000) >>> 0, true),
    serverChallenge,
    zeros(8),
    target.fields[1],
    VERSION,
    target.payload,
  );
  const key = ntowfV2(ntHash(password), user, domain);
  // the client says that there is a MIC (MsvAvFlags)
  const pairs = concat(names, av(6, dword(2, true)), av(0, zeros(0)));
  const temp = concat([1, 1], zeros(6), stamp, from(`${seed} client`, 8), zeros(4), pairs, zeros(4));
  const proof = hmacMd5(key, serverChallenge, temp);
  const exported = from(`${seed} session`, 16);
  const sessionKey = new Rc4(hmacMd5(key, proof)).crypt(exported);
  const parts = [
    zeros(24),
    concat(proof, temp),
    utf16Bytes(domain),
    utf16Bytes(user),
    utf16Bytes('CLIENT'),
    sessionKey,
  ];
  const { fields, payload } = message(88, parts);
  const build = (mic: Uint8Array): Uint8Array => concat(head(3), ...fields, dword(flags, true), VERSION, mic, payload);
  const authenticate = build(messageMic(exported, negotiate, challenge, build(zeros(16))));
  return { negotiate, challenge, authenticate, session: new NtlmSealing(flags, exported) };
}

type Direction = 'client' | 'server';

/** Signs and seals, each direction with its own stream and numbers. */
export class NtlmSealing {
  private readonly sides: Record<Direction, { sign: Uint8Array; rc4: Rc4; sequence: number }>;

  constructor(flags: number, exported: Uint8Array) {
    const side = (d: Direction): { sign: Uint8Array; rc4: Rc4; sequence: number } => ({
      sign: signKey(flags, exported, d) as Uint8Array,
      rc4: new Rc4(sealKey(flags, exported, d)),
      sequence: 0,
    });
    this.sides = { client: side('client'), server: side('server') };
  }

  /**
   * Protects a PDU that has room for the 16 bytes of the signature at its end: the signature is over all in front of
   * it (MS-RPCE 3.3.1.5.2.2), and with `seal` bytes `from` to `to` are encrypted.
   */
  protect(direction: Direction, pdu: Uint8Array, from: number, to: number, seal: boolean): void {
    const side = this.sides[direction];
    const sequence = dword(side.sequence++, true);
    const mac = hmacMd5(side.sign, sequence, pdu.subarray(0, pdu.length - 16)).subarray(0, 8);
    if (seal) pdu.set(side.rc4.crypt(pdu.subarray(from, to)), from);
    pdu.set(concat(dword(1, true), side.rc4.crypt(mac), sequence), pdu.length - 16);
  }

  /** Seals a message that stands alone: the signature, then the data (MS-NLMP 3.4.6). */
  wrap(direction: Direction, data: Uint8Array): Uint8Array {
    const pdu = concat(data, zeros(SIGNATURE_LENGTH));
    this.protect(direction, pdu, 0, data.length, true);
    return concat(pdu.subarray(data.length), pdu.subarray(0, data.length));
  }
}
