/** Lanes, lives and arrows of what is seen of the diagram: lines alone, that tell nothing the calls do not say. */
import type { FlowLane, FlowRow } from './engine.js';
import { arrowOf, BACK, CALL, laneX, THERE, type Window } from './geometry.js';

interface Props {
  readonly seen: Window;
  /** Place of the first call that is drawn; `rows` are those from there on. */
  readonly first: number;
  readonly rows: readonly (FlowRow | undefined)[];
  readonly firstLane: number;
  readonly lanes: readonly (FlowLane | undefined)[];
  /** Place of the call that is chosen. */
  readonly chosen: number;
}

/** Half the width of a life. */
const LIFE = 6;

export function Drawing({ seen, first, rows, firstLane, lanes, chosen }: Props) {
  const height = rows.length * CALL;
  return (
    <svg aria-hidden="true" width={seen.width} height={height}>
      {chosen >= first && chosen < first + rows.length && (
        <rect class="chosen" y={(chosen - first) * CALL} width={seen.width} height={CALL} />
      )}
      {lanes.map((lane, i) => (
        <LaneLine key={firstLane + i} x={laneX(firstLane + i, seen)} {...{ lane, first, height }} />
      ))}
      {rows.map((row, i) => row && <Arrows key={row.row.call} row={row} y={i * CALL} seen={seen} />)}
    </svg>
  );
}

interface LaneProps {
  readonly x: number;
  readonly lane: FlowLane | undefined;
  readonly first: number;
  readonly height: number;
}

function LaneLine({ x, lane, first, height }: LaneProps) {
  const line = <path class="lane-line" d={`M${x} 0V${height}`} />;
  if (lane?.kind !== 'object') return line;
  const { made, released } = lane;
  const top = Math.max((lane.life[0] - first) * CALL + (made === null ? 0 : BACK), -CALL);
  const bottom = Math.min((lane.life[1] - first + 1) * CALL - (released === null ? 0 : CALL - BACK), height + CALL);
  return (
    <>
      {line}
      {bottom > top && <rect class="life" x={x - LIFE} y={top} width={2 * LIFE} height={bottom - top} rx="3" />}
    </>
  );
}

function Arrows({ row, y, seen }: { readonly row: FlowRow; readonly y: number; readonly seen: Window }) {
  const { from, to } = arrowOf(row, seen);
  const [request, answer] = row.row.frames;
  const there = y + THERE;
  const back = y + BACK;
  const solid = [
    ...(request === null ? [] : [`M${from} ${there}H${to}`, head(to, there, to > from)]),
    ...(answer === null ? [] : [head(from, back, from > to)]),
  ];
  return (
    <g class={row.row.failed ? 'bad' : `family-${row.row.says.family}`}>
      <path class="there" d={solid.join('')} />
      {answer !== null && <path class="back" d={`M${to} ${back}H${from}`} />}
    </g>
  );
}

function head(x: number, y: number, isRight: boolean): string {
  const back = x + (isRight ? -7 : 7);
  return `M${back} ${y - 4}L${x} ${y}L${back} ${y + 4}`;
}
