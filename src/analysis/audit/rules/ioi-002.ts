import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { operationText } from '../../../../dissectors/ndr/interface.js';
import { describeItem } from '../../../../dissectors/nrbf/index.js';
import type { Rule } from '../rule.js';
import { plainName, streamFacts, streamRange } from '../streams.js';

/** GetSerializedBuffer makes the caller deserialize. */
export const IOI_002: Rule = {
  id: 'IOI-002',
  title: 'The client deserializes what a server sent',
  severity: 'high',
  shows: 'A GetSerializedBuffer reply with a .NET object graph crosses from one host to another.',
  why: 'The client gives the bytes to its own formatter. A rogue or taken-over exporter, or whoever answers in its place, attacks every .NET client that asks.',
  fix: 'Let .NET clients use only servers that they authenticate, at packet integrity or above; hand out interfaces that no managed object stands behind, or objects that are marshalled by COM alone.',
  references: ['MS-IOI 3.1.4.1.1'],
  cwe: ['CWE-502'],
  attack: ['T1210'],
  prefilter: { facts: ['serialized'] },
  call({ call, facts, remote, confidence }, report) {
    const buffer = factsOfKind(facts, 'serialized')[0]?.buffer;
    if (!remote || !buffer?.nrbf) return;
    const stream = buffer.nrbf;
    const [objRef] = streamFacts(stream).objRefs;
    const root = objRef?.objRef.type != null ? `an ObjRef to ${plainName(objRef.objRef.type)}` : rootText(stream);
    report({
      key: 'buffer',
      formerKeys: [root],
      weight: objRef === undefined ? 0 : 1,
      evidence: `${operationText(call)} returned ${buffer.bytes.length} bytes that hold ${root}`,
      bytes: () => streamRange(stream),
      side: 'response',
      confidence,
    });
  },
};

/** The root's type, without its values. */
function rootText(stream: Parameters<typeof describeItem>[0]): string {
  const [first] = streamFacts(stream).classes.values();
  if (first !== undefined) return `an object of class ${first.name}`;
  return /^[\w.<>]+(?:\[[\d, ]*\])?/.exec(describeItem(stream, stream.root, 0, 60))?.[0] ?? 'an object graph';
}
