/**
 * The same pass, frame by frame: what display filters and columns see. A frame has its layers (link, network,
 * transport) and the PDUs that it completed; trees are always made.
 */
import type { CaptureEnd } from '../capture/open.js';
import type { Time, TransportPdu } from '../core/context.js';
import type { Protocol } from '../core/dissector.js';
import type { Node } from '../core/node.js';
import type { Recording } from '../core/recording.js';
import { type DissectLayers, FrameLayers } from './frame-layers.js';
import { type ScanHandlers, type ScanOptions, scan } from './scan.js';

/** A PDU as far as frames care. */
interface Recorded {
  readonly transport: TransportPdu;
  readonly recording: Recording;
}

/** One frame. `roots` holds the trees of its layers first, then those of each PDU. */
export interface Frame<P> {
  readonly number: number;
  readonly time: Time;
  readonly roots: readonly (readonly Node[])[];
  readonly pdus: readonly P[];
}

/** Frames whose layers are remembered for PDUs that come out late. */
const REMEMBERED = 512;

/**
 * Runs a protocol over one capture and hands out every frame behind its PDUs; returning false ends the pass.
 * PDUs that come out later than the frame that carried their last byte (a gap was given up, the capture ended)
 * are handed out as a frame of that number once more; its layers are there if it is not too long ago.
 */
export async function scanFrames<P extends Recorded>(
  input: string,
  protocol: Protocol<P>,
  dissectLayers: DissectLayers,
  options: Omit<ScanOptions, 'record'>,
  onFrame: (frame: Frame<P>) => unknown,
  handlers: Pick<ScanHandlers<P>, 'onNote' | 'onProgress'>,
): Promise<CaptureEnd> {
  const made = new FrameLayers(dissectLayers, options.limits);
  let current: { number: number; time: Time; roots: Node[][]; pdus: P[] } | null = null;
  let late: P[] = [];
  const recent = new Map<number, Node[]>();
  let going = true;
  const emit = (frame: Frame<P>): void => {
    if (going && onFrame(frame) === false) going = false;
  };
  const flush = (): void => {
    made.finish();
    const frame = current;
    current = null;
    if (frame !== null) emit(frame);
    const pdus = late;
    late = [];
    for (const pdu of pdus) {
      const { frames, time } = pdu.transport;
      const number = frames[frames.length - 1];
      const layers = recent.get(number);
      const roots = layers === undefined ? [pdu.recording.roots] : [layers, pdu.recording.roots];
      emit({ number, time, roots, pdus: [pdu] });
    }
  };
  return scan<P>(
    input,
    protocol,
    { ...options, record: true },
    {
      ...handlers,
      onPacket(packet) {
        const { number, sec, nsec } = packet;
        const roots = made.begin(packet);
        recent.set(number, roots);
        recent.delete(number - REMEMBERED);
        current = { number, time: { sec, nsec }, roots: [roots], pdus: [] };
        return going;
      },
      onTransport: made.transport,
      onPdu(pdu) {
        const { frames } = pdu.transport;
        if (current !== null && frames[frames.length - 1] === current.number) {
          current.roots.push(pdu.recording.roots);
          current.pdus.push(pdu);
        } else late.push(pdu);
      },
      afterPacket: flush,
    },
  );
}
