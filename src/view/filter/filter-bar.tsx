/** The display filter over all views. */
import { filtered, go, place, shown, summary } from '../state.js';

export function FilterBar() {
  const now = filtered.value;
  const { pdus, calls } = shown.value;
  return (
    <div class="filter">
      <input
        type="text"
        aria-label="Display filter"
        value={place.value.filter}
        onChange={({ currentTarget }) => go({ filter: currentTarget.value })}
      />
      <span role="status" aria-label="Matches">
        {place.value.view === 'calls' || place.value.view === 'flow'
          ? `${calls} of ${summary.value?.calls ?? 0} calls`
          : `${pdus} of ${summary.value?.pdus ?? 0} PDUs`}
      </span>
      {now !== null && 'error' in now && <span role="alert">{now.error}</span>}
    </div>
  );
}
