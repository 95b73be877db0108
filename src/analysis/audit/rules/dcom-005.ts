import { apartmentsIn, foreignKey, hostOf, isActivation, leadsAway } from '../dcom.js';
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
      bindings: readonly string[],
      hosts: readonly string[],
      what: string,
      side: 'request' | 'response',
      foreign = false,
    ): void => {
      const text = bindings.slice(0, 4).join(', ');
      if (leadsAway(bindings, hosts) !== true || told.has(text)) return;
      told.add(text);
      report({
        key: bindings.map(hostOf).join(' '),
        evidence: `${what} leads to ${text}`,
        side,
        confidence: 'inferred',
        ...(foreign ? { covers: { rule: 'DCOM-007', key: foreignKey(bindings) } } : {}),
      });
    };
    const activated = isActivation(facts);
    for (const { oxid, bindings } of apartmentsIn(facts)) {
      const what = activated ? 'an activation' : `the answer for OXID ${oxid}`;
      tell(bindings, [server.address], what, 'response', !activated);
    }
    for (const { side, value } of objrefs)
      if (value.bindings !== undefined)
        tell(value.bindings, [client.address, server.address], `an OBJREF in the ${side}`, side);
  },
};
