/** Frames for filters and columns, made of their trees. */
import type { Time } from '../src/core/context.js';
import type { Frame } from '../src/core/frame.js';

/** A frame of such trees, without PDUs. */
export function frameOf(
  number: number,
  roots: Frame['roots'],
  { sec, nsec }: Time = { sec: 0, nsec: 0 },
): Frame<never> {
  return { number, time: { sec, nsec }, roots, pdus: [], late: false };
}
