import { DELEGATE, gadgetsIn } from '../gadgets.js';
import type { Rule } from '../rule.js';
import { streamRange } from '../streams.js';

export const IOI_003: Rule = {
  id: 'IOI-003',
  title: 'A message names a type that is known to run code when it is deserialized',
  severity: 'critical',
  shows: 'A class record of an NRBF stream names a known gadget type, or a delegate beside a comparer.',
  why: 'Deserializing such a graph runs what its author chose, before the receiver sees an object. Public tools make these streams; this one is an attack, a test of one, or a program that cannot be told from it.',
  fix: 'Find out who sent it, and take the receiving process for compromised until shown otherwise. Close the path that carried it (IOI-001, IOI-002).',
  references: ['CWE-502', 'ysoserial.net'],
  cwe: ['CWE-502'],
  attack: ['T1210', 'T1059'],
  prefilter: { holds: ['streams'] },
  call({ streams, channel, confidence, client, server }, report) {
    // in messages of remoting REM-003 looks
    if (channel) return;
    for (const { side, value: stream } of streams) {
      const victim = side === 'request' ? server.address : client.address;
      for (const { key, what, record } of gadgetsIn(stream))
        report({
          key,
          // the same record, and more telling
          ...(key === DELEGATE ? { covers: { rule: 'IOI-004', key } } : {}),
          evidence: `${what} in what ${victim} deserializes`,
          bytes: () => streamRange(stream, record),
          side,
          confidence,
        });
    }
  },
};
