/**
 * The same pass, frame by frame: what display filters and columns see. A frame has its layers (link, network,
 * transport) and the PDUs that it completed. Trees are made of what may match, and of what is asked for.
 */
import type { CaptureEnd, CaptureInput, Packet } from '../capture/open.js';
import type { Time, TransportPdu } from '../core/context.js';
import type { Protocol } from '../core/dissector.js';
import type { Asked, Frame, FrameTest } from '../core/frame.js';
import { type Node, PROTOCOLS } from '../core/node.js';
import type { Recording } from '../core/recording.js';
import { type DissectLayers, FrameLayers, type Layers } from './frame-layers.js';
import { lastFrame } from './in-order.js';
import { type ScanHandlers, type ScanOptions, scan } from './scan.js';
import { Window } from './window.js';

/** A PDU as far as frames care. */
interface Recorded {
  readonly transport: TransportPdu;
  readonly recording: Recording;
}

/** What a pass over frames may want beside them. */
export interface FrameHandlers<P> extends Omit<ScanHandlers<P>, 'onPdu' | 'onWhole' | 'onCustom' | 'afterPacket'> {
  /** Which frames match; all where it is left out. */
  readonly filter?: FrameTest | undefined;
  /**
   * What is asked of frames that match: they are valid during the call only, and have what is asked for. All their
   * trees are made where it is left out, and last.
   */
  readonly asked?: Asked | undefined;
  /** Whether frames are of interest that completed no PDU; they are where it is left out. */
  readonly bare?: boolean | undefined;
  /** Behind each packet, and in pauses: all frames up to that number were handed out, or do not match. */
  readonly onHanded?: ((upTo: number) => void) | undefined;
  /** Frames to read; the pass ends behind the last of them. */
  readonly most?: number | undefined;
}

/**
 * Runs a protocol over one capture and hands out, in order and once, every frame that matches, and those that completed
 * PDUs, with these; returning false ends the pass. While the streams hold PDUs back because bytes in front of them are
 * missing, frames wait for these. A PDU whose end never came comes out when its connection or the capture ends, when
 * its frame is long gone: it is handed out in a frame that is `late`.
 * @param options trees of all PDUs of frames that match are made with `record`
 */
