/**
 * Every call of the captures beside the project against what client and server logged (NAME.json): the calls made,
 * their interfaces and operations, objects, causality, results, and the digests of their stubs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSecrets, readCalls } from '../src/index.js';
import { callToJson } from '../src/output/calls/json.js';
import { SHARED } from './cli.js';
import { TRAFFIC } from './traffic.js';

interface Truth {
  calls: {
    port: number;
    client_port: number;
    call_id: number;
    interface: string;
    iid: string;
    opnum: number;
    operation: string;
    object_ipid: string | null;
    causality_id: string | null;
    fault?: string;
    hresult?: string | null;
    request_stub_sha256?: string;
    response_stub_sha256?: string;
    missing?: boolean;
    response_fragments_before_fault?: number;
  }[];
}

type Json = Record<string, never> & {
  server: { port: number };
  client: { port: number };
  callId: number;
  stub: { in: { sha256: string } | null; out: { sha256: string } | null };
  hresult: { code: string } | null;
  fault: { status: string } | null;
  interfaceFrom: string;
};

const names = readdirSync(TRAFFIC).filter((f) => /\.pcap(ng)?(\.gz)?$/.test(f));

async function callsOf(file: string, base: string): Promise<Map<string, Json>> {
  const secretsFile = `${TRAFFIC}/${base}.secrets.json`;
  const secrets = existsSync(secretsFile) ? await loadSecrets(secretsFile) : undefined;
  const calls = new Map<string, Json>();
  await readCalls(
    `${TRAFFIC}/${file}`,
    (call, number) => {
      const json = callToJson(call, number, file, { full: true }) as unknown as Json;
      calls.set(`${json.server.port} ${json.client.port} ${json.callId}`, json);
    },
    { secrets },
  );
  return calls;
}

describe('captures with a log of client and server', () => {
  it.each(names)('%s: every call as it was logged', async (file) => {
    const base = file.split('.pcap')[0];
    const truth = JSON.parse(readFileSync(`${TRAFFIC}/${base}.json`, 'utf8')) as Truth;
    const calls = await callsOf(file, base);
    for (const w of truth.calls) {
      if (w.missing) continue;
      const got = calls.get(`${w.port} ${w.client_port} ${w.call_id}`);
      const label = `call ${w.call_id} ${w.operation}`;
      expect(got, label).toBeDefined();
      if (got === undefined) continue;
      expect(got, label).toMatchObject({ opnum: w.opnum });
      // without a bind the interface can be unknown, which is said
      if (got.interfaceFrom === 'unknown') continue;
      expect(got, label).toMatchObject({
        iid: w.iid,
        interface: w.interface,
        operation: w.operation,
        ...(w.object_ipid ? { object: w.object_ipid } : {}),
        causality: w.causality_id ?? null,
      });
      if (w.fault) expect(got.fault?.status, label).toBe(w.fault);
      else if (w.hresult) expect(got.hresult?.code, label).toBe(w.hresult);
      if (w.request_stub_sha256) expect(got.stub.in?.sha256, label).toBe(w.request_stub_sha256);
      // a stub of which the server sent only the first fragments before its fault cannot be digested
      const whole = w.response_fragments_before_fault === undefined;
      if (w.response_stub_sha256 && whole) expect(got.stub.out?.sha256, label).toBe(w.response_stub_sha256);
    }
  });
});

describe.skipIf(SHARED === null)('captures/real', () => {
  it('clr-client-probes: the CLR asks six objects for IManagedObject and is refused', async () => {
    const refused: string[] = [];
    await readCalls(`${SHARED}captures/real/clr-client-probes.pcap`, (call) => {
      const summary = String(callToJson(call, 0, '', { full: false }).summary);
      if (summary.includes('IManagedObject refused (E_NOINTERFACE)')) refused.push(String(call.in?.ripid));
    });
    expect(new Set(refused).size).toBe(6);
    expect(refused).toHaveLength(6);
  });
});
