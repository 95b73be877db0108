/** What the page shows, as signals: the place (in the address), the capture, what the filter leaves. */
import { computed, signal } from '@preact/signals';
import { proxy, wrap } from 'comlink';
import { hashOf, NOWHERE, type Place, placeOf } from './address.js';
import type { GivenSecrets } from './secrets/engine.js';
import type { Filtered, Source, Summary } from './worker/capture.js';
import type { Engine } from './worker/engine.js';
import EngineWorker from './worker/worker.js?worker&inline';

/** The engine, in its worker. */
export const engine = wrap<Engine>(new EngineWorker());

/** Where one is; changed by `go` alone. */
export const place = signal<Place>(placeOf(location.hash));

/** A capture that the server has. */
export interface Offered {
  readonly name: string;
  readonly size: number;
}

/** The captures that the server has; none where the page was opened by itself. */
export const offered = signal<readonly Offered[]>([]);

/** The capture that is open; null for none. */
export const summary = signal<Summary | null>(null);

/** What the filter leaves, or why it is none; null while nobody knows. */
export const filtered = signal<Filtered | null>(null);

/** The share of the capture that a new filter has been through; null where none is on its way. */
export const filtering = signal<number | null>(null);

/** Counts up whenever rows are others than before: lists then ask anew. */
export const edition = signal(0);

/** How many PDUs and calls are shown. */
export const shown = computed(() => {
  const now = filtered.value;
  if (now !== null && 'pdus' in now) return now;
  return { pdus: summary.value?.pdus ?? 0, calls: summary.value?.calls ?? 0 };
});

/**
 * Goes somewhere: members that are not given stay as they are, but for `bytes`. A step that Back takes back, unless it
 * `replaces` one.
 */
export function go(to: Partial<Place>, replaces = false): void {
  const next = { ...place.value, bytes: null, ...to };
  const hash = hashOf(next);
  if (hash !== location.hash) {
    if (replaces) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
  }
  arrive(next);
}

/** Follows the address when the user changes it. */
export function followAddress(): void {
  addEventListener('popstate', () => arrive(placeOf(location.hash)));
}

function arrive(next: Place): void {
  const before = place.value;
  place.value = next;
  if (next.capture !== before.capture) void openOffered(next.capture);
  else if (next.filter !== before.filter) void applyFilter();
}

let source: Source | null = null;

/** What is known of a capture before it is read, beside its name and size. */
const UNREAD: Omit<Summary, 'name' | 'size'> = {
  ...{ read: 0, total: 0, frames: 0, pdus: 0, calls: 0, failed: 0, seconds: 0 },
  ...{ isOver: false, sealed: { calls: 0, opened: 0, why: [] }, notes: [], problem: null },
};

/** Opens a capture that the user chose. Where one was in another one means nothing in it. */
export async function openFile(file: File): Promise<void> {
  go({ ...(source === null ? {} : NOWHERE), capture: 'own' });
  await open({ file });
}

/** Opens a capture of the server. */
export async function openOffered(which: Place['capture']): Promise<void> {
  const { name, size } = (which === 'own' ? undefined : offered.value[which]) ?? {};
  if (name === undefined || size === undefined) return;
  await open({ url: new URL(`capture/${which}`, location.href).href, name, size });
}

/**
 * Reads the open capture once more, with secrets; null for none. They are handed to the worker and kept nowhere else.
 * @returns what is wrong with them; null where nothing is
 */
export async function openWith(secrets: GivenSecrets | null): Promise<string | null> {
  const problem = await engine.useSecrets(secrets);
  if (problem === null && source !== null) await open(source);
  return problem;
}

async function open(what: Source): Promise<void> {
  source = what;
  filtered.value = null;
  filtering.value = null;
  summary.value = { ...UNREAD, ...('file' in what ? { name: what.file.name, size: what.file.size } : what) };
  await engine.open(
    what,
    proxy((now: Summary) => {
      summary.value = now;
      edition.value++;
    }),
  );
  if (source === what) await applyFilter();
}

async function applyFilter(): Promise<void> {
  const { filter } = place.value;
  const filters = source;
  let isOver = false;
  const isWanted = (): boolean => place.value.filter === filter && source === filters;
  const tell = (share: number): void => {
    if (isWanted() && !isOver) filtering.value = share;
  };
  const found = await engine.applyFilter(filter, proxy(tell));
  isOver = true;
  if (!isWanted() || found === null) return;
  filtering.value = null;
  filtered.value = found;
  edition.value++;
}
