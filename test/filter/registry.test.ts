/** The list of fields follows from the tables: every name in a tree is a name that filters know, of one type. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allFields, dcerpc, dissectFrame, INTERFACES, LAYER_ALIASES } from '../../dissectors/index.js';
import { scanFrames } from '../../src/engine/frames.js';
import { kindOf } from '../../src/filter/field-table.js';
import { FieldTable } from '../../src/filter/index.js';
import { ROOT, SHARED } from '../cli.js';
import { framesOf } from '../columns.js';

const known = new FieldTable(allFields(), LAYER_ALIASES);
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

const samples = readdirSync(`${ROOT}samples`)
  .map((f) => `${ROOT}samples/${f}/capture.pcap`)
  .filter((f) => existsSync(f));
const others =
  SHARED === null
    ? []
    : ['real', 'traffic'].flatMap((d) =>
        readdirSync(`${SHARED}captures/${d}`)
          .filter((f) => /\.pcap(?:ng)?(?:\.gz)?$/.test(f))
          .map((f) => `${SHARED}captures/${d}/${f}`),
      );

/** Fields of which no capture at hand has a sight (without secrets): this number may only shrink. */
const NOT_SHOWN_YET = 379;

describe('the registry of fields', () => {
  it('has one kind for each name', () => {
    expect(known.conflicts).toEqual([]);
  });

  it('holds every name of every tree, of the same kind', async () => {
    const wrong = new Set<string>();
    const met = new Set<string>();
    for (const file of [...samples, ...others]) {
      await scanFrames(
        file,
        dcerpc(),
        dissectFrame,
        {},
        ({ roots }) => {
          const todo = roots.flat();
          for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
            const entry = known.get(node.field.name);
            if (entry === undefined) wrong.add(`${node.field.name} is not known`);
            else if (entry.kind !== kindOf(node.field.type))
              wrong.add(`${node.field.name} is ${node.field.type}, not ${entry.type}`);
            if (node.value !== null || node.field.type === 'none') met.add(node.field.name);
            todo.push(...node.children);
          }
        },
        {},
      );
    }
    expect([...wrong]).toEqual([]);
    if (others.length === 0) return;
    const unmet = known.list().filter((entry) => !entry.of.some((name) => met.has(name)));
    expect(unmet.length, unmet.map((entry) => entry.name).join(' ')).toBeLessThanOrEqual(NOT_SHOWN_YET);
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
