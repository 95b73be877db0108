/** The one pass over a capture that every command and the library make: PDUs, frames and calls to whom they concern. */
import type { Call } from '../../dissectors/call.js';
import { dissectFrame } from '../../dissectors/link/frame.js';
import type { Pdu } from '../../dissectors/pdu.js';
import type { CaptureEnd, CaptureInput, OnBlock, OnName, Packet } from '../capture/open.js';
import type { Attempt, Time } from '../core/context.js';
import type { Protocol } from '../core/dissector.js';
import type { Asked, Frame, FrameTest } from '../core/frame.js';
import { limitsWith } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { scanFrames } from '../engine/frames.js';
import { InOrder } from '../engine/in-order.js';
import { type ScanHandlers, type ScanOptions, scan } from '../engine/scan.js';
import { CallList } from './calls.js';

/** What a pass reports, synchronously. A listener that returns false ends the pass, and hears no more. */
export interface Listeners {
  /** When the first packet was captured. */
  readonly begin?: ((time: Time) => void) | undefined;
  /** Every packet before its PDUs, valid during the call only. */
  readonly packet?: ((packet: Packet) => unknown) | undefined;
  /** Where several files are read as one: the next of them, and the number that its first packet has. */
  readonly file?: ScanHandlers<Pdu>['onFile'];
  /** What stands between the packets of a pcapng file. */
  readonly block?: OnBlock | undefined;
  /** Every address that a pcapng file names, where it does. */
  readonly name?: OnName | undefined;
  /** The transport of the packet at hand, in front of its PDUs. */
  readonly transport?: ScanHandlers<Pdu>['onTransport'];
  /**
   * Every PDU: as soon as it is read, or with its frame where frames are made. `call` is the number that its call will be
   * told with; null where it has none, or nobody listens to calls.
   */
  readonly pdu?: ((pdu: Pdu, call: number | null) => unknown) | undefined;
  /** PDUs of frames that match, in the order of the frames that completed them. */
  readonly shown?: ((pdu: Pdu) => unknown) | undefined;
  /** Frames that match, in order. */
  readonly frame?: ((frame: Frame<Pdu>) => unknown) | undefined;
  /** Behind each packet, and in pauses, where frames are made: those up to that number that match were told. */
  readonly handed?: ((upTo: number) => void) | undefined;
  /** Every call with its number from 1 on, in the order of the requests; `matches` says whether a frame of it does. */
  readonly call?: ((call: Call, number: number, matches: boolean) => unknown) | undefined;
  /** At the end: connections to an endpoint that the PDUs named, which never came about. */
  readonly attempt?: ((attempt: Attempt) => void) | undefined;
  /** Something odd that belongs to no PDU. */
  readonly note?: ((note: Note) => void) | undefined;
  readonly progress?: ((read: number, total: number) => void) | undefined;
}

/** How a pass is made. */
export interface PassOptions extends Omit<ScanOptions, 'record'> {
  /** Make trees of PDUs; of all that match, where there is a filter. */
  readonly record?: boolean | undefined;
  /**
   * Where the input is a pipe and pauses: tell what is over ahead of what waits in front of it (an answer that did not
   * come yet, bytes that may be sent again), which comes later and out of order.
   */
  readonly live?: boolean | undefined;
  /** Which frames match; all where it is left out. */
  readonly filter?: FrameTest | undefined;
  /**
   * What the listener of frames asks of them; they are valid during the call only then. They have all their trees where
   * it is left out.
   */
  readonly asked?: Asked | undefined;
  /** Frames to read. */
  readonly most?: number | undefined;
}

/** Asks for nothing: which frames match is all that is wanted. */
export const NO_FIELDS: Asked = { ofLayers: false, ofPdus: false, wants: () => false, wantsAny: () => false };

/**
 * Reads a capture once.
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export async function pass(
  input: CaptureInput,
  protocol: Protocol<Pdu>,
  { record = false, live = false, filter, asked, most, ...options }: PassOptions,
  on: Listeners,
): Promise<CaptureEnd> {
  let going = true;
  /** What a listener is told by: once it ended the pass, it hears no more. */
  const telling = <T extends unknown[]>(listener: ((...what: T) => unknown) | undefined) => {
    let ended = false;
    return (...what: T): void => {
      if (ended || listener?.(...what) !== false) return;
      ended = true;
      going = false;
    };
  };
  const tell = { pdu: telling(on.pdu), shown: telling(on.shown), frame: telling(on.frame), call: telling(on.call) };
  const matching = new WeakSet<Call>();
  const emit = (call: Call, number: number): void =>
    tell.call(call, number, filter === undefined || matching.has(call));
  const calls = on.call === undefined ? null : new CallList(emit, limitsWith(options.limits));
  const take = (pdu: Pdu): void => {
    const call = calls === null ? null : calls.begin(pdu);
    tell.pdu(pdu, call);
    calls?.add(pdu, call);
  };
  const order = on.shown === undefined ? null : new InOrder<Pdu>(tell.shown);
  const onPause = (): void => {
    order?.handOn();
    calls?.goAhead();
  };
  const handlers = {
    onPause: live ? onPause : undefined,
    onBegin: on.begin,
    onPacket: on.packet,
    onBlock: on.block,
    onName: on.name,
    onFile: on.file,
    onTransport: on.transport,
    onAttempt: on.attempt,
    onNote: on.note,
    onProgress: on.progress,
  };
  const onFrame = (frame: Frame<Pdu>, matches: boolean): boolean => {
    for (const pdu of frame.pdus) {
      if (matches && pdu.call !== null) matching.add(pdu.call);
      take(pdu);
      if (matches) tell.shown(pdu);
    }
    if (matches) tell.frame(frame);
    return going;
  };
  const onPdu = (pdu: Pdu): boolean => {
    take(pdu);
    order?.add(pdu);
    return going;
  };
  const settle = (streams: Parameters<InOrder<Pdu>['settle']>[0]): boolean => {
    order?.settle(streams);
    return going;
  };
  const end =
    on.frame !== undefined || filter !== undefined || most !== undefined
      ? await scanFrames(input, protocol, dissectFrame, { ...options, record }, onFrame, {
          ...handlers,
          filter,
          asked: on.frame === undefined ? NO_FIELDS : asked,
          bare: on.frame !== undefined,
          most,
          onHanded: on.handed,
        })
      : await scan(
          input,
          protocol,
          { ...options, record },
          { ...handlers, onPdu, afterPacket: order === null ? undefined : settle },
        );
  calls?.end();
  return end;
}
