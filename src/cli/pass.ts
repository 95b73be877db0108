/** The pass over one capture as every command makes it: odd things are said, and Ctrl-C ends it. */
import type { Call } from '../../dissectors/dcerpc/connection.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { dcerpc } from '../../dissectors/index.js';
import { type Listeners, type PassOptions, pass } from '../analysis/pass.js';
import type { CaptureEnd } from '../capture/open.js';
import { MOST_WAITING } from '../engine/window.js';
import { CaptureTeller } from './capture-teller.js';
import type { Job } from './job.js';

/** What a command wants of a capture. */
export interface Wants extends Listeners, Pick<PassOptions, 'record' | 'filter' | 'asked' | 'most' | 'limits'> {}

/** Reads one capture. `note` hears what is said on standard error too. */
export async function passOver(file: string, job: Job, wants: Wants): Promise<CaptureEnd> {
  const { record, filter, asked, most, limits = job.limits, ...on } = wants;
  const teller = new CaptureTeller(file, job, on.note);
  let rows = 0;
  const { share } = job;
  // PDUs and calls that are described here: trees are made of these alone
  const described = new WeakSet<Pdu | Call>();
  let pdus = 0;
  let calls = 0;
  let takes = true;
  const takesNext = (): boolean => {
    takes = share.takes(pdus++);
    return takes && pdus + MOST_WAITING > share.part.from;
  };
  const takesCall = (call: Call): boolean => {
    const here = share.takes(calls++);
    if (here) described.add(call);
    return here;
  };
  // the lines of PDUs tell warnings of their calls' other PDUs
  const describes = on.call === undefined ? undefined : takesCall;
  const end = await pass(
    file,
    dcerpc({ ...job, limits, describes }),
    { record: record === true ? takesNext : record, filter, asked, most, ports: job.ports, limits, signal: job.signal },
    {
      ...on,
      frame:
        on.frame &&
        ((frame) => {
          rows++;
          return share.row(true, () => on.frame?.(frame));
        }),
      shown:
        on.shown &&
        ((pdu) => {
          rows++;
          return share.row(described.has(pdu), (here) => (here ? on.shown?.(pdu) : true));
        }),
      note: (note) => teller.note(note),
      pdu(pdu) {
        if (on.shown !== undefined && record !== true) takesNext();
        if (takes) described.add(pdu);
        teller.pdu(pdu);
        // calls that are open then are not over in all threads
        if (job.interrupted && share.part.taken !== null) share.over = true;
        const going = on.pdu === undefined || share.beside(() => on.pdu?.(pdu) !== false);
        return going && !job.interrupted && !share.over;
      },
      attempt: on.attempt && ((attempt) => share.beside(() => on.attempt?.(attempt))),
      call:
        on.call &&
        ((call, number, matches) => {
          if (share.over) return false;
          teller.call(call);
          // one that does not match is only learnt from, and so is one that another thread describes
          if (!matches) return on.call?.(call, number, false);
          rows++;
          return share.row(described.has(call), (here) => on.call?.(call, number, here));
        }),
    },
  );
  // rows of frames are there whatever these hold, and what lies behind the last that was wanted nobody knows
  if (share.over) return end;
  if ((on.frame === undefined || rows === 0) && end.packets < (most ?? Number.POSITIVE_INFINITY))
    teller.end(end, on.call === undefined ? 'PDUs' : 'calls', filter !== undefined && rows === 0);
  return end;
}
