import { askedOf, IMANAGEDOBJECT } from '../dcom.js';
import type { Rule } from '../rule.js';

export const IOI_014: Rule = {
  id: 'IOI-014',
  title: 'A managed object is exported over the network',
  severity: 'info',
  shows: 'A client on another host asks for IManagedObject, and the object has it.',
  why: 'The object lives in a CLR. Every .NET client that meets it over COM will ask for its identity and deserialize what it returns.',
  fix: 'Know these objects: the inventory lists them. Export those alone that are meant to be.',
  references: ['MS-IOI 1.3'],
  cwe: [],
  attack: ['T1046'],
  call({ call, remote, confidence }, report) {
    if (!remote) return;
    for (const { iid, granted, object } of askedOf(call)) {
      if (iid !== IMANAGEDOBJECT || granted !== true) continue;
      const oid = object.oid ?? 'unknown';
      report({
        key: 'IManagedObject',
        evidence: `the object ${oid} of apartment ${object.oxid ?? 'unknown'} has IManagedObject`,
        object,
        side: 'response',
        confidence,
      });
    }
  },
};
