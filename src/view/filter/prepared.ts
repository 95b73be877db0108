/** A filter that is written into the bar and not applied yet. */
import { signal } from '@preact/signals';

/** The filter; null where there is none, and when it was written. */
export const prepared = signal<string | null>(null);
