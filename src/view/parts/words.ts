/** Words that views have in common. */

/** `1 call`, `2 calls`. */
export function many(count: number, noun: string): string {
  return `${count} ${inNumber(count, noun)}`;
}

/** `call` of one, `calls` of none or several. */
export function inNumber(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

/** Seconds since the first packet; empty for NaN, where the capture does not tell them. */
export function since(seconds: number): string {
  return Number.isNaN(seconds) ? '' : seconds.toFixed(3);
}

/** A time span in seconds, as people read it; empty for null. */
export function span(seconds: number | null): string {
  if (seconds === null) return '';
  const size = Math.abs(seconds);
  if (size >= 1) return `${seconds.toFixed(2)} s`;
  return size >= 0.001 ? `${(seconds * 1000).toFixed(1)} ms` : `${(seconds * 1e6).toFixed(0)} µs`;
}
