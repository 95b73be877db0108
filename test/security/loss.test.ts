/** Fragments that were lost or changed, on real captures: what follows is picked up again where it can be. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSecrets } from '../../src/security/index.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { type Fate, type Seen, sha256, walk } from './walk.js';

const run = async (name: string, fate?: Fate): Promise<Seen> =>
  walk(resolve(TRAFFIC, `${name}.pcap`), await loadSecrets(resolve(TRAFFIC, `${name}.secrets.json`)), fate);

const digests = (seen: Seen) =>
  seen.calls.map((c) => (c.lost ? 'lost' : [c.request, c.response].map((b) => b && sha256(b)).join(' ')));

describe('lost fragments', () => {
  const present = (names: readonly string[]) => names.filter((name) => isHere(`${name}.pcap`));
  for (const name of present([
    'ntlm-privacy-vt',
    'spnego-ntlm-privacy',
    'ntlm-integrity',
    'krb5-privacy',
    'ntlmv1-privacy',
  ]))
    for (const way of ['lost', 'told'] as const)
      it(`${name}: everything else opens (${way})`, async () => {
        const whole = digests(await run(name));
        const seen = await run(name, (n) => (n % 7 === 3 ? way : 'kept'));
        const got = digests(seen);
        expect(got.filter((d) => d === 'lost').length).toBeGreaterThan(0);
        expect(got.filter((d, i) => d !== 'lost' && d !== whole[i])).toEqual([]);
        expect(seen.notes).toEqual([]);
        expect(seen.calls.flatMap((c) => c.verified).every((v) => v === true)).toBe(true);
      });

  it('says which fragment was changed, and that alone', async () => {
    for (const name of present([
      'ntlm-privacy-vt',
      'ntlm-integrity',
      'krb5-privacy',
      'krb5-integrity',
      'impacket-ntlm-privacy',
    ])) {
      const seen = await run(name, (n, pdu) => {
        if (n === 5) pdu[pdu.length - pdu.readUInt16LE(10) - 9] ^= 1;
        return 'kept';
      });
      const verified = seen.calls.flatMap((c) => c.verified);
      expect([name, verified.filter((v) => v !== true)]).toEqual([name, [false]]);
      expect(seen.notes.map((n) => n.code)).toEqual(['bad-signature']);
    }
  });

  it('finds a change of the header where the header is signed', async () => {
    const seen = await run('ntlm-privacy', (n, pdu) => {
      if (n === 2) pdu[22] ^= 1;
      return 'kept';
    });
    expect(seen.calls.flatMap((c) => c.verified).filter((v) => v === false)).toHaveLength(1);
  });

  it.skipIf(!isHere('ntlm-privacy-vt.pcap'))(
    'loses a stream of which nothing is known, says so once, and ends',
    async () => {
      const seen = await run('ntlm-privacy-vt', (n, pdu) => {
        // From here on every signature is wrong and every sequence number is ahead.
        if (n > 6) pdu.fill(0xee, pdu.length - 12, pdu.length - 4);
        if (n > 6) pdu.writeUInt32LE(pdu.readUInt32LE(pdu.length - 4) + 3, pdu.length - 4);
        return 'kept';
      });
      const codes = seen.notes.map((n) => n.code);
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set(['stream-lost']));
      // Once for each direction of each of the three contexts at most.
      expect(codes.length).toBeLessThanOrEqual(6);
    },
  );
});
