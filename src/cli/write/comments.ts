/** `--comment`: what clrscope says of a PDU, as comments of the packet that completed it. */

import { protocols } from '../../../dissectors/index.js';
import type { Pdu } from '../../../dissectors/pdu.js';
import { Audit, RULES } from '../../analysis/audit/index.js';
import { pass } from '../../analysis/pass.js';
import { safe } from '../../core/safe-text.js';
import { pduSummary } from '../../output/tree/summary.js';
import type { CaptureFiles, Job } from '../job.js';

/** Characters of a comment: more is in what clrscope prints. */
const MOST = 8000;
/** Comments of a packet: a capture may warn of each of ten thousand values. */
const MOST_EACH = 100;

/** A PDU's line, and its warnings, one comment each. */
export function commentsOf(pdu: Pdu): string[] {
  const lines = [pduSummary(pdu), ...pdu.recording.notes.map(({ code, message }) => `⚠ ${code}: ${message}`)];
  return lines.slice(0, MOST_EACH).map(comment);
}

/** What is found of a frame, by its number. */
export type Findings = ReadonlyMap<number, readonly string[]>;

/** Findings of an audit of one capture, by frames that show them: the first of each (`KEPT.frames`). */
export async function findingsOf({ name, files }: CaptureFiles, job: Job): Promise<Findings> {
  const audit = new Audit(RULES, job.limits);
  audit.begin(name);
  const { ports, limits, signal } = job;
  const options = { ports, limits, signal };
  await pass(files, protocols(job), options, {
    pdu: (pdu) => {
      audit.pdu(pdu);
      return !job.interrupted;
    },
    attempt: (attempt) => audit.attempt(attempt),
  });
  audit.end();
  const found = new Map<number, string[]>();
  for (const { rule, severity, evidences, places } of audit.result().findings)
    for (const frame of places.flatMap(({ frames }) => frames)) {
      const said = found.get(frame) ?? [];
      const why = evidences.length === 0 ? '' : `: ${evidences[0].text}`;
      said.push(comment(`audit: ${rule.id} ${severity}: ${rule.title}${why}`));
      found.set(frame, said);
    }
  return found;
}

function comment(text: string): string {
  const said = safe(text);
  return said.length > MOST ? `${said.slice(0, MOST)}…` : said;
}
