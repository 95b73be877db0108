/** SMB 3 encryption (MS-SMB2 3.1.4.3): what Samba's two ends said to each other through sealed pipes. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { describer, plainProtocols, protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { scan } from '../../src/engine/scan.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { partitionFaults } from '../security/tree.js';

const DATA = new URL('data/', import.meta.url);
const secrets = await loadSecrets(new URL('secrets.json', DATA).pathname);
const captureOf = (name: string) => gunzipSync(readFileSync(new URL(`${name}.pcap.gz`, DATA)));
const NAMES = ['smb300-ccm', 'smb311-gcm', 'smb311-gcm256', 'smb311-ccm256'];

async function pdusOf(name: string, known: Secrets | null): Promise<Pdu[]> {
  const pdus: Pdu[] = [];
  const onPdu = (pdu: Pdu): void => void pdus.push(pdu);
  await scan(captureOf(name), protocols({ secrets: known }), { record: true }, { onPdu });
  for (const { recording } of pdus) expect(partitionFaults(recording)).toEqual([]);
  return pdus;
}

const notesIn = (pdus: readonly Pdu[]) => pdus.flatMap((pdu) => pdu.recording.notes);

describe.each(NAMES)('%s', (name) => {
  it('with the password: the calls in the pipes', async () => {
    const pdus = await pdusOf(name, secrets);
    const calls = [...new Set(pdus.flatMap((pdu) => pdu.call ?? []))];
    // NetrServerGetInfo and NetrShareEnumSticky, as tshark has them with the same password
    expect(calls.map((c) => [c.opnum, c.connection.transport, c.connection.endpoint, c.response !== null])).toEqual([
      [21, 'ncacn_np', '\\pipe\\srvsvc', true],
      [36, 'ncacn_np', '\\pipe\\srvsvc', true],
    ]);
    expect(notesIn(pdus)).toEqual([]);
    const sealed = pdus.filter((pdu) => pdu.says?.startsWith('Decrypted SMB3'));
    expect(sealed).toHaveLength(name === 'smb300-ccm' ? 22 : 20);
    for (const { recording } of sealed) expect(recording.sources.map((s) => s.name)).toContain('Decrypted SMB3');
  });

  it('without: said once, and why', async () => {
    const pdus = await pdusOf(name, null);
    expect(pdus.flatMap((pdu) => pdu.call ?? [])).toEqual([]);
    expect(notesIn(pdus).map((n) => [n.code, n.message])).toEqual([
      ['encrypted', 'SMB 3 encryption: pipes and their calls cannot be read: no secrets were given'],
    ]);
  });

  it('is described later as it was on the spot, without secrets', async () => {
    const { pdu: describe } = describer();
    let count = 0;
    const options = { record: true };
    await scan(captureOf(name), plainProtocols({ secrets }), options, {
      onPdu({ pdu, plain }) {
        expect(pduToJson(describe(structuredClone(plain), true), true)).toEqual(pduToJson(pdu, true));
        count++;
      },
    });
    expect(count).toBeGreaterThan(20);
  });
});
