import { stateKey } from '../../../core/context.js';
import type { Rule } from '../rule.js';
import { parseAssembly, streamFacts } from '../streams.js';

/** Versions that a host named, by host and assembly. */
const VERSIONS = stateKey('audit.assembly-versions', () => new Map<string, string>());
const MOST = 20_000;

export const IOI_012: Rule = {
  id: 'IOI-012',
  title: 'Assemblies are unsigned, old or mixed',
  severity: 'info',
  shows: 'A display name has no public key token, names version 2 of mscorlib, or another version than one before.',
  why: 'An assembly without a strong name can be replaced by any of that name. Version 2 of mscorlib means a runtime out of support. Two versions of one assembly in one conversation are two programs that disagree on what types are.',
  fix: 'Sign assemblies that cross process borders, retire CLR 2, deploy one version to both ends.',
  references: ['MS-NRBF 2.6.2'],
  cwe: ['CWE-1104'],
  attack: [],
  prefilter: { holds: ['streams'] },
  call({ streams, client, server, confidence }, report, state) {
    const versions = state.get(VERSIONS);
    for (const { side, value: stream } of streams) {
      const from = side === 'request' ? client.address : server.address;
      for (const text of streamFacts(stream).assemblies) {
        const { name, version, token } = parseAssembly(text);
        if (token === '')
          report({
            key: 'unsigned',
            formerKeys: [`unsigned ${name}`],
            evidence: `${name} has no strong name: ${text}`,
            side,
            confidence,
          });
        if (name === 'mscorlib' && version?.startsWith('2.'))
          report({ key: 'CLR 2', evidence: `${from} names ${text}`, side, confidence });
        if (version === null) continue;
        const key = `${client.address}\0${server.address}\0${name}`;
        const before = versions.get(key);
        if (before === undefined) {
          if (versions.size < MOST) versions.set(key, version);
        } else if (before !== version)
          report({
            key: 'versions',
            formerKeys: [`versions ${name}`],
            evidence: `${name} in versions ${before} and ${version}`,
            side,
            confidence,
          });
      }
    }
  },
};
