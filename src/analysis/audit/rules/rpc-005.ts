import { Ptype } from '../../../../dissectors/dcerpc/pdu.js';
import { rolesOf } from '../../../core/connection.js';
import { stateKey } from '../../../core/context.js';
import type { Rule } from '../rule.js';

/** Who was given an association group, by server and group. */
const OWNERS = stateKey('audit.association-groups', () => new Map<string, string>());
/** The group that a bind asked to join. */
const ASKED = stateKey('audit.asked-group', () => ({ group: 0 }));
const MOST = 50_000;

export const RPC_005: Rule = {
  id: 'RPC-005',
  title: 'Several hosts share an association group',
  severity: 'medium',
  shows: 'A client asks to join an association group that the server gave to another host, and the server lets it.',
  why: 'Connections of a group share context handles. Servers that do not tell their owners apart let one client use what another opened; this was among the flaws of CVE-2015-5370.',
  fix: 'Update the server. Address translation, which makes hosts look like one or one like several, is the harmless cause.',
  references: ['CVE-2015-5370'],
  cwe: ['CWE-639'],
  attack: ['T1563'],
  pdu({ header, transport, bind }, report, state) {
    if (header === null || (header.type !== Ptype.bind && header.type !== Ptype.bindAck)) return;
    const group = bind?.associationGroup;
    if (!group) return;
    const asked = transport.connection.state.get(ASKED);
    if (header.type === Ptype.bind) {
      asked.group = group;
      return;
    }
    const [client, server] = rolesOf(transport.connection);
    const owners = state.get(OWNERS);
    const key = `${server.address}\0${server.port}\0${group}`;
    const owner = owners.get(key);
    if (owner === undefined) {
      if (owners.size < MOST) owners.set(key, client.address);
    } else if (owner !== client.address && asked.group === group)
      report({
        key: 'shared group',
        formerKeys: [String(group)],
        evidence: `association group 0x${group.toString(16)} was given to ${owner} and joined by ${client.address}`,
      });
  },
};
