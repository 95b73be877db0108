/** Objects of whole captures against what client and server logged, and of a real CLR client's capture. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ObjectReport, ObjectsReport, PointerReport } from '../../src/analysis/objects/report.js';
import { SHARED } from '../cli.js';
import { REAL, TRAFFIC } from '../traffic.js';
import { IMANAGED_OBJECT, reportOf, type TruthCall, truthOf, wholeCaptures } from './support.js';

const objectsIn = (r: ObjectsReport): ObjectReport[] => r.apartments.flatMap((a) => a.objects);
const pointersIn = (r: ObjectsReport): PointerReport[] => objectsIn(r).flatMap((o) => o.interfacePointers);

/** What the truth says was answered without an error. */
function answered(calls: TruthCall[], operation: string): Record<string, unknown>[] {
  return calls.filter((c) => c.operation === operation && c.hresult === '0x00000000').map((c) => c.out ?? {});
}

/** A BSTR's text as the truth files have it: an empty one has none there, a null one is null. */
function textOf(b: { text?: string; bytes_len?: number; null?: boolean }): string | null {
  return b.text ?? (b.null !== true && b.bytes_len === 0 ? '' : null);
}

function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

describe('captures with a log of client and server', () => {
  it.each(wholeCaptures())('%s', async (file) => {
    const truth = truthOf(file);
    const report = await reportOf(join(TRAFFIC, file));
    const objects = objectsIn(report);
    const pointers = pointersIn(report);
    expect(report.warnings).toEqual([]);

    // every interface pointer that was called has its interface, and its calls are all there
    const called = new Map<string, TruthCall[]>();
    for (const c of truth.calls)
      if (c.object_ipid !== null && !c.interface.startsWith('IRemUnknown'))
        called.set(c.object_ipid, [...(called.get(c.object_ipid) ?? []), c]);
    for (const [ipid, calls] of called) {
      const pointer = pointers.find((p) => p.ipid === ipid);
      expect(pointer, ipid).toBeDefined();
      // the log lacks what was called and never served
      if (truth.attempts_never_served === undefined) expect(pointer?.calls).toBe(calls.length);
      else expect(pointer?.calls).toBeGreaterThanOrEqual(calls.length);
    }

    // RemQueryInterface: OXID, OID, IPID and IID belong together
    for (const out of answered(truth.calls, 'RemQueryInterface'))
      for (const r of (out.ppQIResults ?? []) as Record<string, string>[]) {
        if (r.hResult !== '0x00000000') continue;
        const apartment = report.apartments.find((a) => a.oxid === r.oxid);
        const object = apartment?.objects.find((o) => o.oid === r.oid);
        expect(object?.interfacePointers.find((p) => p.ipid === r.ipid)?.iid).toBe(r.iid);
      }

    // GetObjectIdentity
    const identities = objects.flatMap((o) => o.identities);
    const told = answered(truth.calls, 'GetObjectIdentity') as {
      pBSTRGUID: { text?: string; bytes_len?: number; null?: boolean };
      AppDomainID: number;
      pCCW: { value: string };
    }[];
    expect(sorted(identities.map((i) => `${i.clr} ${i.appDomainId}`))).toEqual(
      sorted(told.map((t) => `${textOf(t.pBSTRGUID)} ${t.AppDomainID}`)),
    );
    for (const t of told) {
      const values = identities.flatMap((i) => [i.ccw?.value, ...(i.ccw?.alternatives ?? []).map((a) => a.value)]);
      expect(values).toContain(t.pCCW.value);
    }

    // GetSerializedBuffer
    const lengths = answered(truth.calls, 'GetSerializedBuffer')
      .map((o) => o.pBSTR as { null?: boolean; cBytes?: number })
      .filter((b) => b.null !== true && b.cBytes !== 0xffffffff);
    expect(sorted(objects.flatMap((o) => o.serialized).map((s) => String(s.length)))).toEqual(
      sorted(lengths.map((b) => String(b.cBytes))),
    );

    // GetComponentInfo: each element by its bit of the mask
    const infos = objects.flatMap((o) => (o.componentInfo === null ? [] : [o.componentInfo]));
    for (const out of answered(truth.calls, 'GetComponentInfo')) {
      const array = out.infoArray as { elements?: { text?: string }[] } | null;
      const names = (['processId', 'appDomain', 'uri'] as const).filter((_, bit) => Number(out.infoMask) & (1 << bit));
      names.forEach((name, i) => {
        const text = array?.elements?.[i]?.text;
        if (text === undefined) return;
        const values = infos.flatMap((o) => [o[name], ...o.others.filter((x) => x.name === name).map((x) => x.value)]);
        expect(values).toContain(text);
      });
    }

    // RemRelease
    const given = new Map<string, number>();
    for (const c of truth.calls)
      if (
        c.operation === 'RemRelease' &&
        c.hresult === '0x00000000' &&
        !file.startsWith('impacket') &&
        !file.startsWith('ntlmv1')
      )
        for (const r of (c.in?.refs ?? []) as { ipid: string; cPublicRefs: number }[])
          given.set(r.ipid, (given.get(r.ipid) ?? 0) + r.cPublicRefs);
    for (const [ipid, references] of given) {
      const pointer = pointers.find((p) => p.ipid === ipid);
      expect(pointer?.references.released, ipid).toBe(references);
      expect(pointer?.lastRelease).not.toBeNull();
    }
  });
});

