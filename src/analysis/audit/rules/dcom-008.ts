import { factsOfKind, isGranted } from '../../../../dissectors/dcom/facts.js';
import { outcome } from '../../../../dissectors/outcome.js';
import { objectOf } from '../dcom.js';
import type { Rule } from '../rule.js';

/** Interfaces of the runtime's own classes, which every class visible to COM has or leads to. */
const RUNTIME: Readonly<Record<string, string>> = {
  '65074f7f-63c0-304e-af0a-d51741cb4a8d': '_Object',
  'bca8b44d-aae6-3a86-8ab7-03349f4f2da2': '_Type',
};
const METHODS: ReadonlySet<string> = new Set(['gettype', 'invokemember', 'invokemember_2', 'invokemember_3']);

export const DCOM_008: Rule = {
  id: 'DCOM-008',
  title: 'A client reaches for reflection of a .NET object',
  severity: 'critical',
  shows:
    'The interfaces _Object or _Type are asked for, or the names GetType or InvokeMember, and the object has them; an attempt that is refused is of medium severity.',
  why: 'From _Object a client comes to GetType, from there to System.Type and to any static method of the server’s runtime: code of its choice, with the rights of the service. ExploitDotNetDCOM does this.',
  fix: 'Make exported classes ComVisible with ClassInterface None and explicit interfaces, keep them from being registered for DCOM, and restrict launch and activation.',
  references: ['ExploitDotNetDCOM'],
  cwe: ['CWE-470', 'CWE-749'],
  attack: ['T1021.003'],
  prefilter: { facts: ['asked', 'named'], interfaces: Object.keys(RUNTIME) },
  call({ call, facts, remote, confidence, interfaceName }, report) {
    if (!remote) return;
    for (const asked of factsOfKind(facts, 'asked')) {
      const name = RUNTIME[asked.iid];
      const granted = isGranted(asked);
      // a refusal shows that somebody tried, and that it is of no use
      if (name === undefined || granted === null) continue;
      report({
        key: granted ? 'reflection' : 'refused',
        formerKeys: [`${name} ${granted ? 'granted' : 'refused'}`],
        evidence: `${name} was asked for and ${granted ? 'granted' : 'refused'}`,
        severity: granted ? 'critical' : 'medium',
        object: objectOf(asked),
        confidence,
      });
    }
    const direct = call.iid === null ? undefined : RUNTIME[call.iid];
    if (direct !== undefined && outcome(call) === 'succeeded')
      report({
        key: 'reflection',
        formerKeys: [`${direct} called`],
        evidence: `${direct} operation ${call.opnum} was called`,
        weight: 2,
        confidence,
      });
    for (const { name, dispId } of factsOfKind(facts, 'named')) {
      if (dispId === null || !METHODS.has(name.toLowerCase())) continue;
      report({
        key: 'reflection',
        formerKeys: [name],
        evidence: `${interfaceName} gave a number for the name ${name}`,
        weight: 1,
        confidence: 'inferred',
      });
    }
  },
};
