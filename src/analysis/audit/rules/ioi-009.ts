import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import type { Rule } from '../rule.js';

export const IOI_009: Rule = {
  id: 'IOI-009',
  title: 'A server tells its process and its URI',
  severity: 'low',
  shows: 'A GetComponentInfo reply holds a process id, an application domain or a URI.',
  why: 'They name the process to look for and the address under which the object can be called by .NET remoting.',
  fix: 'Restrict remote activation and access of the application to accounts that need it.',
  references: ['MS-IOI 3.1.4.3.1'],
  cwe: ['CWE-497'],
  attack: ['T1082', 'T1057'],
  prefilter: { facts: ['component'] },
  call({ facts, remote, confidence }, report) {
    const [component] = factsOfKind(facts, 'component');
    if (!remote || component === undefined) return;
    const { processId, appDomain, uri } = component;
    const told = Object.entries({ 'process id': processId, 'application domain': appDomain, URI: uri }).filter(
      ([, text]) => text !== null,
    );
    if (told.length === 0) return;
    report({
      key: 'component info',
      formerKeys: told.map(([name]) => name),
      evidence: told.map(([name, text]) => `${name} ${text}`).join(', '),
      weight: told.length,
      side: 'response',
      confidence,
    });
  },
};
