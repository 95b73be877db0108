/** What is said of calls in their list, in the pane and in the diagram alike. */
import type { CallRow } from '../worker/call-rows.js';

/** How a call ended, in a word or two. */
export function outcomeText({ outcome }: CallRow): string {
  return outcome === 'unanswered' ? 'no answer' : outcome;
}

/** A time span as people read it. */
export function seconds(span: number | null): string {
  if (span === null) return '';
  return Math.abs(span) >= 1 ? `${span.toFixed(2)} s` : `${(span * 1000).toFixed(1)} ms`;
}

/** First frame of the request and last of the answer. */
export function framesText({ frames: [request, answer], oneWay }: CallRow): string {
  return `${request ?? '?'}→${answer ?? (oneWay ? '' : '?')}`;
}
