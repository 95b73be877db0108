/** Reads one capture call by call: what `calls`, `objects`, `stats` and `vectors` share. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { dcerpc } from '../../dissectors/index.js';
import { CallList } from '../analysis/calls.js';
import type { CaptureEnd } from '../capture/open.js';
import { type ScanHandlers, scan } from '../engine/scan.js';
import { CaptureTeller } from './capture-teller.js';
import type { Job } from './run.js';

/** What a command may want to know beside the calls. */
export interface CallHandlers extends Pick<ScanHandlers<Pdu>, 'onBegin' | 'onProgress' | 'onAttempt'> {
  /** Each PDU, before its call is over. */
  onPdu?(pdu: Pdu): void;
}

/**
 * Hands out every call of a capture with its number, in the order of the requests. Odd things go to the job's notes,
 * and Ctrl-C ends the pass.
 */
export async function scanCalls(
  file: string,
  job: Job,
  onCall: (call: Call, number: number) => void,
  { onBegin, onProgress, onAttempt, onPdu }: CallHandlers,
  protocol = dcerpc(job),
): Promise<CaptureEnd> {
  const teller = new CaptureTeller(file, job);
  const list = new CallList((call, number) => {
    teller.call(call);
    onCall(call, number);
  }, job.limits);
  const end = await scan(
    file,
    protocol,
    { record: false, ports: job.ports, limits: job.limits, signal: job.signal },
    {
      onBegin,
      onProgress,
      onAttempt,
      onNote: (note) => job.note(file, note),
      onPdu(pdu) {
        teller.pdu(pdu);
        onPdu?.(pdu);
        list.add(pdu);
        return !job.interrupted;
      },
    },
  );
  list.end();
  teller.end(end, 'calls');
  return end;
}
