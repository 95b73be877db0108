/** The capture as a whole: objects, statistics and findings are made behind the lists, when nobody waits. */
import { computed, effect, signal, useSignal } from '@preact/signals';
import { proxy } from 'comlink';
import { useEffect } from 'preact/hooks';
import { engine, filtered, summary } from './state.js';
import type { Overview } from './worker/whole.js';

/** What is known of the whole: how much of it was looked at (0 to 1) until it is known, or why it never will be. */
export type WholeState = { readonly share: number } | { readonly overview: Overview } | { readonly problem: string };

/** Null while the lists are read. */
export const whole = signal<WholeState | null>(null);

/** What matters of it, in numbers; null until it is known. */
export const overview = computed(() => {
  const now = whole.value;
  return now !== null && 'overview' in now ? now.overview : null;
});

/** Counts captures, so that what is told of one that is closed is not heard. */
let opened = 0;

/** Has the whole looked at whenever a capture's lists are there. */
export function lookAtWholes(): void {
  effect(() => {
    const isThere = summary.value?.isOver === true && filtered.value !== null;
    if (!isThere) {
      opened++;
      whole.value = null;
    } else if (whole.peek() === null) void look(opened);
  });
}

async function look(which: number): Promise<void> {
  const tell = (now: WholeState): void => {
    if (which === opened) whole.value = now;
  };
  // reports of progress come another way than the answer, and may come behind it
  const progress = (share: number): void => {
    if (whole.value !== null && 'share' in whole.value) tell({ share });
  };
  tell({ share: 0 });
  try {
    tell({ overview: await engine.overview(proxy(progress)) });
  } catch (e) {
    tell({ problem: e instanceof Error ? e.message : String(e) });
  }
}

/**
 * What a view asks of the whole, once it is known; null until then.
 * @param about what the question depends on beside the capture
 */
export function useWhole<T>(ask: () => Promise<T>, about: unknown = null): T | null {
  const answer = useSignal<T | null>(null);
  const known = overview.value;
  useEffect(() => {
    let isAsked = true;
    if (known === null) answer.value = null;
    else
      void ask().then((told) => {
        if (isAsked) answer.value = told;
      });
    return () => {
      isAsked = false;
    };
  }, [known, about]);
  return answer.value;
}

/** Stands for what is not known yet, or never will be. */
export function WholeProgress() {
  const now = whole.value;
  if (now !== null && 'problem' in now) return <p class="waits problem">This is not known: {now.problem}</p>;
  const share = now !== null && 'share' in now ? now.share : 0;
  return (
    <p class="waits">
      Looking at the whole capture … <progress aria-label="Looking at the whole capture" max={1} value={share} />
    </p>
  );
}
