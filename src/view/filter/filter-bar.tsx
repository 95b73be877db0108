/** The display filter over all views. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Key, useKeys } from '../parts/keys.js';
import { filtering, go, place, shown, summary } from '../state.js';
import { editorIn, type FilterEditor } from './editor.js';
import { remember } from './history.js';
import { prepared } from './prepared.js';
import './filter.css';

export function FilterBar() {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<FilterEditor | null>(null);
  const problem = useSignal<string | null>(null);
  const keys = useRef<readonly Key[]>(keysOf(() => editor.current?.rewrite()));
  useKeys('Filter', keys.current);
  useLayoutEffect(() => {
    const made = editorIn(host.current!, {
      problem(reason) {
        problem.value = reason;
      },
      apply(filter) {
        const isOther = filter !== place.value.filter;
        remember(filter);
        go({ filter });
        return isOther;
      },
      revert: () => made.show(place.value.filter),
    });
    editor.current = made;
    return () => made.close();
  }, []);
  const { filter } = place.value;
  useLayoutEffect(() => editor.current?.show(filter), [filter]);
  useLayoutEffect(() => {
    if (prepared.value === null) return;
    editor.current?.show(prepared.value);
    editor.current?.focus();
    prepared.value = null;
  }, [prepared.value]);
  return (
    <div class="filter">
      <div ref={host} class={problem.value === null ? 'field' : 'field wrong'} />
      {filter !== '' && (
        <button type="button" onClick={() => go({ filter: '' })}>
          Clear
        </button>
      )}
      <span role="status" aria-label="Matches">
        <Matches />
      </span>
      {filtering.value !== null && <progress aria-label="Filtering" value={filtering.value} />}
      {problem.value !== null && (
        <span role="alert" class="problem">
          {problem.value}
        </span>
      )}
    </div>
  );
}

function Matches() {
  const { pdus, calls } = shown.value;
  const { view } = place.value;
  return view === 'calls' || view === 'flow'
    ? `${calls} of ${summary.value?.calls ?? 0} calls`
    : `${pdus} of ${summary.value?.pdus ?? 0} PDUs`;
}

/** Ctrl+/ is Wireshark's. */
function keysOf(rewrite: () => void): readonly Key[] {
  return [
    { key: 'Ctrl+/', says: 'write a filter', run: rewrite },
    { key: '/', says: 'write a filter', run: rewrite },
    { key: 'Enter', says: 'in the filter: apply it' },
    { key: 'Escape', says: 'in the filter: back to the one that is applied' },
    { key: 'Ctrl+Space', says: 'in the filter: what can be written here' },
    { key: 'ArrowUp', says: 'in the filter: those before' },
  ];
}
