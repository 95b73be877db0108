/** SMB 3 encryption (MS-SMB2 3.1.4.2, 3.1.4.3) in what Samba's two ends said to each other. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  createSecurityContext,
  loadSecrets,
  nextPreauthHash,
  PREAUTH_START,
  type Secrets,
  smb3Decrypt,
  smb3Keys,
} from '../../src/security/index.js';

const DATA = new URL('../smb/data/', import.meta.url);

/** A message of a direct TCP connection, and whether the client sent it. */
interface Message {
  readonly fromClient: boolean;
  readonly bytes: Buffer;
}

/** The messages of a capture on loopback, in which each segment holds whole ones. */
function messagesOf(name: string): Message[] {
  const file = gunzipSync(readFileSync(new URL(`${name}.pcap.gz`, DATA)));
  const messages: Message[] = [];
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const ip = file.subarray(at + 16 + 14, at + 16 + file.readUInt32LE(at + 8));
    const tcp = ip.subarray((ip[0] & 15) * 4, ip.readUInt16BE(2));
    const data = tcp.subarray((tcp[12] >> 4) * 4);
    for (let from = 0; from < data.length; from += 4 + data.readUInt32BE(from))
      messages.push({
        fromClient: tcp.readUInt16BE(2) === 445,
        bytes: data.subarray(from + 4, from + 4 + data.readUInt32BE(from)),
      });
  }
  return messages;
}

const TRANSFORM = 0x424d53fd;
const NEGOTIATE = 0;
const SESSION_SETUP = 1;

/** What lies in sealed messages, null where it does not open. */
function opened(name: string, secrets: Secrets | null): (Buffer | null)[] {
  const context = createSecurityContext(9, 6, secrets);
  let preauthHash = PREAUTH_START;
  let dialect = 0;
  let cipher = 1;
  const clear: (Buffer | null)[] = [];
  for (const { fromClient, bytes } of messagesOf(name)) {
    if (bytes.readUInt32LE(0) === TRANSFORM) {
      const { sessionKey } = context;
      const keys = sessionKey === null ? null : smb3Keys({ dialect, cipher, sessionKey, preauthHash });
      const key = keys?.[fromClient ? 'client' : 'server'] ?? new Uint8Array(16);
      const message = smb3Decrypt(key, cipher, bytes.subarray(0, 52), bytes.subarray(52));
      expect(message === null || message.length === bytes.readUInt32LE(36)).toBe(true);
      clear.push(message === null ? null : Buffer.from(message));
      continue;
    }
    const command = bytes.readUInt16LE(12);
    if (command === NEGOTIATE && !fromClient) {
      dialect = bytes.readUInt16LE(64 + 4);
      for (
        let at = bytes.readUInt32LE(64 + 60), n = dialect === 0x311 ? bytes.readUInt16LE(64 + 6) : 0;
        n > 0;
        n--, at = (at + 8 + bytes.readUInt16LE(at + 2) + 7) & ~7
      )
        if (bytes.readUInt16LE(at) === 2) cipher = bytes.readUInt16LE(at + 10);
    }
    if (command === SESSION_SETUP) {
      const [offset, length] = fromClient ? [64 + 12, 64 + 14] : [64 + 4, 64 + 6];
      const token = bytes.subarray(bytes.readUInt16LE(offset)).subarray(0, bytes.readUInt16LE(length));
      context.token(fromClient ? 'client' : 'server', token);
    }
    // the last answer of session setup is no part of it
    if (command !== SESSION_SETUP || fromClient || bytes.readUInt32LE(8) !== 0)
      preauthHash = nextPreauthHash(preauthHash, bytes);
  }
  return clear;
}

const secrets = await loadSecrets(new URL('secrets.json', DATA).pathname);

describe('Samba encrypts', () => {
  it.each([
    ['smb300-ccm', 22, 'dialect 3.0, AES-128-CCM'],
    ['smb311-gcm', 20, 'dialect 3.1.1, AES-128-GCM'],
    ['smb311-gcm256', 20, 'AES-256-GCM'],
    ['smb311-ccm256', 20, 'AES-256-CCM'],
  ])('%s', (name, count) => {
    const clear = opened(name, secrets);
    expect(clear).toHaveLength(count);
    for (const message of clear) expect(message?.readUInt32LE(0)).toBe(0x424d53fe);
    const commands = clear.map((message) => message?.readUInt16LE(12));
    expect(commands.slice(0, 2)).toEqual([3, 3]);
    expect(commands.slice(-2)).toEqual([4, 4]);
  });

  it('and nobody reads it with another password, or with none', () => {
    const wrong = { accounts: [{ user: 'alice', domain: 'LAB', password: 'Sealed-8', ntHash: null }], keys: [] };
    for (const given of [null, wrong]) expect(new Set(opened('smb300-ccm', given))).toEqual(new Set([null]));
  });
});

it('what was changed does not open, nor what is none of it', () => {
  const { bytes } = messagesOf('smb311-gcm').findLast((m) => m.bytes.readUInt32LE(0) === TRANSFORM) as Message;
  const key = new Uint8Array(16);
  for (const cipher of [0, 1, 2, 3, 4, 5]) {
    expect(smb3Decrypt(key, cipher, bytes.subarray(0, 52), bytes.subarray(52))).toBeNull();
    expect(smb3Decrypt(key, cipher, bytes.subarray(0, 30), bytes.subarray(52))).toBeNull();
    expect(smb3Decrypt(key, cipher, bytes.subarray(0, 52), new Uint8Array(0))).toBeNull();
  }
  const secret = { dialect: 0x311, sessionKey: key, preauthHash: PREAUTH_START };
  expect([0, 1, 2, 3, 4, 5].map((cipher) => smb3Keys({ ...secret, cipher })?.client.length)).toEqual([
    undefined,
    16,
    16,
    32,
    32,
    undefined,
  ]);
});
