import type { NrbfRecord, NrbfStream } from '../../../../dissectors/nrbf/index.js';
import { latin1Bytes } from '../../../core/bytes.js';
import type { Rule } from '../rule.js';
import { eachText, streamRange } from '../streams.js';

export const IOI_006: Rule = {
  id: 'IOI-006',
  title: 'A message carries a marshalled COM object inside',
  severity: 'critical',
  shows: 'A byte array or a string (as base64) in an NRBF stream begins as an OBJREF does: MEOW and a kind.',
  why: 'Types that unmarshal an OBJREF while they are deserialized connect to the exporter it names, with the receiver’s identity, and hand back a COM object that runs in its process. ExploitRemotingService passes type filters that way.',
  fix: 'Take it for an attack until its sender is known. Close the path that carried it (IOI-001, IOI-002).',
  references: ['ExploitRemotingService'],
  cwe: ['CWE-502'],
  attack: ['T1210', 'T1021.003'],
  prefilter: { holds: ['streams'] },
  call({ streams, confidence }, report) {
    for (const { side, value: stream } of streams) {
      const record = find(stream);
      if (record === null) continue;
      report({
        key: 'OBJREF',
        evidence: `an OBJREF of ${record.end - record.offset} bytes in an NRBF ${record.type === 6 ? 'string' : 'byte array'}`,
        bytes: () => streamRange(stream, record),
        side,
        confidence,
      });
    }
  },
};

/** MEOW and its kind in base64. */
const ENCODED = /^TUVPV[A-Za-z\d+/]{7}/;

/** The first byte array or string that holds an OBJREF. */
function find(stream: NrbfStream): NrbfRecord | null {
  for (const record of stream.records) {
    if (typeof record === 'number') continue;
    if ((record.type === 7 || record.type === 15) && record.data !== null && isObjref(record.data)) return record;
  }
  let found: NrbfRecord | null = null;
  eachText(stream, (text, _member, record) => {
    const [encoded] = ENCODED.exec(text) ?? [];
    if (encoded !== undefined && isObjref(latin1Bytes(atob(encoded)))) found = record;
    return found === null;
  });
  return found;
}

function isObjref(b: Uint8Array): boolean {
  if (b.length < 8 || b[0] !== 0x4d || b[1] !== 0x45 || b[2] !== 0x4f || b[3] !== 0x57) return false;
  return [1, 2, 4, 8].includes(b[4]) && b[5] === 0 && b[6] === 0 && b[7] === 0;
}
