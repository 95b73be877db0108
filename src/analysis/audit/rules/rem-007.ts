import { hasReceived } from '../../objects/remoting.js';
import type { Rule } from '../rule.js';

export const REM_007: Rule = {
  id: 'REM-007',
  title: 'An object that COM handed to one host is called through remoting by another',
  severity: 'high',
  shows:
    'GetSerializedBuffer gave an ObjRef to one host, and another one, to which no ObjRef of the object was seen to go, calls its URI over a remoting channel.',
  why: 'COM asked the first host who it is; the channel behind the ObjRef asks nobody. What was given to one client by authenticated DCOM is open to all that learn the URI.',
  fix: 'Do not register remoting channels in processes that export COM objects; where they are needed bind them to the loopback address and require authentication.',
  references: ['MS-IOI 1.3'],
  cwe: ['CWE-306', 'CWE-639'],
  attack: ['T1210'],
  prefilter: { over: 'channel' },
  call({ channel, remote, target, operation, client, confidence }, report) {
    if (!channel || !remote || target === null || target.ipid === null) return;
    if (hasReceived(target, client.address)) return;
    const { uri, ipid, receipts } = target;
    const askers = [...new Set([...receipts.values()].map(({ to }) => to))].join(', ');
    report({
      key: `uri ${uri}`,
      evidence: `${client.address} calls ${operation} at ${uri}, which ${askers} received`,
      object: { ipid },
      side: 'request',
      confidence,
    });
  },
};
