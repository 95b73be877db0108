import { Pfc, Ptype } from '../../../../dissectors/dcerpc/pdu.js';
import { stateKey } from '../../../core/context.js';
import type { Rule } from '../rule.js';

/** Calls of a connection whose first fragment had a verifier, by direction and call id. */
const VERIFIED = stateKey('audit.verified-fragments', () => new Set<string>());
const MOST = 4096;

export const RPC_002: Rule = {
  id: 'RPC-002',
  title: 'A later fragment has no verifier',
  severity: 'high',
  shows: 'The first fragment of a request or response has an authentication trailer, and a later one has none.',
  why: 'A receiver that checks the first fragment alone takes bytes from whoever can write into the connection.',
  fix: 'Update the receiver; find out who wrote the fragment.',
  references: ['MS-RPCE 3.3.1.5.2'],
  cwe: ['CWE-347'],
  attack: ['T1557'],
  pdu({ header, transport }, report) {
    if (header === null || (header.type !== Ptype.request && header.type !== Ptype.response)) return;
    const verified = transport.connection.state.get(VERIFIED);
    const key = `${transport.direction} ${header.callId}`;
    if (header.flags & Pfc.first) {
      verified.delete(key);
      if (header.authLength > 0 && !(header.flags & Pfc.last) && verified.size < MOST) verified.add(key);
      return;
    }
    if (verified.has(key) && header.authLength === 0)
      report({
        key: 'missing',
        evidence: `a later fragment of call ${header.callId} has no verifier, the first had one`,
      });
    if (header.flags & Pfc.last) verified.delete(key);
  },
};
