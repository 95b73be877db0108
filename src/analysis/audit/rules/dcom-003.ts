import { levelText } from '../../levels.js';
import type { Rule } from '../rule.js';
import { readable } from './dcom-002.js';

export const DCOM_003: Rule = {
  id: 'DCOM-003',
  title: 'Calls are signed and not sealed',
  severity: 'medium',
  shows: 'A call at level packet or packet integrity has BSTRs or object graphs as parameters.',
  why: 'Nobody can change them unseen, but whoever can see the network reads them.',
  fix: 'Raise the authentication level to packet privacy on client and server.',
  references: ['MS-RPCE 2.2.1.1.8'],
  cwe: ['CWE-319'],
  attack: ['T1040'],
  prefilter: { holds: ['bstrs'] },
  call(subject, report) {
    const { remote, level } = subject;
    if (!remote || (level !== 4 && level !== 5)) return;
    readable('DCOM-003', subject, `level ${levelText(level)}`, report);
  },
};
