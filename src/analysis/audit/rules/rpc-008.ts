import { attemptText, refusalText, refusedIn } from '../../refusals.js';
import type { Rule } from '../rule.js';

export const RPC_008: Rule = {
  id: 'RPC-008',
  title: 'An interface or endpoint that clients need is not there',
  severity: 'info',
  shows:
    'A server refuses an interface in a bind or alter_context, or a port that an OXID or object reference named never takes a connection.',
  why: 'This is what a broken deployment looks like: a service that is not registered or lacks an interface, a firewall that lets port 135 through and not the ports behind it. Users see 0x800706ba or 0x80040155 and no cause.',
  fix: 'Open the range of dynamic ports between the hosts, or pin the server to one; register the class and its proxy on both sides. Refusals from hosts that should not ask are somebody looking around.',
  references: ['MS-RPCE 2.2.2.4', 'C706 12.6.3.1', 'MS-DCOM 2.2.19.3'],
  cwe: ['CWE-1188'],
  attack: [],
  pdu(pdu, report) {
    for (const refused of refusedIn(pdu))
      report({ key: `${refused.iid ?? 'unknown'} ${refused.reason}`, evidence: refusalText(refused) });
  },
  attempt(attempt, report) {
    report({ key: `port ${attempt.server.port}`, evidence: attemptText(attempt) });
  },
};
