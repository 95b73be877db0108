import type { Rule } from '../rule.js';
import { streamFacts, streamRange } from '../streams.js';

export const IOI_005: Rule = {
  id: 'IOI-005',
  title: 'An ObjRef leads to a remoting channel',
  severity: 'critical',
  shows:
    'The channel data of an ObjRef names a host other than the peer that sent it, or a channel with an http, tcp or ipc scheme.',
  why: 'Whoever deserializes the ObjRef makes a proxy and speaks .NET remoting to the address in it: to a host of the sender’s choice, or to an endpoint of the server that takes object graphs from anybody who knows its URI. A leaked URI is enough to call it (CVE-2024-29059).',
  fix: 'Do not register tcp, http or ipc channels in processes that export COM objects; where they are needed bind them to the loopback address and require authentication. Treat URIs of objects as secrets that were published.',
  references: ['CVE-2024-29059'],
  cwe: ['CWE-502', 'CWE-441'],
  attack: ['T1210', 'T1557'],
  prefilter: { holds: ['streams'] },
  call({ streams, client, server, channel, confidence }, report) {
    // in messages of remoting REM-003 looks
    if (channel) return;
    for (const { side, value: stream } of streams) {
      const sender = side === 'request' ? client.address : server.address;
      for (const { record, objRef } of streamFacts(stream).objRefs)
        for (const uri of objRef.channels) {
          const [, scheme, host] = CHANNEL.exec(uri) ?? [];
          if (scheme === undefined) continue;
          const named = host.replace(/^\[(.*)\]$/, '$1');
          const elsewhere = /^[\d.]+$|:/.test(named) && named !== sender;
          if (!elsewhere && !SCHEMES.has(scheme.toLowerCase())) continue;
          // where every client has a channel of its own for calls back, that is one cause at their server
          const isOwn = side === 'request' && !elsewhere;
          report({
            key: isOwn ? `of clients ${scheme.toLowerCase()}` : uri,
            ...(isOwn ? { formerKeys: [uri], topic: uri } : {}),
            evidence: `an ObjRef from ${sender} names the channel ${uri}${elsewhere ? ', which is another host' : ''}`,
            bytes: () => streamRange(stream, record),
            side,
            confidence,
          });
        }
    }
  },
};

const CHANNEL = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]*\]|[^/:]*)/i;
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'tcp', 'ipc']);
