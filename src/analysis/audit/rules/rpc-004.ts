import { ASSOCIATION } from '../../../../dissectors/dcerpc/association.js';
import { Pfc, Ptype } from '../../../../dissectors/dcerpc/pdu.js';
import { stateKey } from '../../../core/context.js';
import type { Rule } from '../rule.js';

/** What bind and bind_ack of a connection said of header signing; null while one was not seen. */
const OFFERED = stateKey('audit.header-signing', () => ({
  client: null as boolean | null,
  server: null as boolean | null,
  told: false,
}));

export const RPC_004: Rule = {
  id: 'RPC-004',
  title: 'Signatures do not cover the header',
  severity: 'medium',
  shows: 'Requests are signed or sealed, and bind and bind_ack did not both offer header signing.',
  why: 'The operation number, the object and the call id stand in the header. Without header signing whoever is on the way may change them, although the stub is protected.',
  fix: 'Use libraries and systems that negotiate header signing; Windows does since Server 2003.',
  references: ['MS-RPCE 2.2.2.3'],
  cwe: ['CWE-345', 'CWE-347'],
  attack: ['T1557'],
  pdu({ header, transport }, report) {
    if (header === null) return;
    const offered = transport.connection.state.get(OFFERED);
    const says = (header.flags & Pfc.supportHeaderSign) !== 0;
    if (header.type === Ptype.bind) offered.client = says;
    else if (header.type === Ptype.bindAck) offered.server = says;
    else if (header.type === Ptype.request && header.authLength > 0 && !offered.told) {
      if (offered.client === null || offered.server === null || (offered.client && offered.server)) return;
      const levels = [...transport.connection.state.get(ASSOCIATION).security.values()].map((s) => s.level);
      if (!levels.some((level) => level >= 5)) return;
      offered.told = true;
      const who = offered.client ? 'the server' : offered.server ? 'the client' : 'neither side';
      report({
        key: who,
        evidence: `${who} ${offered.client || offered.server ? 'did not offer' : 'offered'} header signing`,
      });
    }
  },
};
