/** Where things of the diagram lie. Lengths in CSS pixels; x from the left end of what is seen. */
import type { FlowRow } from './engine.js';

/** Room at the left for frames and times, which stays when one scrolls; narrower than half a lane. */
export const GUTTER = 84;
/** From one lane to the next: where all of them have room then, where there are many, and at most. */
const TIGHT = 170;
const USUAL = 216;
const WIDEST = 420;
/** Height of a call; `flow.css` says so too, as line height. */
export const CALL = 52;
/** The arrow there and the one back, below the top of a call. */
export const THERE = 20;
export const BACK = 40;
/** How far an arrow leaves its lane where it comes back to it. */
const LOOP = 70;
/** Room between texts and lanes. */
const GAP = 9;

/** The part of the diagram that is seen. */
export interface Window {
  /** How far it is scrolled to the right. */
  readonly left: number;
  readonly width: number;
  /** From one lane to the next. */
  readonly step: number;
}

/** Few lanes take the room that there is: texts have more of it then, or none of them is cut. */
export function stepOf(lanes: number, width: number): number {
  const fitting = Math.floor((width - LOOP) / lanes);
  return fitting < TIGHT ? USUAL : Math.min(fitting, WIDEST);
}

/** Width of all lanes. */
export function fullWidth(lanes: number, step: number): number {
  return lanes * step + LOOP;
}

export function laneX(lane: number, { left, step }: Window): number {
  return (lane + 0.5) * step - left;
}

/** Lanes that are seen, `from` up to `to` (exclusive). */
export function lanesIn({ left, width, step }: Window, lanes: number): readonly [from: number, to: number] {
  return [Math.max(0, Math.floor(left / step)), Math.min(lanes, Math.ceil((left + width) / step))];
}

/** Whether anything of a call's arrow is seen. */
export function isSeen(row: FlowRow, seen: Window): boolean {
  const ends = [laneX(row.from, seen), laneX(row.to, seen)];
  return Math.max(...ends) > GUTTER && Math.min(...ends) < seen.width;
}

/** An arrow of a call: where it begins and ends, and the room for its texts. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  /** Between which the texts stand, as far as that is seen; all that is seen where it is not. */
  readonly low: number;
  readonly high: number;
}

export function arrowOf(row: FlowRow, seen: Window): Arrow {
  const from = laneX(row.from, seen);
  const to = row.from === row.to ? from + LOOP : laneX(row.to, seen);
  if (!isSeen(row, seen)) return { from, to, low: GUTTER + GAP, high: seen.width - GAP };
  const within = (x: number): number => Math.min(Math.max(x, GUTTER), seen.width);
  return { from, to, low: within(Math.min(from, to)) + GAP, high: within(Math.max(from, to)) - GAP };
}
