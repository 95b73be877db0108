/** Calls in numbers: the tables of `stats`, with pictures. */
import { useEffect } from 'preact/hooks';
import { many } from '../parts/words.js';
import { edition, engine, place } from '../state.js';
import { useWhole, WholeProgress } from '../whole.js';
import type { Statistics } from './engine.js';
import { Pictures } from './pictures.js';
import { Tables } from './tables.js';
import './statistics.css';

export function StatisticsView() {
  const { item, filter } = place.value;
  const found = useWhole(() => engine.statistics(), edition.value);
  useEffect(() => {
    if (found !== null && item !== null) document.getElementById(`table-${item}`)?.scrollIntoView();
  }, [found === null, item]);
  if (found === null) return <WholeProgress />;
  return (
    <div class="statistics">
      <p>
        {many(found.calls, 'call')}{' '}
        {filter === '' ? 'in the whole capture' : 'of those that the filter leaves, as all tables and pictures here'}
        {found.passedOver > 0 && ` · ${many(found.passedOver, 'message')} of SMB about files passed over`}
      </p>
      <Warnings of={found.warnings} />
      <Pictures of={found} />
      <Tables of={found} />
    </div>
  );
}

function Warnings({ of }: { readonly of: Statistics['warnings'] }) {
  return (
    <>
      {of.map(({ message }) => (
        <p key={message} class="warning">
          {message}
        </p>
      ))}
    </>
  );
}
