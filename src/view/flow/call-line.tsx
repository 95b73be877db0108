/** One call of the diagram, in words: a button over its arrows. */
import { seconds } from '../calls/texts.js';
import { since } from '../parts/words.js';
import type { FlowRow } from './engine.js';
import { arrowOf, GUTTER, isSeen, type Window } from './geometry.js';

interface Props {
  readonly row: FlowRow;
  readonly seen: Window;
  /** Pixels below the first one that is drawn. */
  readonly y: number;
  readonly isChosen: boolean;
  /** Whether Tab leads to it. */
  readonly isNext: boolean;
  choose(): void;
  open(): void;
}

/** Room for how long it took, behind the arrow. */
const TOOK = 80;

export function CallLine({ row: line, seen, y, isChosen, isNext, choose, open }: Props) {
  const { row, reads, asked, answered } = line;
  const { low, high, from, to } = arrowOf(line, seen);
  const isRight = to > from;
  const hasRoom = high + TOOK < seen.width;
  // the answer stands where it comes from, the question may go on behind its arrow
  const width = Math.max((hasRoom || row.duration === null ? high : seen.width - TOOK) - low, 0);
  const answer = { left: `${low}px`, width: `${width}px`, 'text-align': isRight ? 'right' : 'left' };
  const took = hasRoom ? { left: `${high + 20}px`, top: '32px' } : { left: `${seen.width - TOOK + 6}px`, top: '23px' };
  return (
    <button
      type="button"
      class={`call ${isSeen(line, seen) ? '' : to < GUTTER ? 'far left' : 'far right'} ${row.failed ? 'bad' : `family-${row.says.family}`}`}
      data-call={row.call}
      aria-label={reads}
      aria-current={isChosen}
      tabIndex={isNext ? 0 : -1}
      style={{ top: `${y}px` }}
      onClick={choose}
      onDblClick={open}
    >
      <span class="gutter">
        <span>{row.frames[0] ?? row.frames[1]}</span>
        <small>{since(row.time)}</small>
      </span>
      <span class="asked" style={{ left: `${low}px`, width: `${Math.max(seen.width - low, 0)}px` }}>
        {asked}
      </span>
      <span class="answered" style={answer}>
        {answered}
      </span>
      {row.duration !== null && (
        <span class="took" style={took}>
          {seconds(row.duration)}
        </span>
      )}
    </button>
  );
}
