import type { Security } from '../../../../dissectors/dcerpc/connection.js';
import type { Found } from '../finding.js';
import type { Rule } from '../rule.js';
import { authenticating, hasMic, tokenOf } from '../tokens.js';

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
  pdu(pdu, report) {
    const security = authenticating(pdu);
    if (security !== null) for (const found of weaknesses(security, tokenOf(pdu))) report(found);
  },
};

function weaknesses({ context: { info } }: Security, token: Uint8Array): Found[] {
  const who = info.user ?? 'an unknown account';
  const confidence = 'clear';
  if (info.type === 'Kerberos') {
    const etype = info.version ?? '';
    if (!/des|rc4|arcfour/i.test(etype)) return [];
    const severity = /rc4|arcfour/i.test(etype) ? 'medium' : 'high';
    return [
      {
        key: etype,
        evidence: `Kerberos with ${etype} for ${info.target ?? 'an unknown service'}`,
        severity,
        confidence,
      },
    ];
  }
  // the account is known once AUTHENTICATE was seen
  if (info.type !== 'NTLM' || info.version === null || info.anonymous || info.user === null) return [];
  const found: Found[] = [{ key: 'NTLM', evidence: `${who} authenticates by ${info.version}`, confidence }];
  if (info.version.startsWith('NTLMv1'))
    found.push({
      key: info.version,
      evidence: `${who} authenticates by ${info.version}`,
      severity: 'high',
      confidence,
    });
  if (!info.flags.includes('NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY'))
    found.push({ key: 'no ESS', evidence: `${who} has no extended session security`, severity: 'high', confidence });
  if (hasMic(token) === false)
    found.push({ key: 'no MIC', evidence: `the AUTHENTICATE message of ${who} has no MIC`, confidence });
  return found;
}
