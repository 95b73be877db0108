/** `objects`, `stats` and `interfaces` as commands: formats, shapes, mistakes. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { interfaces } from '../../src/cli/interfaces.js';
import { objects } from '../../src/cli/objects.js';
import { stats } from '../../src/cli/stats.js';
import { catchPrinted } from '../printed.js';
import { TRAFFIC } from '../traffic.js';

const prints = catchPrinted();
const FILE = join(TRAFFIC, 'clear-ndr.pcap');
const common = { color: 'never', quiet: true } as const;

describe('objects', () => {
  it('prints a page that tells the life of an object', async () => {
    await objects([FILE], { ...common, T: 'text' });
    expect(process.exitCode).toBe(0);
    for (const text of [
      '10.20.0.20  apartment 0x3a902931cd447e35',
      '0xf1fd42a29755d4c1   Svc (ObjRef svc.rem)   CLR {8A9A021E-…}  domain 2',
      'identity asked in 27, serialized in 29, 52 ✗ → another division, proxy made',
      'pid 4242',
      '3 calls, 1 failed',
      'released in 64→65',
    ])
      expect(prints.out).toContain(text);
  });

  it('prints an array with a document for each capture, or a line each', async () => {
    await objects([FILE, join(TRAFFIC, 'udp.pcap')], { ...common, T: 'json' });
    const documents = JSON.parse(prints.out) as { capture: string; apartments: object[]; warnings: object[] }[];
    expect(documents.map((d) => d.capture)).toEqual(['clear-ndr.pcap', 'udp.pcap']);
    expect(Object.keys(documents[0])).toEqual([
      'capture',
      'apartments',
      'remoting',
      'unreached',
      'refusedBinds',
      'warnings',
    ]);
    prints.clear();
    await objects([FILE], { ...common, T: 'ndjson' });
    expect(JSON.parse(prints.out)).toEqual(documents[0]);
  });

  it('names each capture where there are several', async () => {
    await objects([FILE, join(TRAFFIC, 'udp.pcap')], { ...common, T: 'text' });
    expect(prints.out).toMatch(/^== .*clear-ndr\.pcap\n/);
    expect(prints.out).toMatch(/\n\n== .*udp\.pcap\n/);
  });

  it('refuses another format', async () => {
    await objects([FILE], { ...common, T: 'xml' });
    expect(process.exitCode).toBe(2);
    expect(prints.err).toContain('"xml"');
  });
});

describe('stats', () => {
  it('adds up all inputs', async () => {
    await stats([FILE, FILE], { ...common, T: 'json' });
    const report = JSON.parse(prints.out);
    expect(report).toMatchObject({ captures: ['clear-ndr.pcap', 'clear-ndr.pcap'], calls: 32 });
    expect(report.conversations[0]).toMatchObject({
      server: '10.20.0.20',
      port: 49664,
      auth: { type: null, level: 'NONE' },
    });
    expect(report.conversations[0].first).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    const dispatch = report.operations.find((o: { operation: string }) => o.operation === 'RemoteDispatchNotAutoDone');
    expect(dispatch).toMatchObject({ interface: 'IRemoteDispatch', opnum: 8, calls: 4, failed: 2 });
    expect(dispatch.picture).toHaveLength(12);
  });
});

describe('interfaces', () => {
  it('lists what can be named or decoded, with its specification', async () => {
    await interfaces([], { T: 'json' });
    const list = JSON.parse(prints.out) as {
      name: string;
      uuid: string;
      spec: string;
      operations: { opnum: number; decoded: boolean }[];
    }[];
    const managed = list.find((i) => i.name === 'IManagedObject');
    expect(managed).toMatchObject({ uuid: 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4', version: '0.0', decoded: true });
    expect(managed?.spec).toMatch(/^MS-IOI/);
    expect(managed?.operations).toMatchObject([
      { opnum: 3, name: 'GetSerializedBuffer', decoded: true, in: [], out: ['pBSTR'], returns: 'hresult' },
      { opnum: 4, name: 'GetObjectIdentity', decoded: true },
    ]);
    expect(new Set(list.map((i) => i.uuid)).size).toBe(list.length);
  });

  it('finds by word', async () => {
    await interfaces(['getcomponentinfo'], { T: 'text' });
    expect(prints.out).toContain('IServicedComponentInfo');
    expect(prints.out).not.toContain('IDispatch ');
  });

  it('refuses another format', async () => {
    await expect(interfaces([], { T: 'csv' })).rejects.toThrow('"csv"');
  });
});
