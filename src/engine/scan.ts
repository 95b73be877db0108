/**
 * One pass over one capture, in order: packets to streams, streams to PDUs, PDUs to the dissector it is handed.
 * What was learnt lives in the stores of the connection and of the capture, and ends with the pass.
 */
import {
  type BetweenPackets,
  type CaptureEnd,
  type CaptureInput,
  type Packet,
  type ReadOptions,
  readCapture,
} from '../capture/open.js';
import { type Attempt, StateStore, type Time, type TransportPdu } from '../core/context.js';
import type { Carriers, Protocol, ProtocolRun } from '../core/dissector.js';
import type { Limits } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { createStreams, type StreamEvents, type Streams } from '../streams/index.js';
import { Pauses } from './pauses.js';

/** What a pass reports, and what it is asked. All are called synchronously, in order. */
export interface ScanHandlers<P> extends BetweenPackets {
  /** A PDU; returning false ends the pass. */
  onPdu(pdu: P): unknown;
  /** Every packet before its PDUs, valid during the call only; returning false ends the pass. */
  readonly onPacket?: ((packet: Packet) => unknown) | undefined;
  /** The transport of the packet at hand, in front of its PDUs. */
  readonly onTransport?: StreamEvents['transport'] | undefined;
  /** The datagram that the packet at hand completed, in front of its transport. */
  readonly onWhole?: StreamEvents['whole'] | undefined;
  /**
   * Behind a packet and its PDUs, and once more behind the last PDUs of the capture; returning false ends the pass.
   * `streams` tells whether PDUs of frames that went by are held back, and can be told to wait no longer.
   */
  readonly afterPacket?: ((streams: Pick<Streams, 'holds' | 'giveUp'>) => unknown) | undefined;
  /** Where the input is no file: what only waits for its turn may go ahead now (pauses.ts). */
  readonly onPause?: ((streams: Pick<Streams, 'held'>) => void) | undefined;
  /** When the first packet was captured. */
  readonly onBegin?: ((time: Time) => void) | undefined;
  /** At the end: connections to an endpoint that the capture's PDUs named, which never came about. */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined;
  /** Something odd that belongs to no PDU. */
  readonly onNote?: ((note: Note) => void) | undefined;
  readonly onProgress?: ((read: number, total: number) => void) | undefined;
  /** Where several files are read as one: in front of the first packet of each, with its number. */
  readonly onFile?: ReadOptions['onFile'];
}

export interface ScanOptions {
  /** Make trees, or those of which PDUs. */
  readonly record: boolean | ((pdu: TransportPdu) => boolean);
  /** Leave out PDUs that no call comes of, where these take time. */
  readonly callsAlone?: boolean | undefined;
  /** Ports whose traffic is the protocol's whatever it looks like. */
  readonly ports?: ReadonlyMap<number, 'dcerpc'> | undefined;
  /** Bounds of the capture and its streams; the protocol has its own. */
  readonly limits?: Partial<Limits> | undefined;
  /** Ends a pass that waits for a silent pipe. */
  readonly signal?: AbortSignal | undefined;
  /** Waited for now and then (capture/open.ts); false ends the pass. */
  readonly ready?: ReadOptions['ready'] | undefined;
}

/**
 * Runs a protocol over one capture.
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export async function scan<P>(
  input: CaptureInput,
  protocol: Protocol<P>,
  options: ScanOptions,
  handlers: ScanHandlers<P>,
): Promise<CaptureEnd> {
  const { record } = options;
  let going = true;
  const onPdu = (pdu: P): void => {
    if (going && handlers.onPdu(pdu) === false) going = false;
  };
  // PDUs make streams, and streams PDUs: what is inside of one is opened when both are there
  const carriers: Carriers = { open: (inner, between) => streams.carriers.open(inner, between) };
  const run: ProtocolRun<P> = protocol.start(new StateStore(), carriers, options.callsAlone);
  const streams = createStreams(
    { streams: protocol.streams, datagram: protocol.datagram, ports: options.ports, told: run.told },
    {
      pdu(transport) {
        const trees = typeof record === 'function' ? record(transport) : record;
        if (going) run.dissect(transport, trees, onPdu);
      },
      note: (note) => handlers.onNote?.(note),
      transport: handlers.onTransport,
      whole: handlers.onWhole,
      closed: (connection) => run.closed(connection),
      attempt: (attempt) => handlers.onAttempt?.(attempt),
    },
    options.limits,
  );
  const { onPacket, afterPacket } = handlers;
  const { onPause } = handlers;
  const pauses = onPause && new Pauses(() => onPause(streams));
  let hasBegun = false;
  /** The first packet, whose number may be any: frames are counted that are no packets, or make no sense. */
  const begin = (packet: Packet): void => {
    hasBegun = true;
    pauses?.begin(packet);
    handlers.onBegin?.({ sec: packet.sec, nsec: packet.nsec });
  };
  const step =
    onPacket === undefined && afterPacket === undefined
      ? (packet: Packet): boolean => {
          if (!hasBegun) begin(packet);
          streams.packet(packet);
          return going;
        }
      : (packet: Packet): boolean => {
          if (!hasBegun) begin(packet);
          if (onPacket?.(packet) === false) return false;
          streams.packet(packet);
          if (afterPacket?.(streams) === false) going = false;
          return going;
        };
  const { limits, signal, ready } = options;
  const onProgress = (read: number, total: number): void => {
    handlers.onProgress?.(read, total);
    if (total === 0) pauses?.chunk();
  };
  const onQuiet = (): void => {
    streams.quiet();
    pauses?.quiet();
  };
  const { onBlock, onCustom, onFile, onName } = handlers;
  const custom = (block: Packet): boolean => {
    if (onCustom?.(block) === false || afterPacket?.(streams) === false) going = false;
    return going;
  };
  const quiet = pauses && onQuiet;
  const end = await readCapture(input, step, {
    onProgress,
    onBlock,
    onCustom: onCustom && custom,
    onFile,
    onName,
    onQuiet: quiet,
    limits,
    signal,
    ready,
  });
  for (const note of end.notes) handlers.onNote?.(note);
  if (going) streams.end();
  end.notLookedInto = streams.notLookedInto;
  end.passedOver = run.passedOver();
  for (const note of run.notes()) handlers.onNote?.(note);
  afterPacket?.(streams);
  return end;
}
