import type { NrbfStream } from '../../../../dissectors/nrbf/index.js';
import { addressesOf, plainUri } from '../../objects/remoting.js';
import { GADGETS, gadgetsIn } from '../gadgets.js';
import { objRefsTo, typesIn } from '../remoting.js';
import type { Rule } from '../rule.js';
import { streamFacts, streamRange } from '../streams.js';

const DATA_SET = 'System.Data.DataSet';

/** DataSets are everyday things of remoting: only one that holds streams of the formatter by itself is made to attack. */
function isBinary(stream: NrbfStream): boolean {
  const members = streamFacts(stream).classes.get(DATA_SET)?.members ?? [];
  return members.some((name) => name.startsWith('DataSet.Tables_'));
}

export const REM_003: Rule = {
  id: 'REM-003',
  title: 'A remoting message carries what attacks its receiver',
  severity: 'critical',
  shows:
    'A remoting message names a type that is known to run code when it is deserialized (a DataSet where it holds tables in binary form, as only one with RemotingFormat Binary does by itself), or a request holds an ObjRef whose channel is neither its sender’s nor its receiver’s.',
  why: 'Deserializing such a graph runs what its author chose, before any method is called. An ObjRef to a third host makes the receiver connect there and deserialize what comes back.',
  fix: 'Find out who sent it, and take the receiving process for compromised until shown otherwise. Close the channel to everybody who need not reach it (REM-001).',
  references: ['CWE-502', 'ysoserial.net', 'ExploitRemotingService'],
  cwe: ['CWE-502', 'CWE-441'],
  attack: ['T1210', 'T1059'],
  prefilter: { over: 'channel' },
  call(subject, report) {
    const { channel, streams, client, server, confidence } = subject;
    if (!channel) return;
    for (const { side, value: stream } of streams) {
      const victim = side === 'request' ? server.address : client.address;
      for (const { key, what, record } of gadgetsIn(stream)) {
        if (key === DATA_SET && !isBinary(stream)) continue;
        const bytes = () => streamRange(stream, record);
        report({ key, evidence: `${what} in what ${victim} deserializes`, bytes, side, confidence });
      }
    }
    for (const side of ['request', 'response'] as const) {
      const victim = side === 'request' ? server.address : client.address;
      // those of the binary formatter have their bytes, and were told
      for (const [name, bytes] of typesIn(subject, side))
        if (bytes === undefined && GADGETS.has(name) && name !== DATA_SET)
          report({ key: name, evidence: `${name} in what ${victim} deserializes`, side, confidence });
    }
    for (const { uri, channels } of objRefsTo(subject, 'request')) {
      const hosts = addressesOf(channels);
      if (hosts.length === 0 || hosts.includes(client.address) || hosts.includes(server.address)) continue;
      report({
        key: `channel ${hosts[0]}`,
        evidence: `an ObjRef from ${client.address} to ${uri === null ? 'an object' : plainUri(uri)} leads to ${channels[0]}, which is another host`,
        side: 'request',
        confidence,
      });
    }
  },
};
