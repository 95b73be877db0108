/** What a pass learnt of a remoting message is a value: described later, in any order, it says what it did on the spot. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  describer,
  type PlainCall,
  type PlainPdu,
  plainCall,
  plainProtocols,
  protocols,
} from '../../dissectors/index.js';
import type { Pdu } from '../../dissectors/pdu.js';
import { CallList } from '../../src/analysis/calls.js';
import { scan } from '../../src/engine/scan.js';
import { callToJson } from '../../src/output/calls/json.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { ROOT } from '../cli.js';

const FOLDER = `${ROOT}../shared/captures/remoting`;
const captures = existsSync(FOLDER)
  ? readdirSync(FOLDER).filter((f) => f.endsWith('.pcap') && f !== 'tcp-large.pcap')
  : [];

const callText = (pdu: Pdu): string => (pdu.call === null ? '' : JSON.stringify(callToJson(pdu.call, 1, '')));

describe.skipIf(captures.length === 0)('remoting captures (skipped: no ../shared)', () => {
  it.each(captures)('%s', async (capture) => {
    const file = `${FOLDER}/${capture}`;
    const spot: string[] = [];
    const withTree: string[] = [];
    const without: string[] = [];
    const onSpot = (pdu: Pdu) => {
      spot.push(JSON.stringify(pduToJson(pdu, true)) + callText(pdu));
      withTree.push(callText(pdu));
    };
    await scan(file, protocols(), { record: true }, { onPdu: onSpot });
    await scan(file, protocols(), { record: false }, { onPdu: (pdu) => void without.push(callText(pdu)) });
    expect(without).toEqual(withTree);

    const pdus: PlainPdu[] = [];
    const calls: { text: string; plain: PlainCall }[] = [];
    const list = new CallList((call) => {
      calls.push({ text: JSON.stringify(callToJson(call, 1, '')), plain: structuredClone(plainCall(call)) });
    });
    const onPlain = ({ pdu, plain }: { pdu: Pdu; plain: PlainPdu }) => {
      pdus.push(structuredClone(plain));
      list.add(pdu);
    };
    await scan(file, plainProtocols(), { record: false }, { onPdu: onPlain });
    list.end();
    expect(pdus.length).toBe(spot.length);
    const later = describer();
    // from the end to the beginning: an order that no pass has
    for (const [i, plain] of [...pdus.entries()].reverse()) {
      const pdu = later.pdu(plain, true);
      expect(JSON.stringify(pduToJson(pdu, true)) + callText(pdu), `PDU ${i}`).toBe(spot[i]);
    }
    for (const [i, { text, plain }] of [...calls.entries()].reverse())
      expect(JSON.stringify(callToJson(later.call(plain), 1, '')), `call ${i}`).toBe(text);
  });
});
