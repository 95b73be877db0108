import { apartmentsIn, foreignKey, hostOf, isActivation, leadsAway, type ToldApartment } from '../dcom.js';
import type { Rule } from '../rule.js';

export const DCOM_005: Rule = {
  id: 'DCOM-005',
  title: 'An object reference leads to another host',
  severity: 'high',
  shows:
    'All addresses in the string bindings of an OBJREF, an activation or a resolver’s answer are those of hosts other than the two that talk. Names are not resolved.',
  why: 'The client connects to the addresses it is told, and authenticates there. This is how relay attacks bring a privileged client to a host of their choice; address translation and machines with several addresses look alike.',
  fix: 'Make sure that the addresses belong to the exporter. Require packet integrity and channel protections (signing, SPN checks) so that relayed authentication is of no use.',
  references: ['MS-DCOM 2.2.19'],
  cwe: ['CWE-441', 'CWE-345'],
  attack: ['T1557', 'T1187'],
  prefilter: { facts: ['exported'], holds: ['objrefs'] },
  call({ facts, objrefs, client, server }, report) {
    const told = new Set<string>();
    const tell = (
      { bindings, hosts }: Pick<ToldApartment, 'bindings' | 'hosts'>,
      ends: readonly string[],
      what: string,
      side: 'request' | 'response',
      foreign = false,
    ): void => {
      if (leadsAway(hosts, ends) !== true) return;
      const text = bindings.slice(0, 4).join(', ');
      if (told.has(text)) return;
      told.add(text);
      report({
        key: hosts.join(' '),
        evidence: `${what} leads to ${text}`,
        side,
        confidence: 'inferred',
        ...(foreign ? { covers: { rule: 'DCOM-007', key: foreignKey(hosts) } } : {}),
      });
    };
    const activated = isActivation(facts);
    for (const apartment of apartmentsIn(facts)) {
      const what = activated ? 'an activation' : `the answer for OXID ${apartment.oxid}`;
      tell(apartment, [server.address], what, 'response', !activated);
    }
    for (const { side, value } of objrefs) {
      const { bindings } = value;
      if (bindings === undefined) continue;
      const hosts = bindings.map(hostOf);
      tell({ bindings, hosts }, [client.address, server.address], `an OBJREF in the ${side}`, side);
    }
  },
};
