/** What the details of a PDU ask the engine for. */
import type { Capture } from '../worker/capture.js';
import type { Neighbours } from '../worker/pdu-rows.js';

/** A PDU in its call. */
export interface InCall extends Neighbours {
  readonly half: 'request' | 'answer';
  /** First frame of the request, last one of the answer; null where it was not seen. */
  readonly frames: readonly [request: number | null, answer: number | null];
  /** Seconds; null without an answer. */
  readonly duration: number | null;
  readonly oneWay: boolean;
  /** The bind or alter_context that offered its presentation context; null where that was not seen. */
  readonly bound: { readonly pdu: number; readonly frame: number; readonly type: string } | null;
}

/**
 * Where a PDU stands in its call; null where it belongs to none, or nobody knows yet.
 * @param boundIn the frame that offered its presentation context
 */
export function inCall({ pduRows, callRows }: Capture, pdu: number, boundIn: number | null): InCall | null {
  if (pdu < 1 || pdu > pduRows.length) return null;
  const { call, half } = pduRows.row(pdu - 1);
  if (call === null || half === null) return null;
  const { frames, duration, oneWay } = callRows.row(call - 1);
  const offers = boundIn === null ? [] : pduRows.ofFrame(boundIn).map((offer) => pduRows.row(offer - 1));
  const bound = offers.find(({ frame, type }) => frame === boundIn && /^(?:Bind|Alter context)$/.test(type)) ?? null;
  return { ...pduRows.neighbours(pdu), half, frames, duration, oneWay, bound };
}
