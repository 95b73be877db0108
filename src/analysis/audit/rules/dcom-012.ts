import { succeeded } from '../calls.js';
import type { Rule } from '../rule.js';

const ITYPEINFO = '00020401-0000-0000-c000-000000000046';
const ITYPELIB = '00020402-0000-0000-c000-000000000046';

export const DCOM_012: Rule = {
  id: 'DCOM-012',
  title: 'Type information of a server is walked from afar',
  severity: 'medium',
  shows: 'A client on another host calls ITypeInfo or ITypeLib of an object.',
  why: 'Type information leads from an object to its library and to every class in it, and GetRefTypeInfo and CreateInstance work on what it names in the server’s process.',
  fix: 'Restrict remote access of the application to accounts that need it; export interfaces without IDispatch.',
  references: ['MS-OAUT'],
  cwe: ['CWE-749'],
  attack: ['T1021.003', 'T1046'],
  call({ call, remote, confidence }, report) {
    if (!remote || (call.iid !== ITYPEINFO && call.iid !== ITYPELIB)) return;
    if (
      call.request === null ||
      (call.response !== null && call.fault !== null) ||
      (call.result !== null && !succeeded(call))
    )
      return;
    const name = call.iid === ITYPEINFO ? 'ITypeInfo' : 'ITypeLib';
    report({
      key: 'type information',
      formerKeys: [name],
      evidence: `${name} operation ${call.opnum} was called`,
      confidence,
    });
  },
};
