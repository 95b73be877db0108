/** README's "Add a dissector in an hour", carried out with the text that stands there; and what facts bring it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BSTR } from '../dissectors/dcom/bstr.js';
import { DUALSTRINGARRAY } from '../dissectors/dcom/dual-string-array.js';
import { givenPointer, NIL } from '../dissectors/dcom/facts.js';
import { INTERFACE_POINTER } from '../dissectors/dcom/objref.js';
import { tagged, textOf } from '../dissectors/dcom/value.js';
import { IManagedObject } from '../dissectors/interfaces/IManagedObject.js';
import { operation, type RpcInterface } from '../dissectors/ndr/interface.js';
import { guid, id64, pointer } from '../dissectors/ndr/types.js';
import { RULES } from '../src/analysis/audit/index.js';
import { dual, graph, Network, object, objref, SERVER } from './audit/support.js';
import { ROOT } from './cli.js';
import { counterCapture, counterModule } from './counter.js';

it("README's example decodes calls of its interface, in values and in the tree", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
  try {
    // the file stands in dissectors/interfaces; compiled, that is dist/dissectors/interfaces
    const place = `${pathToFileURL(`${ROOT}dist/dissectors/`)}`;
    writeFileSync(join(folder, 'ICounter.mjs'), counterModule().replace(/'\.\.\//g, `'${place}`));
    writeFileSync(join(folder, 'counter.pcap'), counterCapture());
    const { ICounter } = await import(/* @vite-ignore */ `${pathToFileURL(join(folder, 'ICounter.mjs'))}`);
    const { readCalls, readPdus } = await import(/* @vite-ignore */ `${pathToFileURL(`${ROOT}dist/src/index.js`)}`);
    const calls: { in: unknown; out: unknown; operation: { name: string }; warnings: unknown[] }[] = [];
    await readCalls(join(folder, 'counter.pcap'), (call: (typeof calls)[0]) => calls.push(call), {
      interfaces: [ICounter],
    });
    expect(calls.map((c) => c.operation.name)).toEqual(['Read']);
    expect(calls[0].warnings).toEqual([]);
    expect(calls[0].in).toMatchObject({ count: 2 });
    expect(calls[0].out).toEqual({
      samples: [
        { when: 1, value: 10 },
        { when: 2, value: -5 },
      ],
      total: 5,
    });
    const names: string[] = [];
    const collect = (nodes: { field: { name: string }; children: never[] }[]): void => {
      for (const n of nodes) {
        names.push(n.field.name);
        collect(n.children);
      }
    };
    await readPdus(join(folder, 'counter.pcap'), (p: { recording: { roots: never[] } }) => collect(p.recording.roots), {
      interfaces: [ICounter],
      record: true,
    });
    expect(names).toContain('counter.total');
    expect(names).not.toContain('undissected');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A hatchery: makes objects, tells where they live, and gives them away by value. */
const IHatchery: RpcInterface = {
  name: 'IHatchery',
  uuid: '0d4c7e9a-6b1f-4f0e-8c55-2a9d3b7f6e10',
  version: '0.0',
  spec: 'an example',
  orpc: true,
  ops: {
    3: operation('hatchery', 'Hatch', {
      in: { species: guid, shell: guid },
      out: { nest: id64, perches: pointer(DUALSTRINGARRAY), bird: INTERFACE_POINTER },
      tells: ({ in: asked, out, answer }) => [
        { kind: 'activated', clsid: textOf(asked?.species) },
        { kind: 'exported', oxid: textOf(answer?.nest), bindings: tagged(answer?.perches, 'bindings') },
        {
          kind: 'asked',
          ipid: null,
          iid: textOf(asked?.shell) ?? NIL,
          hresult: out === null ? null : 0,
          pointer: givenPointer(tagged(answer?.bird, 'objref')),
        },
      ],
    }),
    4: operation('hatchery', 'Freeze', {
      out: { ice: BSTR },
      tells: ({ answer }) => [{ kind: 'serialized', buffer: tagged(answer?.ice, 'bstr') }],
    }),
  },
};

describe('facts of an interface of its own', () => {
  const SPECIES = '5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c99';
  const EGG = { species: SPECIES, shell: IManagedObject.uuid };
  const BIRD = '00001c02-03c5-07ed-7311-000000000001';
  const network = new Network({}, RULES, [IHatchery]);
  const bird = objref({ ipid: BIRD, iid: IManagedObject.uuid, oxid: 0x1111n, bindings: ['10.0.0.20[49664]'] });
  const perches = dual('10.0.0.20[49664]', '10.9.9.9[49664]');
  network
    .connect()
    .bind(IHatchery.uuid)
    .call('IHatchery.Hatch', EGG, { nest: '0x0000000000001111', perches, bird })
    .call('IHatchery.Freeze', {}, { ice: graph({ root: object('Aviary.Bird', { name: 'Eva' }) }) }, 0, BIRD)
    // one that fails tells what was asked for alone
    .call('IHatchery.Hatch', { ...EGG, species: NIL }, { nest: '0x0000000000002222', perches, bird: null }, 0x80040154);

  it('show up in objects', () => {
    const { apartments } = network.objects();
    expect(apartments.filter(({ oxid }) => oxid !== null)).toMatchObject([
      {
        oxid: '0x0000000000001111',
        bindings: ['10.0.0.20[49664]', '10.9.9.9[49664]'],
        objects: [
          {
            clsid: SPECIES,
            created: { operation: 'Hatch' },
            managed: true,
            serialized: [{ form: 'value', type: 'Aviary.Bird' }],
            ways: [{ way: 'copy' }],
            interfacePointers: [{ ipid: BIRD, interface: 'IManagedObject', references: { handedOut: 5 } }],
          },
        ],
      },
    ]);
  });

  it('show up in audit and its inventory', () => {
    const { findings, inventory } = network.result();
    const found = new Set(findings.map(({ rule }) => rule.id));
    // an activation below packet integrity, a graph that the client deserializes, a managed object
    for (const rule of ['DCOM-001', 'IOI-002', 'IOI-014']) expect(found).toContain(rule);
    expect([...inventory.classes.keys()]).toEqual([SPECIES, NIL]);
    expect([...inventory.types.values()].map((t) => t.name)).toEqual(['Aviary.Bird']);
    expect([...(inventory.servers.get(SERVER)?.bindings ?? [])]).toContain('10.9.9.9[49664]');
  });

  it('teach what later calls need: the interface of an IPID, also where its OBJREF says less', () => {
    const after = new Network({}, RULES, [IHatchery]);
    const unknown = objref({ ipid: BIRD, bindings: [] });
    const hatched = { nest: '0x0000000000001111', perches, bird: unknown };
    after.connect().bind(IHatchery.uuid).call('IHatchery.Hatch', EGG, hatched);
    // no bind is seen on the second connection
    const ice = graph({ root: object('Aviary.Egg') });
    after.connect().call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: ice }, 0, BIRD);
    const [found] = after.of('IOI-002');
    expect(found.evidence).toContain('Aviary.Egg');
    // a guess would be inferred
    expect(found.confidence).toBe('clear');
  });
});
