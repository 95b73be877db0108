import { outcome } from '../../../../dissectors/outcome.js';
import { isOpen } from '../remoting.js';
import type { Rule } from '../rule.js';

export const REM_001: Rule = {
  id: 'REM-001',
  title: 'A .NET remoting endpoint takes calls from anybody',
  severity: 'critical',
  shows: 'A remoting call over TCP or HTTP was taken on a connection on which nobody authenticated.',
  why: 'The content of every message goes to the formatter before the URI or the method is looked at for rights. Whoever reaches the port chooses which types are made in the server, and chains of types that run code are public.',
  fix: 'Move the service to a protocol without object graphs. Until then bind the channel to the loopback address or allow known hosts alone, set secure=true on both ends, and TypeFilterLevel to Low.',
  references: ['MS-NRTP 3.2.5.1', 'CWE-306', 'CWE-502'],
  cwe: ['CWE-306', 'CWE-502'],
  attack: ['T1210'],
  prefilter: { over: 'channel' },
  call(subject, report) {
    const { call, operation, messages } = subject;
    if (!isOpen(subject) || !messages.some(({ side }) => side === 'request')) return;
    const came = outcome(call);
    // a method that threw was called
    if (came !== 'answered' && came !== 'failed' && !call.oneWay) return;
    report({
      key: 'open',
      topic: operation,
      evidence: `${operation} was taken without authentication, over ${call.connection.transport === 'nrtp_http' ? 'HTTP' : 'TCP'}`,
      weight: came === 'answered' ? 1 : 0,
      side: 'request',
      confidence: 'clear',
    });
  },
};
