import type { Rule } from '../rule.js';
import { plainName, streamFacts, streamRange } from '../streams.js';

const LIFETIME = 'System.Runtime.Remoting.Lifetime.';
const SPONSOR = `${LIFETIME}ISponsor`;

export const IOI_007: Rule = {
  id: 'IOI-007',
  title: 'A client reaches for lifetime objects',
  severity: 'high',
  shows:
    'A request names a type of System.Runtime.Remoting.Lifetime (leases, sponsors), carries an ObjRef to a sponsor, or calls a lease.',
  why: 'A lease is an object that every exported object has, whatever its own methods are, and it calls back the sponsors that a client registers. ExploitRemotingService uses it to bring types past a restricted formatter.',
  fix: 'Override InitializeLifetimeService to return null in exported classes, so that there is no lease; allow the service to known clients alone.',
  references: ['ExploitRemotingService'],
  cwe: ['CWE-502'],
  attack: ['T1210'],
  prefilter: { holds: ['streams'] },
  call({ streams, channel, confidence }, report) {
    // in messages of remoting REM-002 and REM-004 look
    if (channel) return;
    for (const { side, value: stream } of streams) {
      if (side === 'response') continue;
      const { classes, objRefs } = streamFacts(stream);
      const called = stream.message?.typeName?.value;
      if (typeof called === 'string' && plainName(called).startsWith(LIFETIME))
        report({ key: plainName(called), evidence: `a call of ${plainName(called)}`, side, confidence });
      for (const { name, record } of classes.values())
        if (name.startsWith(LIFETIME))
          report({
            key: name,
            evidence: `${name} in a request`,
            bytes: () => streamRange(stream, record),
            side,
            confidence,
          });
      for (const { record, objRef } of objRefs) {
        const names = [objRef.type ?? '', ...objRef.hierarchy, ...objRef.interfaces].map(plainName);
        const name = names.find((n) => n === SPONSOR || n === `${LIFETIME}ClientSponsor`);
        if (name === undefined) continue;
        report({
          key: name,
          evidence: `an ObjRef to a ${name} in a request`,
          bytes: () => streamRange(stream, record),
          side,
          confidence,
        });
      }
    }
  },
};
