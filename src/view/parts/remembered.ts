/** What the page remembers from one visit to the next. A page that came from the disk may not be allowed to. */
import { type Signal, signal } from '@preact/signals';

const known = new Map<string, Signal<unknown>>();

/**
 * What is remembered under a name, as JSON; written when it changes.
 * @param fallback what holds where nothing is remembered
 * @param isSane whether what is remembered is what it should be: others may have written it
 */
export function remembered<T>(name: string, fallback: T, isSane: (value: unknown) => value is T): Signal<T> {
  const before = known.get(name) as Signal<T> | undefined;
  if (before !== undefined) return before;
  const key = `clrscope.${name}`;
  const value = signal(fallback);
  try {
    const told: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    if (isSane(told)) value.value = told;
  } catch {}
  known.set(name, value);
  let isFirst = true;
  value.subscribe((now) => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    try {
      localStorage.setItem(key, JSON.stringify(now));
    } catch {}
  });
  return value;
}
