import { outcome } from '../../../../dissectors/outcome.js';
import { objRefsTo, typesIn } from '../remoting.js';
import type { Rule } from '../rule.js';
import { plainName } from '../streams.js';
import { REFUSED } from './ioi-004.js';

const OBJREF = 'System.Runtime.Remoting.ObjRef';

export const REM_002: Rule = {
  id: 'REM-002',
  title: 'A remoting channel deserializes at level Full',
  severity: 'high',
  shows:
    'A request over a remoting channel holds an ObjRef, DelegateSerializationHolder, IEnvoyInfo or ISponsor, and the method was called and returned.',
  why: 'TypeFilterLevel Low, the setting for callers that are not trusted, refuses these types. Where they are accepted the server runs at level Full, or the restriction was bypassed, as CVE-2014-1806 did: delegates and callbacks of the sender’s choice are made in its process.',
  fix: 'Set TypeFilterLevel to Low on the server’s formatter and give up callbacks by delegate, event or ObjRef; install the updates for the CVE.',
  references: ['CVE-2014-1806'],
  cwe: ['CWE-502'],
  attack: ['T1210'],
  prefilter: { over: 'channel' },
  call(subject, report) {
    const { call, channel, remote, confidence } = subject;
    if (!channel || !remote || outcome(call) !== 'answered') return;
    for (const [name, bytes] of typesIn(subject, 'request'))
      if (REFUSED.has(name))
        report({ key: 'full', topic: name, evidence: `${name} was accepted`, bytes, side: 'request', confidence });
    for (const { type } of objRefsTo(subject, 'request')) {
      const of = type === null ? 'an object of unknown type' : plainName(type);
      report({ key: 'full', topic: OBJREF, evidence: `an ObjRef to ${of} was accepted`, side: 'request', confidence });
    }
  },
};
