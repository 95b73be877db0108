import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { textOf } from '../../../../dissectors/dcom/value.js';
import { outcome } from '../../../../dissectors/outcome.js';
import type { Rule } from '../rule.js';

export const IOI_008: Rule = {
  id: 'IOI-008',
  title: 'A server tells a pointer into its memory',
  severity: 'medium',
  shows: 'A GetObjectIdentity reply holds the CLR instance, the application domain and the address of a wrapper.',
  why: 'The address is a real one in the server’s process. It defeats address space randomization for whoever attacks that process by another bug, and the CLR’s GUID tells its restarts.',
  fix: 'Objects that need no identity across COM should be marshalled by value or not be exported to other hosts; restrict remote activation to accounts that need it.',
  references: ['MS-IOI 3.1.4.1.2'],
  cwe: ['CWE-200', 'CWE-497'],
  attack: ['T1082'],
  prefilter: { facts: ['identity'] },
  call({ call, facts, remote, confidence }, report) {
    const [identity] = factsOfKind(facts, 'identity');
    if (!remote || !identity?.ccw || outcome(call) !== 'succeeded') return;
    const { value, layout } = identity.ccw;
    const guid = identity.clr === null ? 'not told' : (textOf(identity.clr) ?? 'not text');
    report({
      key: 'identity',
      topic: guid,
      evidence: `CLR ${guid}, application domain ${identity.appDomainId}, wrapper at ${value} (${layout})`,
      side: 'response',
      confidence,
    });
  },
};
