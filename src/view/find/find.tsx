/** Find: bytes or text in all sources of the PDUs that are shown. It stays open beside what it finds. */
import { signal, useSignal } from '@preact/signals';
import { proxy } from 'comlink';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { givingBack } from '../parts/focus.js';
import { type Key, useKeys } from '../parts/keys.js';
import { edition, engine, go, place, summary } from '../state.js';
import type { Found } from './engine.js';
import './find.css';
import { type Kind, patternsOf } from './patterns.js';

/** How often it was asked for since it is open; 0 where it is not. */
const asked = signal(0);

const OWN: readonly Key[] = [
  {
    key: 'Ctrl+f',
    says: 'find bytes or text',
    run() {
      if (summary.value !== null) asked.value++;
    },
  },
];

/** Hears Ctrl+F. */
export function Find() {
  useKeys('Packets', OWN);
  return asked.value > 0 ? <FindDialog /> : null;
}

/** What was found, and for what. */
interface Result {
  readonly question: string;
  /** Whether a filter left out some of the PDUs. */
  readonly isFiltered: boolean;
  readonly found: readonly Found[];
  readonly isMore: boolean;
}

function FindDialog() {
  const box = useRef<HTMLDialogElement>(null);
  const title = useId();
  const kind = useSignal<Kind>('text');
  const written = useSignal('');
  const result = useSignal<Result | null>(null);
  const at = useSignal(-1);
  const share = useSignal<number | null>(null);
  const problem = useSignal('');
  /** What was looked for last: who asks for something else does not hear of what was asked before. */
  const latest = useRef(0);
  const close = (): void => {
    asked.value = 0;
  };
  useLayoutEffect(() => {
    const dialog = box.current;
    if (dialog === null) return;
    const giveBack = givingBack(dialog);
    dialog.show();
    return () => {
      giveBack();
      void engine.stopFind();
    };
  }, []);
  const input = useRef<HTMLInputElement>(null);
  // at once, and whenever it is asked for again: what is typed next is meant for it
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, [asked.value]);
  const step = async (by: 1 | -1): Promise<void> => {
    const patterns = patternsOf(kind.value, written.value);
    problem.value = patterns === null ? (kind.value === 'text' ? 'No text' : 'Hex digits in pairs, as 0f a0') : '';
    if (patterns === null) return;
    const question = `${edition.value} ${kind.value} ${written.value}`;
    if (result.value?.question === question) await show(at.value + by);
    else {
      share.value = 0;
      const mine = ++latest.current;
      const tell = (now: number): void => {
        // progress may come behind the answer
        if (mine === latest.current && share.value !== null) share.value = now;
      };
      const told = await engine.find(patterns, proxy(tell)).finally(() => {
        if (mine === latest.current) share.value = null;
      });
      if (mine !== latest.current) return;
      result.value = { question, isFiltered: place.value.filter.trim() !== '', ...told };
      await show(nearest(told.found, place.value.pdu ?? 0, by));
    }
  };
  const show = async (to: number): Promise<void> => {
    const found = result.value?.found ?? [];
    if (found.length === 0) return;
    at.value = (to + found.length) % found.length;
    const { pdu, source, start, end } = found[at.value];
    const node = await engine.nodeOfBytes(pdu, source, start, end);
    go({ view: 'packets', pdu, node, bytes: `${source}:${start}-${end}` });
  };
  return (
    <dialog
      ref={box}
      class="find"
      aria-labelledby={title}
      onKeyDown={(e) => {
        if (e.key === 'Escape') close();
      }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void step(1);
        }}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || !e.shiftKey) return;
          e.preventDefault();
          void step(-1);
        }}
      >
        <h2 id={title}>Find</h2>
        <select
          aria-label="What"
          value={kind.value}
          onChange={({ currentTarget }) => {
            kind.value = currentTarget.value as Kind;
          }}
        >
          <option value="text">Text</option>
          <option value="bytes">Bytes</option>
        </select>
        <input
          ref={input}
          type="text"
          aria-label="Find"
          spellcheck={false}
          placeholder={kind.value === 'text' ? 'as UTF-8 or UTF-16' : 'as 53 00 76 00'}
          value={written.value}
          onInput={({ currentTarget }) => {
            written.value = currentTarget.value;
          }}
        />
        <button type="button" onClick={() => void step(-1)}>
          Previous
        </button>
        <button type="submit">Next</button>
        <button type="button" class="plain" aria-label="Close" onClick={close}>
          ✕
        </button>
      </form>
      <p>
        {share.value !== null && (
          <>
            <progress aria-label="Finding" max={1} value={share.value} />{' '}
            <button type="button" onClick={() => void engine.stopFind()}>
              Stop
            </button>
          </>
        )}
        <span role="status" aria-label="Found">
          {share.value === null && result.value !== null && told(result.value, at.value)}
        </span>
        {place.value.filter.trim() !== '' && (
          <button type="button" class="link" onClick={() => go({ filter: '' })}>
            Look in all PDUs
          </button>
        )}
        {problem.value !== '' && <span role="alert">{problem.value}</span>}
      </p>
    </dialog>
  );
}

/** The place to begin with: the first one from the chosen PDU on, or the last one up to it. */
function nearest(found: readonly Found[], pdu: number, by: 1 | -1): number {
  if (by === 1)
    return Math.max(
      found.findIndex((one) => one.pdu >= pdu),
      0,
    );
  const last = found.findLastIndex((one) => one.pdu <= pdu);
  return last < 0 ? found.length - 1 : last;
}

function told({ found, isFiltered, isMore }: Result, at: number): string {
  const where = isFiltered ? ' in what the filter leaves' : '';
  if (found.length === 0) return `${isMore ? 'nothing so far' : 'nothing'}${where}`;
  return `${at + 1} of ${found.length}${isMore ? ' or more' : ''}${where}`;
}
