import type { Rule } from '../rule.js';

export const RPC_006: Rule = {
  id: 'RPC-006',
  title: 'A signature does not verify',
  severity: 'high',
  shows: 'The keys of a connection are known, and the verifier of a request or response is not theirs.',
  why: 'The bytes were changed on the way, or written by somebody else.',
  fix: 'Look for who is between the hosts, and for what the receiver did with the call.',
  references: ['MS-RPCE 3.3.1.5.2'],
  cwe: ['CWE-345', 'CWE-347'],
  attack: ['T1557'],
  call({ call, operation }, report) {
    if (call.auth.verified !== false) return;
    const note = call.warnings.find((w) => w.code === 'bad-signature');
    report({
      key: 'signature',
      formerKeys: [operation],
      evidence: `${operation}: ${note?.message ?? 'the verifier does not check'}`,
      confidence: 'clear',
    });
  },
};
