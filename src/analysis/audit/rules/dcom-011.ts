import { bindingText, type DualStringArray } from '../../../../dissectors/dcom/dual-string-array.js';
import { isAnonymous } from '../calls.js';
import { IOBJECTEXPORTER } from '../dcom.js';
import type { Rule } from '../rule.js';

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
  call({ call, remote, level }, report) {
    if (!remote || call.iid !== IOBJECTEXPORTER || call.opnum !== 5 || level !== 0) return;
    const told = call.out?.ppdsaOrBindings as DualStringArray | null | undefined;
    if (told == null || !isAnonymous(call.connection)) return;
    const names = told.bindings.map(bindingText);
    report({ key: 'ServerAlive2', evidence: `ServerAlive2 told ${names.slice(0, 8).join(', ')}`, side: 'response' });
  },
};
