import { Ptype } from '../../../../dissectors/dcerpc/pdu.js';
import type { SecurityInfo } from '../../../security/index.js';
import type { Found } from '../found.js';
import type { Rule } from '../rule.js';

/** NTLM at all, old NTLM, NTLM without integrity of its own messages, and Kerberos with old ciphers. */
export const DCOM_004: Rule = {
  id: 'DCOM-004',
  title: 'Weak authentication',
  severity: 'medium',
  shows:
    'An AUTHENTICATE message of NTLM (v1 or without extended session security: high), one without a MIC, or a Kerberos session with RC4 or DES.',
  why: 'NTLM proves the server to nobody and can be relayed; version 1 gives the hash away to whoever records it. Without a MIC the negotiation can be changed on the way. RC4 and DES tickets are cracked offline.',
  fix: 'Use Kerberos with AES between domain members (register SPNs, address servers by name), set the LAN Manager level to NTLMv2 only, and allow AES alone for service accounts.',
  references: ['MS-NLMP 2.2.1.3', 'RFC 8429'],
  cwe: ['CWE-327', 'CWE-294'],
  attack: ['T1557.001', 'T1110.002'],
  pdu({ header, security }, report) {
    // the client's tokens: what the server sends says nothing of an account
    if (security === null || header?.type === Ptype.bindAck || header?.type === Ptype.alterContextResp) return;
    const found = weakness(security.context.info);
    if (found !== null) report(found);
  },
};

function weakness(info: SecurityInfo): Found | null {
  const who = info.user ?? 'an unknown account';
  const confidence = 'clear';
  if (info.type === 'Kerberos') {
    const etype = info.version ?? '';
    if (!/des|rc4|arcfour/i.test(etype)) return null;
    const severity = /rc4|arcfour/i.test(etype) ? 'medium' : 'high';
    const evidence = `Kerberos with ${etype} for ${info.target ?? 'an unknown service'}`;
    return { key: 'Kerberos', formerKeys: [etype], evidence, severity, confidence };
  }
  // the account is known once AUTHENTICATE was seen
  if (info.type !== 'NTLM' || info.version === null || info.anonymous || info.user === null) return null;
  const formerKeys = ['NTLM'];
  const lacks: string[] = [];
  let severity: Found['severity'] = 'medium';
  if (info.version.startsWith('NTLMv1')) {
    formerKeys.push(info.version);
    severity = 'high';
  }
  if (!info.flags.includes('NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY')) {
    formerKeys.push('no ESS');
    lacks.push('without extended session security');
    severity = 'high';
  }
  if (info.mic === false) {
    formerKeys.push('no MIC');
    lacks.push('without a MIC in its AUTHENTICATE message');
  }
  const evidence = [`${who} authenticates by ${info.version}`, ...lacks].join(', ');
  return { key: 'NTLM', formerKeys, topic: evidence, evidence, severity, weight: lacks.length, confidence };
}
