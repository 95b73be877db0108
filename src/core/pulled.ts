/** From callbacks to `for await`: what a run gives is handed on, and the run waits for whoever takes it. */

/** What a run is given to end early, and to wait. */
export interface Control {
  /** Comes when nobody takes any more. */
  readonly signal: AbortSignal;
  /** Asked now and then (every 64 KiB): true once what was given is taken, false where nobody takes any more. */
  readonly ready: () => boolean | Promise<boolean>;
}

/**
 * The items that a run gives, in order. It begins with the first that is asked for; where the loop over them is left,
 * it is told, and its end waited for; what it throws is thrown here, behind the items.
 */
export async function* pulled<T>(
  run: (give: (item: T) => void, control: Control) => Promise<unknown>,
): AsyncGenerator<T> {
  const stop = new AbortController();
  let given: T[] = [];
  let isOver = false;
  /** Wakes the loop, and lets the run go on. */
  let wake = (): void => {};
  let resume = (going: boolean): void => void going;
  const ready = (): boolean | Promise<boolean> => {
    if (stop.signal.aborted) return false;
    if (given.length === 0) return true;
    wake();
    return new Promise<boolean>((resolve) => {
      resume = resolve;
    });
  };
  const give = (item: T): void => {
    if (!stop.signal.aborted) given.push(item);
  };
  const running = run(give, { signal: stop.signal, ready }).finally(() => {
    isOver = true;
    wake();
  });
  // it is looked at below: until then a failure is not unheard
  running.catch(() => {});
  try {
    for (;;) {
      if (given.length === 0 && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve;
          resume(true);
        });
      const items = given;
      given = [];
      if (items.length === 0 && isOver) break;
      for (const item of items) yield item;
    }
    await running;
  } finally {
    stop.abort();
    resume(false);
    await running.catch(() => {});
  }
}
