/** What a method threw stands in the call's line, whichever formatter wrote it. */
import { expect, it } from 'vitest';
import { describeCallText } from '../../src/output/calls/text.js';
import { pcapFile } from '../bytes.js';
import { connection } from '../fields/wire.js';
import { packetsIn, pass } from '../fuzz/way.js';
import { callOf, envelope } from '../soap/support.js';
import { nrtp } from './messages.js';

it('an exception of the SOAP formatter is told as one', async () => {
  const fault = envelope(
    '<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring> **** N.E - it broke</faultstring></SOAP-ENV:Fault>',
  );
  const packets = connection(
    40_000,
    [
      [0, nrtp({ uri: 'x', content: Buffer.from(callOf('')) })],
      [1, nrtp({ operation: 2, content: Buffer.from(fault) })],
    ],
    9000,
  );
  const lines: string[] = [];
  pass(await packetsIn(pcapFile(packets)), {
    record: false,
    onCall: (call) => void lines.push(describeCallText(call)),
  });
  expect(lines).toEqual(['N.T.M() ✗ threw E: "it broke"']);
});
