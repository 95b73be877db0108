import { levelText } from '../../levels.js';
import type { Report, Rule } from '../rule.js';
import { secretsIn } from '../secrets.js';
import type { Subject } from '../subject.js';

export const DCOM_002: Rule = {
  id: 'DCOM-002',
  title: 'Contents of calls travel in the clear',
  severity: 'high',
  shows:
    'A call at level none, connect or call has BSTRs or object graphs as parameters; fields that look like secrets are named.',
  why: 'Whoever can see the network reads business data, and can change it unseen.',
  fix: 'Set the authentication level to packet privacy on client and server; change the secrets that are named here.',
  references: ['MS-RPCE 2.2.1.1.8'],
  cwe: ['CWE-319'],
  attack: ['T1040'],
  prefilter: { holds: ['bstrs'] },
  call(subject, report) {
    const { remote, level } = subject;
    if (!remote || level === null || level >= 4) return;
    readable('DCOM-002', subject, `level ${levelText(level)}`, report);
  },
};

/** Tells what of a call can be read, and by which names it looks like secrets. */
export function readable(rule: string, subject: Subject, level: string, report: Report): void {
  const { bstrs, streams, texts, operation } = subject;
  if (bstrs.length === 0) return;
  const secrets = secretsIn(subject);
  const graphs = streams.length === 0 ? '' : `, ${streams.length} object graph${streams.length === 1 ? '' : 's'}`;
  const text = texts.length === 0 ? '' : `, ${texts.length} text${texts.length === 1 ? '' : 's'}`;
  report({
    key: secrets.length === 0 ? 'readable' : 'secrets',
    formerKeys: [secrets.length === 0 ? level : `${level} ${secrets.map((s) => s.split(' ')[0]).join(' ')}`],
    ...(secrets.length === 0 ? {} : { covers: { rule, key: 'readable' } }),
    evidence: `${operation} at ${level}: ${bstrs.length} BSTR${bstrs.length === 1 ? '' : 's'} readable${graphs}${text}${secrets.length === 0 ? '' : `; ${secrets.join(', ')}`}`,
    side: bstrs[0].side,
    confidence: subject.call.interfaceFrom === 'guess' ? 'inferred' : 'clear',
  });
}
