import type { Rule } from '../rule.js';
import { rangeIn, streamRange } from '../streams.js';

/** Notes of the NRBF reader that say that two parts of a stream disagree. */
const CONTRADICTIONS: ReadonlySet<string> = new Set([
  'flags-exclusive',
  'dangling-reference',
  'duplicate-id',
  'duplicate-library',
  'unknown-library',
  'message-not-first',
  'missing-call-array',
  'missing-root',
  'misplaced-record',
]);

export const IOI_011: Rule = {
  id: 'IOI-011',
  title: 'An object graph contradicts itself',
  severity: 'medium',
  shows:
    'Message flags that exclude each other, references and libraries that lead nowhere, ids given twice, or bytes behind MessageEnd.',
  why: 'Writers of .NET make no such streams. Readers resolve contradictions differently, which is how checks in front of a formatter are passed. Bytes behind MessageEnd belong to nobody: memory of the sender, or something hidden.',
  fix: 'Find out which program wrote it. A buffer that is longer than its stream should be cut to length by its writer.',
  references: ['MS-NRBF 2.2.2.1'],
  cwe: ['CWE-20'],
  attack: ['T1210'],
  prefilter: { holds: ['bstrs', 'messages'] },
  call({ bstrs, messages, confidence }, report) {
    for (const { side, value } of [...bstrs, ...messages]) {
      const stream = value.nrbf;
      if (stream === null) continue;
      const said = new Set<string>();
      for (const { code, message, offset } of stream.warnings) {
        if (!CONTRADICTIONS.has(code) || said.has(code)) continue;
        said.add(code);
        const bytes = () =>
          offset === null ? streamRange(stream) : rangeIn(stream, offset, Math.min(offset + 1, value.bytes.length));
        report({ key: code, evidence: message, bytes, side, confidence });
      }
      const trailing = value.bytes.length - stream.length;
      // one byte may fill up the last of the BSTR's words
      if (!stream.ended || trailing < 2) continue;
      report({
        key: 'trailing',
        topic: 'trailing',
        weight: trailing,
        evidence: `${trailing} bytes behind MessageEnd, at byte ${stream.length} of ${value.bytes.length}`,
        bytes: () => rangeIn(stream, stream.length, value.bytes.length),
        side,
        confidence,
      });
    }
  },
};
