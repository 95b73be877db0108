import { isGenerated } from '../../../../dissectors/nrbf/index.js';
import { hasReceived } from '../../objects/remoting.js';
import type { Rule } from '../rule.js';

/** The object that takes activations; others than IActivator’s calls are not what it is there for. */
const ACTIVATION_SERVICE = /(?:^|\/)RemoteActivationService\.rem$/i;

export const REM_004: Rule = {
  id: 'REM-004',
  title: 'An object is called by a host that was not given it',
  severity: 'high',
  shows:
    'A call to a URI that remoting made up, of an object whose ObjRef was seen to go to other hosts alone; a call for the lease of an object, or to a lease, by such a host; a call to RemoteActivationService.rem that activates nothing.',
  why: 'URIs with a GUID are secrets: who knows one can call the object behind it. Leases and the activation service are there whatever the application’s own objects are, and are called by tools that know no others. URIs leak by error messages and answers (CVE-2024-29059).',
  fix: 'Find out where the client has the URI from. Require authentication on the channel, and allow known hosts alone.',
  references: ['CVE-2024-29059', 'ExploitRemotingService'],
  cwe: ['CWE-639', 'CWE-306'],
  attack: ['T1210'],
  prefilter: { over: 'channel' },
  call({ channel, remote, target, facts, messages, operation, client, confidence }, report) {
    // what came by way of COM is told by REM-007
    if (!channel || !remote || target === null || target.ipid !== null) return;
    const { uri, receipts } = target;
    const tell = (key: string, evidence: string): void => report({ key, evidence, side: 'request', confidence });
    if (ACTIVATION_SERVICE.test(uri)) {
      const isRead = messages.some(({ side }) => side === 'request');
      if (isRead && !facts.some(({ kind }) => kind === 'constructed'))
        tell('activation service', `${operation} is called at ${uri}`);
      return;
    }
    // where no ObjRef was seen, it may have gone out before the capture began
    if (receipts.size === 0 || hasReceived(target, client.address)) return;
    const holders = [...new Set([...receipts.values()].map(({ to }) => to))].join(', ');
    if (isGenerated(uri)) tell(`uri ${uri}`, `${client.address} calls ${uri}, whose ObjRef went to ${holders}`);
    else if (facts.some(({ kind }) => kind === 'leased'))
      tell(`lease ${uri}`, `${client.address} asks for the lease of ${uri}, whose ObjRef went to ${holders}`);
  },
};
