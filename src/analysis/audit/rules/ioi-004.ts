import type { Rule } from '../rule.js';
import { plainName, streamFacts, streamRange } from '../streams.js';

/** What a formatter at TypeFilterLevel Low does not take, beside ObjRefs. */
export const REFUSED: ReadonlySet<string> = new Set([
  'System.DelegateSerializationHolder',
  'System.Runtime.Remoting.EnvoyInfo',
  'System.Runtime.Remoting.IEnvoyInfo',
  'System.Runtime.Remoting.Lifetime.ISponsor',
]);
const OBJREF = 'System.Runtime.Remoting.ObjRef';

export const IOI_004: Rule = {
  id: 'IOI-004',
  title: 'A message holds a type that a restricted formatter refuses',
  severity: 'high',
  shows:
    'A client sends an ObjRef, or either side sends a DelegateSerializationHolder, IEnvoyInfo or ISponsor. The ObjRef that GetSerializedBuffer and method returns bring is what these operations are for, and is not counted.',
  why: 'TypeFilterLevel Low, the setting of a remoting formatter for callers that are not trusted, refuses these types. Where they are accepted the receiver runs at level Full, or the restriction was bypassed, as CVE-2014-1806 and CVE-2014-4149 did.',
  fix: 'Set TypeFilterLevel to Low wherever the application bears it, install the updates for both CVEs, and give up callbacks by delegate or ObjRef across hosts.',
  references: ['CVE-2014-1806', 'CVE-2014-4149'],
  cwe: ['CWE-502'],
  attack: ['T1210'],
  prefilter: { holds: ['streams'] },
  call({ streams, channel, confidence }, report) {
    // in messages of remoting REM-002 looks
    if (channel) return;
    for (const { side, value: stream } of streams) {
      const { classes, objRefs } = streamFacts(stream);
      for (const { name, record } of classes.values())
        if (REFUSED.has(name))
          report({
            key: name,
            evidence: `${name} in the ${side}`,
            bytes: () => streamRange(stream, record),
            side,
            confidence,
          });
      if (side === 'response') continue;
      for (const { record, objRef } of objRefs)
        report({
          key: OBJREF,
          evidence: `an ObjRef to ${objRef.type === null ? 'an object of unknown type' : plainName(objRef.type)} in the request`,
          bytes: () => streamRange(stream, record),
          side,
          confidence,
        });
    }
  },
};
