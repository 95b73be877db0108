/** What the page shows, as signals: the place (in the address), the capture, what the filter leaves. */
import { computed, signal } from '@preact/signals';
import { proxy, wrap } from 'comlink';
import { hashOf, NOWHERE, ownName, type Place, placeOf } from './address.js';
import { hostTexts } from './parts/hosts.js';
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
  /** Where it stands as long as its file is the one that it is; of several the first. */
  readonly at: string;
  /** Its files in order, where it has several. */
  readonly parts?: readonly { readonly at: string; readonly size: number }[];
}

/** The captures that the server has; none where the page was opened by itself. */
export const offered = signal<readonly Offered[]>([]);

/** The capture that is open; null for none. */
export const summary = signal<Summary | null>(null);

/** What the filter leaves, or why it is none; null while nobody knows. */
export const filtered = signal<Filtered | null>(null);

/** The share of the capture that a new filter has been through; null where none is on its way. */
export const filtering = signal<number | null>(null);

/** Why nothing more is read of the capture, which was read once: its server is gone, its file is another one. */
export const failure = signal<string | null>(null);

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
  // the step that is left keeps where one was
  if (!replaces) settleAddress();
  arrive(next);
  if (replaces) replaceAddress();
  else if (!isInAddress(next)) history.pushState(null, '', hashOf(next));
}

const isInAddress = (place: Place): boolean => hashOf(place) === (location.hash || '#');

/**
 * Milliseconds between two times that the address is replaced: browsers stop a page that does it more than 200 times in
 * ten seconds, as keys that are held down would.
 */
const REPLACE_EVERY = 60;

let replaced: ReturnType<typeof setTimeout> | undefined;

/** Has the address say where one is; a moment later where it was replaced just now. */
function replaceAddress(): void {
  if (replaced !== undefined || isInAddress(place.value)) return;
  history.replaceState(null, '', hashOf(place.value));
  replaced = setTimeout(() => {
    replaced = undefined;
    replaceAddress();
  }, REPLACE_EVERY);
}

/** Has the address say where one is, at once. */
function settleAddress(): void {
  if (replaced === undefined) return;
  clearTimeout(replaced);
  replaced = undefined;
  replaceAddress();
}

/** Follows the address when the user changes it. */
export function followAddress(): void {
  addEventListener('popstate', () => {
    clearTimeout(replaced);
    replaced = undefined;
    arrive(placeOf(location.hash));
  });
  // who leaves comes back to where he was
  addEventListener('pagehide', settleAddress);
}

function arrive(next: Place): void {
  const before = place.value;
  place.value = next;
  if (next.capture !== before.capture) void openCapture(next.capture);
  else if (next.filter !== before.filter) void applyFilter();
}

let source: Source | null = null;

/** Counts the times that a capture was opened: what was told of one before is not heard. */
let opened = 0;

/** What is known of a capture before it is read, beside its name and size. */
const UNREAD: Omit<Summary, 'name' | 'size'> = {
  ...{ read: 0, total: 0, named: 0, frames: 0, pdus: 0, calls: 0, failed: 0, unanswered: 0 },
  ...{ seconds: 0, isOver: false, sealed: { calls: 0, opened: 0, why: [] }, notes: [], problem: null },
};

/** Captures that the user chose, by what `Place` calls them: Back and Forward go from one to the other. */
const own = new Map<Place['capture'], File>();

/** Opens a capture that the user chose. Where one was in another one means nothing in it. */
export function openFile(file: File): void {
  const capture = ownName(own.size);
  own.set(capture, file);
  const isSame = place.value.capture === capture;
  go({ ...(source === null ? {} : NOWHERE), capture });
  if (isSame) void openCapture(capture);
}

/** Opens a capture that the user chose, or that the server has; none where it is not there any more. */
export async function openCapture(which: Place['capture']): Promise<void> {
  const file = own.get(which);
  if (file !== undefined) await open({ file });
  else if (typeof which === 'number' && which in offered.value) {
    const { name, size, at, parts } = offered.value[which];
    const url = (place: string): string => new URL(place, location.href).href;
    const files = parts?.map((part) => ({ url: url(part.at), size: part.size }));
    await open({ url: url(at), name, size, ...(files === undefined ? {} : { parts: files }) });
  } else {
    opened++;
    source = summary.value = filtered.value = filtering.value = failure.value = null;
  }
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
  const mine = ++opened;
  filtered.value = null;
  filtering.value = null;
  failure.value = null;
  summary.value = { ...UNREAD, ...('file' in what ? { name: what.file.name, size: what.file.size } : what) };
  await engine.open(
    what,
    proxy((now: Summary) => {
      if (mine !== opened) return;
      if (now.named !== summary.value?.named) void nameHosts(mine);
      summary.value = now;
      edition.value++;
    }),
  );
  if (mine === opened) await Promise.all([nameHosts(mine), applyFilter()]);
}

/** Asks what hosts are called, of the capture that was opened as the `mine`th. */
async function nameHosts(mine: number): Promise<void> {
  const texts = await engine.hostTexts();
  if (mine === opened) hostTexts.value = texts;
}

async function applyFilter(): Promise<void> {
  const { filter } = place.value;
  const mine = opened;
  let isOver = false;
  const isWanted = (): boolean => place.value.filter === filter && opened === mine;
  const tell = (share: number): void => {
    if (isWanted() && !isOver) filtering.value = share;
  };
  const found = await engine.applyFilter(filter, proxy(tell)).finally(() => {
    isOver = true;
    if (isWanted()) filtering.value = null;
  });
  if (!isWanted() || found === null) return;
  filtered.value = found;
  edition.value++;
}
