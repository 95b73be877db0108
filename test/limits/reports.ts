/** Limits of what reports keep: objects, statistics, vectors, findings. */
import type { Call } from '../../dissectors/call.js';
import type { Params } from '../../dissectors/ndr/interface.js';
import { RULES, reportOf } from '../../src/analysis/audit/index.js';
import { type ObjectsReport, objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { Stats } from '../../src/analysis/stats/stats.js';
import { VectorSet } from '../../src/analysis/vectors/vectors.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { auditText } from '../../src/output/audit/text.js';
import { IDISPATCH, id64, ipid, made, query } from '../analysis/support.js';
import { IPID, Network } from '../audit/support.js';
import { type Case, type Cases, limitNotes, type Outcome, times } from './case.js';

const IUNKNOWN = '00000000-0000-0000-c000-000000000046';

function tableOf(calls: readonly Call[], limits: Partial<Limits>): ObjectTable {
  const table = new ObjectTable(limitsWith(limits));
  for (const call of calls) table.add(call);
  return table;
}

/** What `objects` reports of calls. */
function objects(
  name: 'apartments' | 'objects' | 'pointers',
  calls: (n: number) => Call[],
  out: (r: ObjectsReport) => string[],
): Case {
  return {
    limit: tableOf(calls(3), {})[name].size,
    lost: 1,
    run: (limits, over) => {
      const report = objectsReport(tableOf(calls(over ? 4 : 3), limits), 'made');
      return { told: limitNotes(report.warnings), out: out(report) };
    },
  };
}

/** Interfaces that an object was asked for and does not have: one detail each. */
function refusals(count: number, limits: Partial<Limits>): Outcome {
  const iids = times(count, (i) => `0000000${i}${IDISPATCH.slice(8)}`);
  const calls = iids.map((iid) => query(ipid(1), iid, null));
  const report = objectsReport(tableOf(calls, limits), 'made');
  const out = report.apartments.flatMap((a) => a.objects.flatMap((o) => o.refused.map((r) => r.iid)));
  return { told: limitNotes(report.warnings), out };
}

/** The least number that nothing is said about. */
function least(run: (n: number) => Outcome): number {
  let n = 1;
  while (run(n).told.length > 0) n++;
  return n;
}

/** Calls of so many clients to as many servers, none of them authenticated. */
function audited(talks: number, limits: Partial<Limits>) {
  const network = new Network(
    limits,
    RULES.filter((rule) => rule.id === 'DCOM-001'),
  );
  for (let i = 0; i < talks; i++)
    network.connect(`10.1.0.${i}`, `10.2.0.${i}`).bind(IDISPATCH).request(3, new Uint8Array(40), { ipid: IPID });
  const result = network.result();
  const text = auditText(reportOf(result, null, '0'), { color: false, width: 500 });
  return { result, told: text.split('\n').filter((line) => line.includes('--limit')) };
}

/** Distinct vectors of calls, with stubs of eight bytes. */
function vectors(count: number, limits: Partial<Limits>): Outcome {
  const set = new VectorSet(undefined, limitsWith(limits));
  for (let i = 0; i < count; i++) {
    const call = made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', answer: null });
    set.add(Object.assign(call, { request: { frames: [i], stub: new Uint8Array(8).fill(i) } }), 'made');
  }
  return { told: set.warnings(), out: set.list().map((v) => v.name) };
}

/** Two vectors, one of them with a stub of that many bytes; which of them have JSON. */
function documents(bytes: number, limits: Partial<Limits>): Outcome {
  const out: string[] = [];
  const set = new VectorSet((v) => {
    out.push(`${out.length} ${v.documented ? 'with' : 'without'} JSON`);
    return 0;
  }, limitsWith(limits));
  for (const length of [bytes, 4]) {
    const call = made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', answer: null });
    set.add(Object.assign(call, { request: { frames: [1], stub: new Uint8Array(length) } }), 'made');
  }
  return { told: set.warnings(), out };
}

export const REPORT_CASES: Cases = {
  apartments: objects(
    'apartments',
    (n) =>
      times(n, (i) => {
        const call = query(ipid(1), IDISPATCH, ipid(10 + i), {}, 10 + i);
        const [result] = (call.out as Params).ppQIResults as { std: { oxid: string } }[];
        result.std.oxid = id64(100 + i);
        return call;
      }),
    (report) => report.apartments.flatMap((a) => a.oxid ?? []),
  ),
  objects: objects(
    'objects',
    (n) => times(n, (i) => query(ipid(1), IDISPATCH, ipid(10 + i), {}, 10 + i)),
    (report) => report.apartments.flatMap((a) => a.objects.flatMap((o) => o.oid ?? [])),
  ),
  pointers: objects(
    'pointers',
    (n) => times(n, (i) => query(ipid(1), IUNKNOWN, ipid(10 + i))),
    (report) => report.apartments.flatMap((a) => a.objects.flatMap((o) => o.interfacePointers.map((p) => p.ipid))),
  ),
  details: {
    limit: least((details) => refusals(3, { details })),
    lost: 1,
    run: (limits, over) => refusals(over ? 4 : 3, limits),
  },
  detailsEach: { limit: 3, lost: 1, run: (limits, over) => refusals(over ? 4 : 3, limits) },
  statsRows: {
    limit: 3,
    lost: 1,
    run: (limits, over) => {
      const stats = new Stats(limitsWith(limits));
      for (const i of times(over ? 4 : 3, (n) => n))
        stats.add(made({ iface: 'IManagedObject', operation: 'GetObjectIdentity', client: `10.0.1.${i}` }));
      const { conversations, warnings } = stats.report([]);
      return { told: limitNotes(warnings), out: conversations.map((c) => c.client) };
    },
  },
  vectors: { limit: 3, lost: 1, run: (limits, over) => vectors(over ? 4 : 3, limits) },
  vectorBytes: { limit: 3 * 8, lost: 1, run: (limits, over) => vectors(over ? 4 : 3, limits) },
  vectorDocument: {
    limit: 8,
    lost: 1,
    run: (limits, over) => documents(over ? 9 : 8, limits),
  },
  findings: {
    limit: 3,
    lost: 1,
    run: (limits, over) => {
      const { result, told } = audited(over ? 4 : 3, limits);
      return { told, out: result.findings.map((f) => f.client) };
    },
  },
  inventory: {
    limit: 3,
    lost: 1,
    run: (limits, over) => {
      const { result, told } = audited(over ? 4 : 3, limits);
      return { told, out: [...result.inventory.servers.keys()] };
    },
  },
};
