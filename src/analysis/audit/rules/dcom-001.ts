import { isOrpc, notExecuted, refusalOf } from '../calls.js';
import { IACTIVATION, ISCMACTIVATOR } from '../dcom.js';
import { levelName } from '../inventory.js';
import type { Rule } from '../rule.js';

export const DCOM_001: Rule = {
  id: 'DCOM-001',
  title: 'DCOM below packet integrity',
  severity: 'high',
  shows:
    'An activation, or a call to a COM object, at an authentication level below packet integrity. Where the server refused it, that is said, and of medium severity.',
  why: 'Whoever is on the way can change calls and answers, or make them up. Windows refuses such activations since the updates for CVE-2021-26414 (KB5004442, enforced since 14 March 2023): a server that takes them lacks them or was exempted, and against one that refuses them the client does not work until its level is raised.',
  fix: 'Set the default and the application’s authentication level to packet privacy (dcomcnfg, CoInitializeSecurity, ApplicationAccessControl) on both ends, and install the updates.',
  references: ['CVE-2021-26414'],
  cwe: ['CWE-306', 'CWE-345'],
  attack: ['T1557', 'T1021.003'],
  call({ call, remote, level, operation }, report) {
    if (!remote || level === null || level >= 5 || call.request === null) return;
    const refusal = refusalOf(call);
    if (refusal === null && notExecuted(call)) return;
    const activation = call.iid === ISCMACTIVATOR || call.iid === IACTIVATION;
    if (!activation && !isOrpc(call)) return;
    report({
      key: refusal === null ? 'taken' : 'refused',
      formerKeys: [`${activation ? 'activation' : 'call'} ${level}`],
      evidence: `${activation ? 'activation by ' : ''}${operation} at level ${levelName(level)}${refusal === null ? '' : `, refused by the server (${refusal})`}`,
      severity: refusal === null ? 'high' : 'medium',
      weight: activation ? 1 : 0,
      ...(refusal === null ? { side: 'request' } : {}),
      confidence: 'clear',
    });
  },
};
