import { apartmentsIn, hostOf } from '../dcom.js';
import type { Rule } from '../rule.js';

/** Services that COM servers are reached under. */
const SERVICES: ReadonlySet<string> = new Set(['host', 'rpcss', 'rpc', 'restrictedkrbhost']);

export const DCOM_006: Rule = {
  id: 'DCOM-006',
  title: 'A security binding names another service or host',
  severity: 'high',
  shows:
    'The principal name in a security binding is an SPN of another service than host, rpcss or rpc, or of a host that no string binding names.',
  why: 'The client asks for a ticket for that SPN and sends it to the address in the string binding: authentication for one service, delivered to another machine.',
  fix: 'Find out which exporter tells it. Clients should name the principal they expect themselves (CoSetProxyBlanket) and servers should require signing.',
  references: ['MS-DCOM 2.2.19.4'],
  cwe: ['CWE-441', 'CWE-345'],
  attack: ['T1557', 'T1558'],
  prefilter: { facts: ['exported'], holds: ['objrefs'] },
  call({ facts, objrefs, server }, report) {
    const told = new Set<string>();
    const look = (
      hosts: readonly string[],
      security: readonly { readonly principal: string }[],
      side: 'request' | 'response',
    ): void => {
      for (const { principal } of security) {
        const why = wrong(principal, [...hosts, server.address]);
        if (why === null || told.has(principal)) continue;
        told.add(principal);
        report({ key: principal, evidence: `a security binding with the SPN ${principal}: ${why}`, side });
      }
    };
    for (const { hosts, security } of apartmentsIn(facts)) look(hosts, security, 'response');
    for (const { side, value } of objrefs)
      if (value.securityBindings !== undefined)
        look((value.bindings ?? []).map(hostOf), [...value.securityBindings], side);
  },
};

/** What is wrong with a principal name; null for accounts, and for what fits. */
function wrong(principal: string, hosts: readonly string[]): string | null {
  const [, service, host] = /^([^/\\@]+)\/([^/\\@:]+)/.exec(principal) ?? [];
  if (service === undefined) return null;
  if (!SERVICES.has(service.toLowerCase())) return `the service ${service}`;
  const short = (name: string): string => (/^[\d.]+$/.test(name) ? name : name.split('.')[0]);
  return hosts.some((h) => short(h) === short(host.toLowerCase()))
    ? null
    : `the host ${host} is none of the exporter’s`;
}