export async function scanFrames<P extends Recorded>(
  input: CaptureInput,
  protocol: Protocol<P>,
  dissectLayers: DissectLayers,
  { record = false, ...options }: Omit<ScanOptions, 'record'> & { readonly record?: boolean | undefined },
  onFrame: (frame: Frame<P>, matches: boolean) => unknown,
  { most = Number.POSITIVE_INFINITY, filter, asked, bare = true, onHanded, onTransport, ...handlers }: FrameHandlers<P>,
): Promise<CaptureEnd> {
  const ofLayers = asked === undefined || asked.ofLayers || filter?.ofLayers === true;
  const ofPdus = record || asked === undefined || asked.ofPdus || filter?.ofPdus === true;
  /** What the filter says of every frame without PDUs. */
  const withoutPdus = filter === undefined ? true : filter.foresees(NOTHING, 'pdus');
  const wantsBare = bare && withoutPdus !== false;
  const layers = new FrameLayers(dissectLayers, asked && (filter ? [filter, asked] : [asked]), options.limits);
  const waiting = new Map<number, OpenFrame<P>>();
  const window = new Window();
  let packet: Packet | null = null;
  /** The frame at hand, where it is of interest already. */
  let open: OpenFrame<P> | null = null;
  /** All frames up to this one were handed out, those that are of no interest too, but for those that wait. */
  let handed = 0;
  /** The same, but for those that a pause of a pipe left behind. */
  let decided = 0;
  let latest = 0;
  let going = true;

  /** The frame of the packet at hand. */
  const current = (p: Packet): OpenFrame<P> => {
    const { sec, nsec, units } = p;
    open ??= new OpenFrame(p.number, { sec, nsec, units }, ofLayers ? layers.of(p) : null);
    return open;
  };
  /** The frame that a PDU completed; null where it is gone. */
  const frameOf = (transport: TransportPdu): OpenFrame<P> | null => {
    const number = lastFrame({ transport });
    if (packet?.number === number) return current(packet);
    const frame = waiting.get(number);
    if (frame !== undefined || number <= handed) return frame ?? null;
    // nobody asks for its layers
    const made = new OpenFrame<P>(number, transport.time, null);
    waiting.set(number, made);
    return made;
  };
  /** Whether a frame may match, whatever PDUs it has. */
  const mayMatch = (frame: OpenFrame<P>): boolean => {
    if (filter?.ofLayers === true && ofPdus) frame.excluded ??= filter.foresees(frame, 'layers') === false;
    return frame.excluded !== true;
  };
  const emit = (frame: OpenFrame<P>): void => {
    if (!going) return;
    const isBare = frame.pdus.length === 0;
    const foreseen = frame.excluded === true ? false : isBare ? withoutPdus : null;
    const matches = foreseen ?? filter?.matches(frame) ?? true;
    if (isBare && !matches) return;
    if (onFrame(matches && asked === undefined ? frame.whole() : frame, matches) === false) going = false;
  };
  const flush = (before: number, held?: ReadonlySet<number>): void => {
    const ready = [...waiting.values()].filter(({ number }) => number < before && held?.has(number) !== true);
    for (const frame of ready.sort((a, b) => a.number - b.number)) {
      waiting.delete(frame.number);
      for (const { recording } of frame.pdus) window.remove(recording);
      emit(frame);
    }
    handed = Math.min(latest, before - 1);
    decided = Math.min(handed, ...[...waiting.keys()].map((number) => number - 1));
    window.handed();
  };
  return scan<P>(
    input,
    protocol,
    {
      ...options,
      record: (transport) => {
        if (!ofPdus) return false;
        const frame = frameOf(transport);
        return frame === null || mayMatch(frame);
      },
    },
    {
      ...handlers,
      onPacket(p) {
        // what is no packet may have had the last of the numbers
        if (p.number > most || handlers.onPacket?.(p) === false) return false;
        packet = p;
        latest = p.number;
        open = null;
        window.packet(p);
        if (ofLayers) layers.begin(p);
        return going;
      },
      onCustom: wantsBare
        ? (block) => {
            const { number, sec, nsec } = block;
            latest = number;
            window.packet(block);
            open = new OpenFrame<P>(number, { sec, nsec }, ofLayers ? layers.ofCustom(block) : null);
            return going;
          }
        : undefined,
      onTransport:
        ofLayers && onTransport !== undefined
          ? (...what) => {
              layers.transport(...what);
              onTransport(...what);
            }
          : ofLayers
            ? layers.transport
            : onTransport,
      onWhole: ofLayers ? layers.whole : undefined,
      onPdu(pdu) {
        const frame = frameOf(pdu.transport);
        if (frame === null) {
          emit(new OpenFrame(lastFrame(pdu), pdu.transport.time, null, [pdu], true));
          return going;
        }
        frame.pdus.push(pdu);
        if (frame !== open) window.add(pdu.recording);
        return going;
      },
      onPause(streams) {
        if (waiting.size > 0) flush(Number.POSITIVE_INFINITY, streams.held);
        onHanded?.(decided);
        handlers.onPause?.(streams);
      },
      afterPacket(streams) {
        if (packet !== null && wantsBare) current(packet);
        if (!streams.holds && waiting.size === 0) {
          // the way of nearly all packets
          handed = latest;
          decided = latest;
          window.handed();
          packet = null;
          if (open !== null) emit(open);
          open = null;
          onHanded?.(decided);
          return going && latest < most;
        }
        const whole = packet !== null && ofLayers ? current(packet) : open;
        if (whole !== null) {
          const frame = whole.keep();
          waiting.set(frame.number, frame);
          for (const { recording } of frame.pdus) window.add(recording);
        }
        packet = null;
        open = null;
        if (latest >= most) streams.giveUp(Number.POSITIVE_INFINITY);
        const waits = latest - handed;
        if (latest >= most || !streams.holds) flush(Number.POSITIVE_INFINITY);
        else if (window.isFull(waits)) {
          const middle = handed + 1 + (waits >> 1);
          streams.giveUp(middle);
          flush(middle);
        }
        onHanded?.(decided);
        return going && latest < most;
      },
    },
  );
}

const NOTHING: Frame = { number: 0, time: { sec: 0, nsec: 0 }, roots: [], pdus: [], late: false };

/** A frame whose PDUs may still come, and whose layers are made when they are asked for. */
class OpenFrame<P extends Recorded> implements Frame<P> {
  /** Set where its layers alone keep it from matching, or do not. */
  excluded: boolean | undefined;

  constructor(
    readonly number: number,
    readonly time: Time,
    private layers: Layers | null,
    readonly pdus: P[] = [],
    readonly late = false,
  ) {}

  get roots(): readonly (readonly Node[])[] {
    return this.with(this.layers?.nodes(null), true);
  }

  sifted(asked: Asked): readonly (readonly Node[])[] {
    return this.with(asked.ofLayers ? this.layers?.nodes(asked) : undefined, asked.wants(PROTOCOLS));
  }

  /** Takes what is the packet's, which is over soon. */
  keep(): this {
    this.layers = this.layers?.kept() ?? null;
    return this;
  }

  /** The frame as it stays. */
  whole(): Frame<P> {
    const { number, time, pdus, late } = this.keep();
    return { number, time, roots: this.roots, pdus, late };
  }

  private with(layers: readonly Node[] = [], wantsProtocols: boolean): readonly (readonly Node[])[] {
    const pdus = this.pdus.map(({ recording }) => recording.roots);
    if (this.late) return pdus;
    const roots = [layers, ...pdus];
    if (wantsProtocols) this.layers?.tellProtocols(roots);
    return roots;
  }
}
