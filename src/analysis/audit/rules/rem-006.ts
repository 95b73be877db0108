import type { Rule } from '../rule.js';
import { personalIn, secretsIn } from '../secrets.js';

export const REM_006: Rule = {
  id: 'REM-006',
  title: 'Secrets or personal data travel in the clear over remoting',
  severity: 'high',
  shows:
    'A remoting message that nothing seals has members or parameters whose names are those of secrets or of personal data.',
  why: 'Whoever can see the network reads them, and uses them or has to be told of to those whose data they are.',
  fix: 'Encrypt the channel (secure=true with protectionLevel EncryptAndSign, or TLS in front of HTTP), and change the secrets that are named here.',
  references: ['CWE-319'],
  cwe: ['CWE-319', 'CWE-359'],
  attack: ['T1040'],
  prefilter: { over: 'channel' },
  call(subject, report) {
    const { channel, remote, call, operation } = subject;
    if (!channel || !remote || call.auth.decrypted !== null) return;
    for (const [key, names] of [
      ['secrets', secretsIn(subject)],
      ['personal data', personalIn(subject)],
    ] as const)
      if (names.length > 0)
        report({
          key,
          topic: `${operation} ${key}`,
          evidence: `${operation}: ${names.join(', ')}`,
          confidence: 'clear',
        });
  },
};