describe('clear-ndr.pcap', () => {
  it('follows the object from activation to release', async () => {
    const report = await reportOf(join(TRAFFIC, 'clear-ndr.pcap'));
    expect(report.apartments).toHaveLength(1);
    const [apartment] = report.apartments;
    expect(apartment).toMatchObject({
      server: '10.20.0.20',
      oxid: '0x3a902931cd447e35',
      bindings: ['10.20.0.20[49664]', 'IOISRV[49664]'],
      // its IPIDs disagree in the groups where Windows puts the process
      processId: null,
      remUnknown: { ipid: '00000800-1236-0d8f-c386-bbc4cd613e30', interface: 'IRemUnknown2', calls: 2 },
      clients: [{ address: '10.20.0.10', calls: 13, crosses: 'machines' }],
    });
    expect(apartment.objects).toHaveLength(1);
    const [object] = apartment.objects;
    expect(object).toMatchObject({
      oid: '0xf1fd42a29755d4c1',
      clsid: '07d4bedc-5143-1193-e6c3-f3391a2b8f1f',
      created: { operation: 'RemoteCreateInstance', request: 12, response: 13 },
      managed: true,
      ways: [
        {
          client: '10.20.0.10',
          way: 'proxy',
          division: 'other',
          steps: [
            { step: 'query', outcome: 'granted', frames: { request: 23, response: 24 } },
            { step: 'identity', outcome: 'answered', frames: { request: 27, response: 28 } },
            { step: 'serialize', outcome: 'answered', frames: { request: 29, response: 30 } },
            { step: 'serialize', outcome: 'failed', frames: { request: 52, response: 53 } },
          ],
        },
      ],
      componentInfo: { processId: '4242', appDomain: 'LM/W3SVC/1/ROOT-1-128' },
      released: { request: 64, response: 65 },
    });
    expect(object.serialized[0]).toMatchObject({ form: 'ObjRef', objRef: { uri: 'svc.rem' } });
    expect(object.interfacePointers.map((p) => [p.interface, p.calls, p.failed])).toContainEqual([
      'IRemoteDispatch',
      3,
      1,
    ]);
    expect(object.interfacePointers.every((p) => p.released?.request === 64)).toBe(true);
  });
});

describe.skipIf(SHARED === null)('clr-client-probes.pcap', () => {
  it('shows every IPID with its interface and the six refused requests for IManagedObject', async () => {
    const report = await reportOf(join(REAL, 'clr-client-probes.pcap'));
    const [apartment] = report.apartments;
    expect(report.apartments).toHaveLength(1);
    expect(apartment).toMatchObject({
      oxid: '0xb5c018689dc8086e',
      kind: 'single-threaded',
      processId: 0x0668,
      threadId: 0x04ec,
      security: [{ type: 'NTLM', level: 'PKT_INTEGRITY', user: 'PURP\\Administrator', calls: 213 }],
    });
    const refused = apartment.objects.filter((o) => o.managed === false);
    expect(refused.map((o) => o.refused.find((r) => r.iid === IMANAGED_OBJECT)?.frames[0].request)).toEqual([
      92, 130, 206, 220, 310, 324,
    ]);
    expect(refused.every((o) => o.ways[0].way === 'not-managed')).toBe(true);
    const pointers = pointersIn(report);
    // tshark's columns of IPIDs and called objects
    const columns = ['dcom', 'rpc']
      .map((c) => readFileSync(join(REAL, `clr-client-probes.${c}.tsv`), 'utf8'))
      .join('\n');
    const seen = sorted(columns.match(/[0-9a-f]{8}-0668-04ec-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? []);
    expect(seen.length).toBeGreaterThan(9);
    const shown = [...pointers.map((p) => p.ipid), apartment.remUnknown?.ipid];
    expect(shown).toEqual(expect.arrayContaining(seen));
    // two of them stand in stubs of interfaces that are not decoded
    expect(pointers.every((p) => p.iid !== null && p.references.handedOut === 5 && p.released !== null)).toBe(true);
  });
});
