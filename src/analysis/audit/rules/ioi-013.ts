import type { Rule } from '../rule.js';
import { streamFacts, streamRange } from '../streams.js';

/** Elements that a stream may claim before anybody asks how they fit in. */
const FREE = 1_000_000;
/** Elements for a byte: a real array of nulls has 255 in 2 bytes, or a run in 5; a graph of such arrays is the odd one. */
const PER_BYTE = 1000;
/** Records inside records: writers of .NET put objects one behind the other, only structures stand inside. */
const DEEP = 200;

export const IOI_013: Rule = {
  id: 'IOI-013',
  title: 'A small message claims to be very large',
  severity: 'high',
  shows:
    'Arrays and null runs of an NRBF stream stand for millions of elements in few bytes, a declared size cannot be true, or records are nested hundreds deep.',
  why: 'A reader that allocates what is declared runs out of memory, one that recurses out of stack: a few bytes stop the process.',
  fix: 'Limit message sizes and authenticate callers before anything is deserialized.',
  references: ['CWE-400'],
  cwe: ['CWE-400', 'CWE-674'],
  attack: ['T1499.004'],
  prefilter: { holds: ['streams'] },
  call({ streams, confidence }, report) {
    for (const { side, value: stream } of streams) {
      const { depth, nulls, elements } = streamFacts(stream);
      const bytes = () => streamRange(stream);
      const claimed = Math.max(nulls, elements);
      if (claimed > FREE && claimed > stream.length * PER_BYTE)
        report({
          key: 'elements',
          evidence: `${claimed} elements in ${stream.length} bytes`,
          bytes,
          side,
          confidence,
        });
      if (depth > DEEP) report({ key: 'depth', evidence: `records nested ${depth} deep`, bytes, side, confidence });
      const limit = stream.warnings.find((w) => w.code === 'limit');
      if (limit !== undefined) report({ key: 'limit', evidence: limit.message, bytes, side, confidence });
    }
  },
};
