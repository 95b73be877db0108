/** The pass over one capture as every command makes it: odd things are said, and Ctrl-C ends it. */
import { protocols } from '../../dissectors/index.js';
import { type Listeners, type PassOptions, pass } from '../analysis/pass.js';
import type { CaptureEnd } from '../capture/open.js';
import type { Hosts } from '../core/hosts.js';
import { CaptureTeller } from './capture-teller.js';
import type { CaptureFiles, Job } from './job.js';

/** What a command wants of a capture. */
export interface Wants
  extends Listeners,
    Pick<PassOptions, 'record' | 'live' | 'callsAlone' | 'filter' | 'asked' | 'most' | 'limits'> {
  /** Learns what the capture calls hosts. */
  readonly hosts?: Hosts;
  /** What is said where the filter lets nothing through. */
  readonly unmatched?: () => string;
}

/** Reads one capture. `note` hears what is said on standard error too. */
export async function passOver({ name, files, copies }: CaptureFiles, job: Job, wants: Wants): Promise<CaptureEnd> {
  const { record, live, callsAlone, filter, asked, most, limits = job.limits, hosts, unmatched, ...on } = wants;
  const teller = new CaptureTeller(name, job, on.note);
  let rows = 0;
  const counted = <T>(listener?: (what: T) => unknown): typeof listener =>
    listener &&
    ((what) => {
      rows++;
      return listener(what);
    });
  const end = await pass(
    files.map((file, at) => (copies === undefined ? file : { name: file, copyAt: copies[at] })),
    protocols({ ...job, limits }),
    { record, live, callsAlone, filter, asked, most, ports: job.ports, limits, signal: job.signal },
    {
      ...on,
      name: hosts && (({ address, names }) => hosts.learn(address, names)),
      frame: counted(on.frame),
      shown: counted(on.shown),
      note: (note) => teller.note(note),
      pdu(pdu, call) {
        teller.pdu(pdu);
        return on.pdu?.(pdu, call) !== false && !job.interrupted;
      },
      call:
        on.call &&
        ((call, number, matches) => {
          teller.call(call);
          if (matches) rows++;
          return on.call?.(call, number, matches);
        }),
    },
  );
  // rows of frames are there whatever these hold, and what lies behind the last that was wanted nobody knows
  if ((on.frame === undefined || rows === 0) && end.packets < (most ?? Number.POSITIVE_INFINITY))
    teller.end(
      end,
      on.call === undefined ? 'PDUs' : 'calls',
      filter === undefined || rows > 0 ? null : (unmatched?.() ?? 'the filter matches none of them'),
    );
  return end;
}
