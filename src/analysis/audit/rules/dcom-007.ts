import { stateKey } from '../../../core/context.js';
import { apartmentsIn, foreignKey, isActivation, leadsAway } from '../dcom.js';
import type { Rule } from '../rule.js';

/** Who spoke for an OXID first, and which hosts its bindings name. */
const EXPORTERS = stateKey('audit.oxids', () => new Map<string, { server: string; hosts: readonly string[] }>());
const MOST = 10_000;

export const DCOM_007: Rule = {
  id: 'DCOM-007',
  title: 'Several hosts speak for one apartment',
  severity: 'high',
  shows:
    'An OXID is told by several hosts that do not name each other, or a resolver answers with addresses that are not its own.',
  why: 'OXIDs are random and belong to one machine. Another host that speaks for one answers in its place: it was put between client and server, or it forwards clients to a host of its choice.',
  fix: 'Compare both hosts with the inventory of the network. Require authentication at packet integrity for the resolver too.',
  references: ['MS-DCOM 3.1.2.5.1'],
  cwe: ['CWE-345', 'CWE-441'],
  attack: ['T1557'],
  prefilter: { facts: ['exported'] },
  call({ facts, server }, report, state) {
    const known = state.get(EXPORTERS);
    for (const { oxid, bindings, hosts } of apartmentsIn(facts)) {
      if (!isActivation(facts) && leadsAway(hosts, [server.address]) === true)
        report({
          key: foreignKey(hosts),
          evidence: `the resolver ${server.address} answers for OXID ${oxid} with ${bindings.slice(0, 4).join(', ')}`,
          object: { oxid },
          side: 'response',
          confidence: 'inferred',
        });
      const before = known.get(oxid);
      if (before === undefined) {
        if (known.size < MOST) known.set(oxid, { server: server.address, hosts });
        continue;
      }
      // one machine with two addresses names both
      if (before.server === server.address || before.hosts.includes(server.address) || hosts.includes(before.server))
        continue;
      report({
        key: `twice ${before.server}`,
        evidence: `OXID ${oxid} is told by ${before.server} and by ${server.address}`,
        object: { oxid },
        side: 'response',
      });
    }
  },
};
