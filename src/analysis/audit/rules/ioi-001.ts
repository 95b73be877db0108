import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { type MessageParts, messageParts, shortType } from '../../../../dissectors/nrbf/index.js';
import { outcome } from '../../../../dissectors/outcome.js';
import type { Rule } from '../rule.js';
import { streamRange } from '../streams.js';

/** IRemoteDispatch hands a .NET message to the server's formatter. */
export const IOI_001: Rule = {
  id: 'IOI-001',
  title: 'The server deserializes a remote .NET message',
  severity: 'high',
  shows: 'IRemoteDispatch operation 7 or 8 is called (RemoteDispatchAutoDone, RemoteDispatchNotAutoDone).',
  why: 'The BSTR of the request goes to the .NET formatter of the server before any method is chosen. Whoever may call it chooses which types are made there, and chains of types that run code are public.',
  fix: 'Do not register serviced components for remote use; move the service to an interface whose parameters are plain COM types, or to a protocol without object graphs. Until then, allow remote launch and activation to few accounts and require packet privacy.',
  references: ['MS-IOI 3.1.4.2'],
  cwe: ['CWE-502'],
  attack: ['T1021.003', 'T1210'],
  prefilter: { facts: ['remoted'] },
  call({ call, facts, operation, remote, channel, confidence }, report) {
    const [remoted] = factsOfKind(facts, 'remoted');
    // over a channel of its own that is what remoting does: REM-001 looks at who may
    if (!remote || channel || remoted === undefined || call.request === null || outcome(call) === 'refused') return;
    const { message } = remoted;
    // sealed ones have no parameters
    if (call.in !== null && (message === null || message.bytes.length === 0)) return;
    const stream = message?.nrbf ?? null;
    const parts = stream === null ? null : messageParts(stream);
    report({
      key: 'message',
      formerKeys: [operation],
      weight: stream === null ? 0 : parts === null ? 1 : 2,
      evidence: stream === null ? `${operation}, contents not read` : `${operation} carries ${told(parts)}`,
      bytes: stream === null ? undefined : () => streamRange(stream),
      side: 'request',
      confidence,
    });
  },
};

function told(parts: MessageParts | null): string {
  if (parts === null) return 'an object graph that is no method call';
  return `the call ${shortType(parts.type)}.${parts.method} with ${parts.args.length} argument${parts.args.length === 1 ? '' : 's'}`;
}
