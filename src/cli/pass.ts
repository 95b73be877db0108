/** The pass over one capture as every command makes it: odd things are said, and Ctrl-C ends it. */
import { dcerpc } from '../../dissectors/index.js';
import { type Listeners, type PassOptions, pass } from '../analysis/pass.js';
import type { CaptureEnd } from '../capture/open.js';
import { CaptureTeller } from './capture-teller.js';
import type { Job } from './run.js';

/** What a command wants of a capture. */
export interface Wants extends Listeners, Pick<PassOptions, 'record' | 'filter' | 'most'> {
  /** The protocol, where a command looks into it. */
  readonly protocol?: ReturnType<typeof dcerpc> | undefined;
}

/** Reads one capture. `note` hears what is said on standard error too. */
export async function passOver(file: string, job: Job, wants: Wants): Promise<CaptureEnd> {
  const { record, filter, most, protocol = dcerpc(job), ...on } = wants;
  const teller = new CaptureTeller(file, job, on.note);
  const end = await pass(
    file,
    protocol,
    { record, filter, most, ports: job.ports, limits: job.limits, signal: job.signal },
    {
      ...on,
      note: (note) => teller.note(note),
      pdu(pdu) {
        teller.pdu(pdu);
        return on.pdu?.(pdu) !== false && !job.interrupted;
      },
      ...(on.call === undefined
        ? {}
        : {
            call(call, number, matches) {
              teller.call(call);
              return on.call?.(call, number, matches);
            },
          }),
    },
  );
  // frames are there whatever they hold, and what lies behind the last that was wanted nobody knows
  if (on.frame === undefined && end.packets < (most ?? Number.POSITIVE_INFINITY))
    teller.end(end, on.call === undefined ? 'PDUs' : 'calls');
  return end;
}
