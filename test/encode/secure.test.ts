/** Documents of remoting in a channel of NegotiateStream: sealed on the wire, and read again with the account. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.js';
import { CallList } from '../../src/analysis/calls.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import type { JsonObject } from '../../src/encode/error.js';
import { scan } from '../../src/engine/scan.js';
import type { Secrets } from '../../src/security/index.js';
import { KNOWN } from './support.js';

const AUTH = { user: 'alice', domain: 'LAB', password: 'Sealed-7' };
const SECRETS: Secrets = { accounts: [{ ...AUTH, ntHash: null }], keys: [] };
const TYPE = 'Shop.Orders, Shop';
const NOTE = 'what nobody is to read';
const channel = (more: JsonObject): JsonObject => ({
  transport: 'nrtp_tcp',
  server: { address: '10.9.0.20', port: 8085 },
  calls: [
    {
      uri: 'orders.rem',
      call: { type: TYPE, method: 'Note', args: [{ type: 'System.String', value: NOTE }] },
      return: { returnValue: { type: 'System.Int32', value: 3 } },
    },
    { uri: 'orders.rem', oneWay: true, call: { type: TYPE, method: 'Log', args: [] } },
  ],
  ...more,
});
const captureOf = (more: JsonObject): Uint8Array =>
  encodeDocument({ kind: 'scenario', connections: [channel(more)] }, KNOWN);

async function read(bytes: Uint8Array, secrets: Secrets | null) {
  const calls = new CallList(() => {});
  const seen: string[] = [];
  const codes = new Set<string>();
  await scan(
    bytes,
    protocols({ secrets }),
    { record: false },
    {
      onPdu: (pdu) => {
        calls.add(pdu);
        for (const { code } of pdu.recording.notes) codes.add(code);
        if (pdu.completes === 'request') {
          const { auth, operation } = pdu.call as NonNullable<typeof pdu.call>;
          seen.push(`${operation?.name} ${auth.carrier} ${auth.type} ${auth.level} ${auth.user} ${auth.verified}`);
        }
      },
    },
  );
  return { seen, codes: [...codes] };
}

describe('a connection that is secure', () => {
  const sealed = captureOf({ secure: true, auth: AUTH });

  test('is sealed, and opened with the account', async () => {
    expect(Buffer.from(captureOf({})).includes(NOTE)).toBe(true);
    expect(Buffer.from(sealed).includes(NOTE)).toBe(false);
    const protection = 'nns NTLM 6 LAB\\alice true';
    expect(await read(sealed, SECRETS)).toEqual({ seen: [`Note ${protection}`, `Log ${protection}`], codes: [] });
  });

  test('stays closed without it', async () => {
    expect(await read(sealed, null)).toEqual({ seen: [], codes: ['encrypted'] });
  });

  test('is the same each time, and another with another seed', () => {
    const seeded = (seed: number): Uint8Array =>
      encodeDocument({ kind: 'scenario', seed, connections: [channel({ secure: true, auth: AUTH })] }, KNOWN);
    expect(seeded(1)).toEqual(sealed);
    expect(seeded(2)).not.toEqual(sealed);
  });

  test.each<[JsonObject, string]>([
    [{ secure: true }, 'connections[0].auth: it is missing: a secure channel authenticates'],
    [{ auth: AUTH }, 'connections[0].auth: only a secure channel authenticates'],
    [
      { transport: 'nrtp_http', secure: true, auth: AUTH },
      'connections[0].secure: NegotiateStream is of nrtp_tcp alone',
    ],
    [{ secure: 'yes', auth: AUTH }, 'connections[0].secure'],
    [{ secure: true, auth: { ...AUTH, level: 'PKT' } }, 'connections[0].auth.level'],
  ])('%j is refused', (more, why) => {
    expect(() => captureOf(more)).toThrow(why);
  });
});
