/** What is run on both machines, and must say the same: a capture to the JSON of its calls, PDUs and audit. */
import { allFields, LAYER_ALIASES, protocols } from '../../dissectors/index.js';
import { Audit, RULES, reportOf } from '../../src/analysis/audit/index.js';
import { CallList } from '../../src/analysis/calls.js';
import { type CaptureInput, UnreadableInput } from '../../src/capture/open.js';
import { scan } from '../../src/engine/scan.js';
import { compileFilter, FieldTable } from '../../src/filter/index.js';
import { auditHtml } from '../../src/output/audit/html.js';
import { callToJson } from '../../src/output/calls/json.js';
import { renderHex } from '../../src/output/tree/hex.js';
import { pduToJson } from '../../src/output/tree/pdu-json.js';
import { renderTree } from '../../src/output/tree/tree.js';
import { loadSecrets } from '../../src/security/index.js';
import { frameOf } from '../frame.js';

const FILTER = 'dcerpc.cn_frag_len > 100 && dcerpc matches "m.o.w"';

/** Everything that is told of a capture, as JSON text; or why it cannot be read. */
export async function dissect(input: CaptureInput, secrets?: string): Promise<string> {
  const calls: unknown[] = [];
  const pdus: unknown[] = [];
  const notes: unknown[] = [];
  const audit = new Audit(RULES);
  audit.begin('capture');
  const list = new CallList((call, number) => calls.push(callToJson(call, number, 'capture', { full: true })));
  const protocol = protocols({ secrets: secrets === undefined ? null : await loadSecrets(secrets) });
  const filter = compileFilter(FILTER, new FieldTable(allFields(), LAYER_ALIASES));
  const matched: boolean[] = [];
  try {
    const end = await scan(
      input,
      protocol,
      { record: true },
      {
        onPdu(pdu) {
          const { roots, sources } = pdu.recording;
          pdus.push(pduToJson(pdu, true), renderTree(roots, { color: true, width: 120 }), renderHex(sources, false));
          matched.push(filter.matches(frameOf(pdus.length, [roots])));
          list.add(pdu);
          audit.pdu(pdu);
        },
        onNote: (note) => notes.push(note),
      },
    );
    list.end();
    audit.end();
    const page = auditHtml(reportOf(audit.result(), null, '1.0.0'), new Date(0));
    return JSON.stringify({ calls, pdus, matched, notes, end, page });
  } catch (e) {
    if (e instanceof UnreadableInput) return e.message;
    throw e;
  }
}
