/** NTLM sessions without extended session security, and what losses do to them (MS-NLMP 3.4.4.1). */
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Rc4 } from '../../src/security/crypto/rc4.js';
import { sealKey } from '../../src/security/ntlm/keys.js';
import { NtlmSession } from '../../src/security/ntlm/session.js';
import type { Direction, ProtectedPdu } from '../../src/security/types.js';
import { hex, RANDOM_KEY, sealed, unhex } from './ntlm-support.js';

class OldSealer {
  private sequence = { client: 0, server: 0 };
  private readonly streams: Record<Direction, Rc4>;
  constructor(
    flags: number,
    key: Uint8Array,
    private readonly joint: boolean,
  ) {
    const client = new Rc4(sealKey(flags, key, 'client'));
    this.streams = { client, server: joint ? client : new Rc4(sealKey(flags, key, 'server')) };
  }
  seal(direction: Direction, stub: Buffer): ProtectedPdu {
    const counter = this.joint ? 'client' : direction;
    const rc4 = this.streams[direction];
    const data = rc4.crypt(stub);
    const trailer = Buffer.alloc(12);
    trailer.writeUInt32LE(crc32(stub), 4);
    trailer.writeUInt32LE(this.sequence[counter]++, 8);
    return sealed(data, Buffer.concat([unhex('01000000'), rc4.crypt(trailer)]), { direction });
  }
}

describe('sessions without extended session security', () => {
  const FLAGS = 0x60008233;
  const stubs = Array.from({ length: 6 }, (_, i) => Buffer.alloc(40 + 8 * i, i + 1));
  it.each([
    [true, 'one stream for both directions'],
    [false, 'one for each'],
  ])('joint %s: %s', (joint) => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, joint);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    for (const [i, stub] of stubs.entries()) {
      const result = session.unprotect(sealer.seal(i % 2 ? 'server' : 'client', stub));
      expect([hex(result.stub), result.verified]).toEqual([hex(stub), true]);
    }
  });

  it.each([true, false])('finds the place behind a loss of which nobody knew (joint: %s)', (joint) => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, joint);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const all = stubs.map((stub, i) => sealer.seal(i % 2 ? 'server' : 'client', stub));
    for (const i of [0, 1, 4, 5]) expect([i, session.unprotect(all[i]).verified]).toEqual([i, true]);
  });

  it('is not led astray by a loss that was in another context', () => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, false);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    session.lost('client', 400, 1);
    expect(session.unprotect(sealer.seal('client', stubs[0])).verified).toBe(true);
    expect(session.unprotect(sealer.seal('client', stubs[1])).verified).toBe(true);
  });

  it('goes on behind a fragment whose length was known', () => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, false);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const [first, second, third] = stubs.map((stub) => sealer.seal('client', stub));
    expect(session.unprotect(first).verified).toBe(true);
    session.lost('client', second.stubEnd, 1);
    expect(session.unprotect(third).verified).toBe(true);
  });
});
