/**
 * The same pass, frame by frame: what display filters and columns see. A frame has its layers (link, network,
 * transport) and the PDUs that it completed; trees are always made.
 */
import type { CaptureEnd, CaptureInput } from '../capture/open.js';
import type { TransportPdu } from '../core/context.js';
import type { Protocol } from '../core/dissector.js';
import type { Frame } from '../core/frame.js';
import type { Node } from '../core/node.js';
import type { Recording } from '../core/recording.js';
import { type DissectLayers, FrameLayers } from './frame-layers.js';
import { lastFrame } from './in-order.js';
import { type ScanHandlers, type ScanOptions, scan } from './scan.js';
import { costOf, Window } from './window.js';

/** A PDU as far as frames care. */
interface Recorded {
  readonly transport: TransportPdu;
  readonly recording: Recording;
}

/** A frame of which PDUs may still come. */
interface Waiting<P> extends Frame<P> {
  readonly roots: (readonly Node[])[];
  readonly pdus: P[];
}

/** What a pass over frames may want beside them. */
export interface FrameHandlers<P> extends Omit<ScanHandlers<P>, 'onPdu' | 'onTransport' | 'afterPacket'> {
  /** Frames to read; the pass ends behind the last of them. */
  readonly most?: number | undefined;
}

/**
 * Runs a protocol over one capture and hands out every frame once, in order, with the PDUs that it completed;
 * returning false ends the pass. While the streams hold PDUs back because bytes in front of them are missing, frames
 * wait for these. A PDU whose end never came comes out when its connection or the capture ends, when its frame is
 * long gone: it is handed out in a frame that is `late`.
 */
export async function scanFrames<P extends Recorded>(
  input: CaptureInput,
  protocol: Protocol<P>,
  dissectLayers: DissectLayers,
  options: Omit<ScanOptions, 'record'>,
  onFrame: (frame: Frame<P>) => unknown,
  { most = Number.POSITIVE_INFINITY, ...handlers }: FrameHandlers<P>,
): Promise<CaptureEnd> {
  const made = new FrameLayers(dissectLayers, options.limits);
  let waiting: Waiting<P>[] = [];
  const window = new Window();
  let going = true;
  const emit = (frame: Frame<P>): void => {
    if (going && onFrame(frame) === false) going = false;
  };
  const flush = (before: number): void => {
    const ready = waiting.filter((frame) => frame.number < before);
    waiting = waiting.slice(ready.length);
    for (const frame of ready) {
      for (const { recording } of frame.pdus) window.remove(costOf(recording));
      emit(frame);
    }
  };
  return scan<P>(
    input,
    protocol,
    { ...options, record: true },
    {
      ...handlers,
      onPacket(packet) {
        if (handlers.onPacket?.(packet) === false) return false;
        const { number, sec, nsec } = packet;
        waiting.push({ number, time: { sec, nsec }, roots: [made.begin(packet)], pdus: [], late: false });
        return going;
      },
      onTransport: made.transport,
      onPdu(pdu) {
        const number = lastFrame(pdu);
        // every packet is a frame, so that they stand as they are numbered
        const frame = waiting.length === 0 ? undefined : waiting[number - waiting[0].number];
        if (frame === undefined) {
          emit({ number, time: pdu.transport.time, roots: [pdu.recording.roots], pdus: [pdu], late: true });
          return going;
        }
        frame.roots.push(pdu.recording.roots);
        frame.pdus.push(pdu);
        window.add(costOf(pdu.recording));
        return going;
      },
      afterPacket(streams) {
        made.finish();
        const latest = waiting.length === 0 ? 0 : waiting[waiting.length - 1].number;
        if (latest >= most) {
          streams.giveUp(Number.POSITIVE_INFINITY);
          flush(Number.POSITIVE_INFINITY);
          return false;
        }
        if (!streams.holds) flush(Number.POSITIVE_INFINITY);
        else if (window.isFull(waiting.length)) {
          const middle = waiting[waiting.length >> 1].number;
          streams.giveUp(middle);
          flush(middle);
        }
        return going;
      },
    },
  );
}
