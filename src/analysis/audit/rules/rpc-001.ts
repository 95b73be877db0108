import type { Rule } from '../rule.js';

export const RPC_001: Rule = {
  id: 'RPC-001',
  title: 'The fragments of a call name different operations',
  severity: 'medium',
  shows: 'A fragment’s context id or operation number differs from that of the call’s first fragment.',
  why: 'Windows takes them from the first fragment, Samba from the last: what an inspecting device sees and what the server runs can be two things.',
  fix: 'Look at the sender. No library writes such calls.',
  references: ['Snort, inspector dce_tcp'],
  cwe: ['CWE-436'],
  attack: ['T1562'],
  pdu(pdu, report) {
    for (const note of pdu.recording.notes)
      if (note.code === 'fragment-mismatch') report({ key: 'mismatch', evidence: note.message });
  },
};
