/** Phrases that lines about objects have in common. */
import type { CallFrames } from '../analysis/objects/model.js';

/** Frames and calls that a line names. */
const NAMED = 6;

export function countOf(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** `27→28` */
export function framesText(s: CallFrames): string {
  return `${s.request ?? '?'}→${s.response ?? '?'}`;
}

export function allFrames(sights: readonly CallFrames[]): string {
  const shown = sights.slice(0, NAMED).map(framesText).join(', ');
  return `in ${shown}${sights.length > NAMED ? ` and ${sights.length - NAMED} more` : ''}`;
}
