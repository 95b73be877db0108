import { bindingTexts } from '../../../../dissectors/dcom/dual-string-array.js';
import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { operationText } from '../../../../dissectors/ndr/interface.js';
import type { Rule } from '../rule.js';
import { isAnonymous } from '../subject.js';

export const DCOM_011: Rule = {
  id: 'DCOM-011',
  title: 'Names and addresses are told to anybody',
  severity: 'low',
  shows: 'ServerAlive2 is answered on a connection without authentication.',
  why: 'The answer lists the host’s name and all its network addresses, those of inner networks too. It is how scanners map networks.',
  fix: 'Let port 135 be reached by those alone who need it.',
  references: ['MS-DCOM 3.1.2.5.1.6'],
  cwe: ['CWE-200'],
  attack: ['T1046', 'T1016'],
  prefilter: { facts: ['exported'] },
  call({ call, facts, remote, level }, report) {
    if (!remote || level !== 0 || !isAnonymous(call.connection)) return;
    for (const { resolver, bindings } of factsOfKind(facts, 'exported')) {
      if (resolver !== true || bindings === null) continue;
      const names = bindingTexts(bindings).slice(0, 8).join(', ');
      report({ key: 'ServerAlive2', evidence: `${operationText(call)} told ${names}`, side: 'response' });
    }
  },
};
