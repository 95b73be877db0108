/** The list of fields follows from the tables. That each has its value, test/fields shows. */
import { describe, expect, it } from 'vitest';
import { allFields, INTERFACES, LAYER_ALIASES } from '../../dissectors/index.js';
import { FieldTable } from '../../src/filter/index.js';
import { ROOT, SHARED } from '../cli.js';
import { framesOf } from '../columns.js';

const known = new FieldTable(allFields(), LAYER_ALIASES);
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

describe('the registry of fields', () => {
  it('has one kind for each name', () => {
    expect(known.conflicts).toEqual([]);
  });
});

describe('protocols', () => {
  it('every decoded interface has one', () => {
    const without = INTERFACES.filter((i) => Object.values(i.ops).some((op) => op.decoded) && i.protocol === undefined);
    expect(without.map((i) => i.name)).toEqual([]);
  });

  it('stand for every request and answer, with parameters or without', async () => {
    expect(await framesOf(SAMPLE, 'oxid')).toEqual([8, 9, 14, 15]);
    expect(await framesOf(SAMPLE, 'ioi && dcerpc.pkt_type == 0')).toEqual([27, 29, 33, 36, 38, 40, 44, 46, 48, 50, 52]);
  });

  it("a BSTR has its parameter's field whatever is in it", async () => {
    expect(await framesOf(SAMPLE, 'ioi.s')).toEqual([44, 46, 48]);
    expect(await framesOf(SAMPLE, 'ioi.pretval')).toEqual([45, 47, 49]);
    expect(await framesOf(SAMPLE, 'ioi.pbstr && nrbf.type contains "ObjRef"')).toEqual([30]);
  });

  it.skipIf(SHARED === null)('sealed ones too', async () => {
    const sealed = `${SHARED}captures/traffic/ntlm-privacy.pcap`;
    const requests = await framesOf(sealed, 'ioi && dcerpc.pkt_type == 0');
    const answers = await framesOf(sealed, 'ioi && dcerpc.pkt_type == 2');
    expect(requests.length).toBeGreaterThan(0);
    expect(answers.length).toBeGreaterThan(0);
  });
});
