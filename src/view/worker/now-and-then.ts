/** Reports of progress on their way to the page, which draws them. */

/** Milliseconds between two reports. */
const EVERY = 100;

/** Tells what there is to tell where the last time, or the beginning, is a while ago. */
export function nowAndThen<T extends unknown[]>(tell: (...what: T) => void): (...what: T) => void {
  let told = performance.now();
  return (...what) => {
    const now = performance.now();
    if (now - told < EVERY) return;
    told = now;
    tell(...what);
  };
}

/** A listener for a pass's progress: now and then, it tells how much of the capture was read, from 0 to 1. */
export function shares(tell: (share: number) => void): (read: number, total: number) => void {
  return nowAndThen((read, total) => tell(total === 0 ? 0 : read / total));
}
