import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { IActivation } from '../../../../dissectors/interfaces/IActivation.js';
import { outcome } from '../../../../dissectors/outcome.js';
import type { Rule } from '../rule.js';

/** What came before 5.7. */
const OLD = /^5\.[0-6]$/;

export const DCOM_013: Rule = {
  id: 'DCOM-013',
  title: 'DCOM of an old system',
  severity: 'low',
  shows: 'RemoteActivation of the old interface IActivation is called, or a COM version below 5.7 is told.',
  why: 'Version 5.7 came with Windows XP SP2 and Server 2003 SP1. What is older gets no updates; what only claims to be is a tool or a library that lacks later protections.',
  fix: 'Retire the host, or update the library that speaks for it.',
  references: ['MS-DCOM 3.1.2.5.2.3', 'MS-DCOM 2.2.11'],
  cwe: ['CWE-1104'],
  attack: [],
  prefilter: { facts: ['exported', 'activated'], interfaces: [IActivation.uuid] },
  call({ call, facts, remote, client, server, confidence }, report) {
    if (!remote) return;
    if (call.iid === IActivation.uuid && call.opnum === 0 && call.request !== null && outcome(call) !== 'refused')
      report({ key: 'RemoteActivation', evidence: 'IActivation.RemoteActivation was called', confidence: 'clear' });
    const told = [
      ...factsOfKind(facts, 'exported').map(({ version }) => ({ host: server.address, version })),
      ...factsOfKind(facts, 'activated').map(({ version }) => ({ host: client.address, version })),
    ];
    for (const { host, version } of told)
      if (version != null && OLD.test(version))
        report({
          key: host === server.address ? 'server version' : 'client version',
          formerKeys: [`${host} ${version}`],
          evidence: `${host} has COM version ${version}`,
          confidence,
        });
  },
};
