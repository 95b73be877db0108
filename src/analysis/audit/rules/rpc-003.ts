import { ASSOCIATION } from '../../../../dissectors/dcerpc/association.js';
import type { VerificationTrailer } from '../../../../dissectors/dcerpc/verification.js';
import type { Pdu } from '../../../../dissectors/pdu.js';
import type { Rule } from '../rule.js';

export const RPC_003: Rule = {
  id: 'RPC-003',
  title: 'A verification trailer disagrees with the call',
  severity: 'medium',
  shows:
    'The verification trailer of a request names another interface, transfer syntax, call id, context or operation than its bind and its header do. That one is missing is not told: clients leave it out where header signing protects the same.',
  why: 'The trailer repeats under the signature what stands outside of it. A difference means that bind or header were changed on the way, or that a receiver that does not check it was fooled.',
  fix: 'Negotiate header signing, update servers that take such calls, and look for who is between the hosts.',
  references: ['MS-RPCE 2.2.2.13'],
  cwe: ['CWE-345'],
  attack: ['T1557'],
  pdu(pdu, report) {
    const { call, completes } = pdu;
    const trailer = completes === 'request' ? call?.request?.trailer : null;
    if (call === null || trailer == null) return;
    const why = disagreement(pdu, trailer);
    if (why !== null)
      report({
        key: why.split(' ')[0],
        evidence: `the verification trailer names ${why}`,
        confidence: call.auth.decrypted === true ? 'decrypted' : 'clear',
      });
  },
};

function disagreement({ call, header }: Pdu, t: VerificationTrailer): string | null {
  if (call === null || header === null) return null;
  const context = call.connection.state.get(ASSOCIATION).contexts.get(call.contextId ?? -1);
  if (t.iid !== null && context !== undefined && t.iid !== context.iid)
    return `interface ${t.iid}, bound is ${context.iid}`;
  if (t.syntax !== null && context?.accepted === true && /^NDR/.test(context.syntax) && t.syntax !== context.syntax)
    return `syntax ${t.syntax}, bound is ${context.syntax}`;
  const h = t.header;
  if (h === null) return null;
  if (h.callId !== header.callId) return `call ${h.callId}, the header ${header.callId}`;
  if (h.contextId !== call.contextId) return `context ${h.contextId}, the header ${call.contextId}`;
  if (h.opnum !== call.opnum) return `operation ${h.opnum}, the header ${call.opnum}`;
  return null;
}
