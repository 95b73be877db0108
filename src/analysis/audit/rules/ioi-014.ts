import { factsOfKind, isGranted } from '../../../../dissectors/dcom/facts.js';
import { IManagedObject } from '../../../../dissectors/interfaces/IManagedObject.js';
import { objectOf } from '../dcom.js';
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
  prefilter: { facts: ['asked'] },
  call({ facts, remote, confidence }, report) {
    if (!remote) return;
    for (const asked of factsOfKind(facts, 'asked')) {
      if (asked.iid !== IManagedObject.uuid || isGranted(asked) !== true) continue;
      const object = objectOf(asked);
      report({
        key: 'IManagedObject',
        evidence: `the object ${object.oid ?? 'unknown'} of apartment ${object.oxid ?? 'unknown'} has IManagedObject`,
        object,
        side: 'response',
        confidence,
      });
    }
  },
};
