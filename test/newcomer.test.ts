/** README's "Add a dissector in an hour", carried out with the text that stands there; and what facts bring it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
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
import { concat, ethernet, ipv4, pcapFile, SYN, tcp, u16, u32 } from './bytes.js';
import { ROOT } from './cli.js';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const UUID = '7e4a3c5a 5d0c 5b4c 9d2e 1f0e7a9b3c11';
const NDR = '045d888a eb1c c911 9fe8 08002b104860 02000000';

function pdu(type: number, body: Uint8Array, flags = 3): Uint8Array {
  const le = true;
  return concat([5, 0, type, flags, 0x10, 0, 0, 0], u16(16 + body.length, le), u16(0, le), u32(1, le), body);
}

/** bind, bind_ack, Read("hits", 2) and its answer, one segment each. */
function capture(): Uint8Array {
  const bind = pdu(11, hex(`d016 d016 00000000 01000000 0000 01 00 ${UUID} 0000 0000 ${NDR}`));
  const ack = pdu(12, hex(`d016 d016 01000000 0000 0000 01000000 0000 0000 ${NDR}`));
  const orpcThis = hex('0500 0700 00000000 00000000 11111111222233334444555566667777 00000000');
  const name = hex('00000200 04000000 08000000 04000000 6800 6900 7400 7300');
  const request = pdu(
    0,
    concat(hex('00000000 0000 0300'), new Uint8Array(16).fill(9), orpcThis, name, hex('02000000')),
    0x83,
  );
  const samples = hex('02000000 01000000 0a000000 02000000 fbffffff');
  const response = pdu(2, concat(hex('00000000 0000 00 00'), new Uint8Array(8), samples, hex('05000000 00000000')));
  const [a, b] = ['10.0.0.1', '10.0.0.2'];
  const up = (seq: number, data: Uint8Array, flags?: number) =>
    ethernet(ipv4(a, b, 6, tcp(40000, 5000, seq, data, flags)));
  const down = (seq: number, data: Uint8Array) => ethernet(ipv4(b, a, 6, tcp(5000, 40000, seq, data)));
  return pcapFile(
    [
      up(0, new Uint8Array(0), SYN),
      up(1, bind),
      down(1, ack),
      up(1 + bind.length, request),
      down(1 + ack.length, response),
    ].map((bytes) => ({ bytes })),
  );
}

it("README's example decodes calls of its interface, in values and in the tree", async () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const section = readme.slice(readme.indexOf('## Add a dissector in an hour'));
  const code = /```ts\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-'));
  try {
    // the file stands in dissectors/interfaces; compiled, that is dist/dissectors/interfaces
    const place = `${pathToFileURL(`${ROOT}dist/dissectors/`)}`;
    writeFileSync(join(folder, 'ICounter.mjs'), outputText.replace(/'\.\.\//g, `'${place}`));
    writeFileSync(join(folder, 'counter.pcap'), capture());
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
