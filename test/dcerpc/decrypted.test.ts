/** What a secret opened can be searched: the sealed stub in the clear is a field, as it is Wireshark's. */
import { expect, it } from 'vitest';
import { dissectFrame, protocols } from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { scanFrames } from '../../src/engine/frames.js';
import { compileFilter } from '../../src/filter/index.js';
import { knownFields } from '../../src/known-fields.js';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { ROOT } from '../cli.js';

const FOLDER = `${ROOT}samples/ntlm-sealed/`;

async function found(filter: string, secrets: Secrets | null): Promise<number> {
  const compiled = compileFilter(filter, knownFields());
  let count = 0;
  await scanFrames<Pdu>(
    `${FOLDER}capture.pcap`,
    protocols({ secrets }),
    dissectFrame,
    {},
    (frame) => {
      if (compiled.matches(frame)) count++;
    },
    {},
  );
  return count;
}

it('text of an opened stub is found where the wire has only sealed bytes', async () => {
  const secrets = await loadSecrets(`${FOLDER}secrets.json`);
  // "svc.rem" of the ObjRef that GetSerializedBuffer hands out
  const text = 'dcerpc.decrypted_stub_data contains "svc.rem"';
  expect(await found(text, secrets)).toBeGreaterThan(0);
  expect(await found(text, null)).toBe(0);
  expect(await found('frame contains "svc.rem"', secrets)).toBe(0);
  expect(await found('dcerpc.decrypted_stub_data && !dcerpc.encrypted_stub_data', secrets)).toBe(0);
});
