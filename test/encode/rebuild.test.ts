/** Captures rebuilt from their calls: the stubs of the new capture are those of the old one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '#platform';
import type { Call } from '../../dissectors/call.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { TRAFFIC } from '../traffic.js';
import { captures, KNOWN, type SeenStub, secretsOf, throughJson, walkCapture } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-rebuild-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rebuilt = captures.filter((c) => !/krb5/.test(c));

/** A connection of the scenario for each of the capture, with the calls that it carried. */
function scenarioOf(calls: readonly Call[], stubs: readonly SeenStub[]): object {
  const documents = new Map<Call, Partial<Record<'request' | 'response', object>>>();
  const orders = new Map<number, boolean>();
  for (const { call, side, document, sight } of stubs) {
    documents.set(call, { ...documents.get(call), [side]: document });
    orders.set(call.connection.id, sight.littleEndian);
  }
  const connections = new Map<number, Call[]>();
  for (const call of calls) {
    if (call.request?.stub == null || call.iid === null) continue;
    const { id } = call.connection;
    connections.set(id, [...(connections.get(id) ?? []), call]);
  }
  return {
    kind: 'scenario',
    connections: [...connections].map(([id, of]) => {
      const [a, b] = of[0].connection.ends;
      const [client, server] = of[0].connection.client === 0 ? [a, b] : [b, a];
      // connectionless calls name their interface themselves: each gets a context here
      const iids = [...new Set(of.map((c) => c.iid))];
      const idOf = (c: Call): number =>
        c.connection.transport === 'ncadg_ip_udp' ? iids.indexOf(c.iid) : (c.contextId ?? 0);
      const contexts = new Map(of.map((c) => [idOf(c), { id: idOf(c), iid: c.iid, syntax: c.syntax }]));
      return {
        client,
        server,
        littleEndian: orders.get(id),
        contexts: [...contexts.values()],
        calls: of.map((c) => ({
          contextId: idOf(c),
          opnum: c.opnum,
          object: c.object,
          ...documents.get(c),
          ...(c.fault === null ? {} : { fault: c.fault }),
        })),
      };
    }),
  };
}

const shown = ({ call, side, bytes }: SeenStub): string =>
  `${call.iid} ${call.opnum} ${call.object} ${side} ${sha256(bytes)}`;

describe('captures rebuilt from their calls', () => {
  it.each(rebuilt)('%s keeps every stub', async (name) => {
    const file = `${TRAFFIC}/${name}`;
    const { calls, stubs } = await walkCapture(file, await secretsOf(file));
    const kept = stubs.filter((s) => s.call.request?.stub != null && s.call.iid !== null);
    expect(kept.length).toBeGreaterThan(0);
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, encodeScenario(throughJson(scenarioOf(calls, stubs)) as never, KNOWN));
    const again = await walkCapture(path, null);
    expect(again.damaged).toBe(false);
    expect(again.stubs.map(shown).sort()).toEqual(kept.map(shown).sort());
  });
});
