import type { Call } from '../../../../dissectors/call.js';
import { hresultName, statusName } from '../../../../dissectors/names/hresult.js';
import { hex } from '../../../../dissectors/ndr/read.js';
import { isDenial, isOrpc, outcome } from '../../../../dissectors/outcome.js';
import { levelText } from '../../levels.js';
import { isActivation } from '../dcom.js';
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
  call({ call, remote, level, operation, facts }, report) {
    if (!remote || level === null || level >= 5 || call.request === null) return;
    const refusal = refusalOf(call);
    if (refusal === null && outcome(call) === 'refused') return;
    const activation = isActivation(facts);
    if (!activation && !isOrpc(call)) return;
    report({
      key: refusal === null ? 'taken' : 'refused',
      formerKeys: [`${activation ? 'activation' : 'call'} ${level}`],
      evidence: `${activation ? 'activation by ' : ''}${operation} at level ${levelText(level)}${refusal === null ? '' : `, refused by the server (${refusal})`}`,
      severity: refusal === null ? 'high' : 'medium',
      weight: activation ? 1 : 0,
      ...(refusal === null ? { side: 'request' } : {}),
      confidence: 'clear',
    });
  },
};

/** What a server refused a call's rights or authentication with; null where it did not. */
function refusalOf({ fault, result }: Call): string | null {
  if (fault !== null) return isDenial(fault) ? `fault ${hex(fault, 8)} ${statusName(fault)}` : null;
  return result !== null && isDenial(result) ? `result ${hex(result, 8)} ${hresultName(result)}` : null;
}
