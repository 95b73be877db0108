/** Calls in pipes are protected by the session of SMB where they say nothing of their own (MS-RPCE 2.1.1.2, MS-SMB2 2.2.1). */
import { describe, expect, test } from 'vitest';
import { callToJson } from '../../src/output/calls/json.js';
import { type Said, SMB1_PIPES, SMB1_READ_WRITE, SMB2_PIPES } from './golden.js';
import { captureOf, outcomeOf } from './support.js';

const NTLM = { type: 'NTLM', user: 'LABOR\\pia', decrypted: null, verified: null, carrier: 'smb' };
const NOBODY = { type: null, user: null, decrypted: null, verified: null, carrier: null };

/** How each call of a conversation is protected. */
async function protection(said: readonly Said[], change: (b: Uint8Array, from: 0 | 1) => void = () => {}) {
  const changed = said.map(([from, bytes]): Said => {
    const copy = bytes.slice();
    change(copy, from);
    return [from, copy];
  });
  const { found, problems } = await outcomeOf(captureOf(changed));
  expect(problems).toEqual([]);
  expect(found.length).toBeGreaterThan(0);
  return new Set(found.map((call) => JSON.stringify(callToJson(call, 1, '').auth)));
}
const at = (level: string, { type, ...rest }: typeof NOBODY | typeof NTLM) =>
  new Set([JSON.stringify({ type, level, ...rest })]);

const COMMAND = 4 + 12;
const isSetup = (b: Uint8Array): boolean => b[COMMAND] === 1;

describe('calls in pipes of SMB 2', () => {
  test('are those of the user who set the session up', async () => {
    expect(await protection(SMB2_PIPES)).toEqual(at('CONNECT', NTLM));
  });

  test('are protected as their messages are signed', async () => {
    const sign = (b: Uint8Array): void => {
      for (let at = 4, next = 1; next > 0 && at + 64 <= b.length; at += next) {
        b[at + 16] |= 8;
        next = new DataView(b.buffer, b.byteOffset).getUint32(at + 20, true);
      }
    };
    expect(await protection(SMB2_PIPES, sign)).toEqual(at('PKT_INTEGRITY', NTLM));
  });

  test.each([1, 2])('are nobody’s where the server let in a guest or a null session (flag %i)', async (flag) => {
    const letIn = (b: Uint8Array, from: 0 | 1): void => {
      if (from === 1 && isSetup(b)) b[4 + 64 + 2] |= flag;
    };
    expect(await protection(SMB2_PIPES, letIn)).toEqual(at('NONE', NOBODY));
  });

  test('are of an unknown level where the session’s setup was not captured', async () => {
    expect(await protection(SMB2_PIPES.filter(([, b]) => !isSetup(b)))).toEqual(at('unknown', NOBODY));
  });
});

describe('calls in pipes of SMB 1', () => {
  test('are those of the user, too', async () => {
    expect(await protection(SMB1_PIPES)).toEqual(at('CONNECT', NTLM));
    // its setup is not in it
    expect(await protection(SMB1_READ_WRITE)).toEqual(at('unknown', NOBODY));
  });

  test('are nobody’s in a guest’s session', async () => {
    const letIn = (b: Uint8Array, from: 0 | 1): void => {
      // the action behind the words that chain a command
      if (from === 1 && b[4 + 4] === 0x73) b[4 + 32 + 1 + 4] |= 1;
    };
    expect(await protection(SMB1_PIPES, letIn)).toEqual(at('NONE', NOBODY));
  });
});
