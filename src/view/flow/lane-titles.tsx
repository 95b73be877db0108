/** Who the lanes are, above them, and the moments of their lives beside their lines. */
import { hashOf } from '../address.js';
import { place } from '../state.js';
import type { FlowLane, FlowRow } from './engine.js';
import { BACK, CALL, laneX, type Window } from './geometry.js';

/** Room that the time of a call takes beside its arrow. */
const BEHIND_TIME = 72;
/** From a lane to what is told of it. */
const BESIDE = 12;
/** The widest letters that it is mostly written with. */
const LETTER = 7;

interface Props {
  readonly seen: Window;
  readonly firstLane: number;
  readonly lanes: readonly (FlowLane | undefined)[];
}

export function LaneTitles({ seen, firstLane, lanes }: Props) {
  return (
    <div class="lane-titles">
      {lanes.map((lane, i) => {
        if (lane === undefined) return null;
        const { kind, title, told, item } = lane;
        const texts = (
          <>
            <b>{shortened(title)}</b>
            <small>{told}</small>
          </>
        );
        const attributes = {
          ...{ class: 'lane', 'data-lane': kind, title: told === '' ? title : `${title}\n${told}` },
          style: { left: `${seen.left + laneX(firstLane + i, seen)}px` },
        };
        return item === null ? (
          <div key={firstLane + i} {...attributes}>
            {texts}
          </div>
        ) : (
          <a
            key={firstLane + i}
            {...attributes}
            aria-label={title}
            href={hashOf({ ...place.value, view: 'objects', item })}
          >
            {texts}
          </a>
        );
      })}
    </div>
  );
}

interface MomentProps extends Props {
  /** Place of the first call that is drawn; `rows` are those from there on. */
  readonly first: number;
  readonly rows: readonly (FlowRow | undefined)[];
}

/** What is told of a lane beside a call of it. */
export function Moments({ seen, firstLane, lanes, first, rows }: MomentProps) {
  const texts = lanes.flatMap((lane, i) => {
    if (lane === undefined) return [];
    const moments = [
      { moment: lane.made, at: lane.life[0] },
      { moment: lane.released, at: lane.life[1] },
    ];
    return moments.flatMap(({ moment, at }) => {
      const row = rows[at - first];
      if (moment === null || row === undefined) return [];
      const isEnd = Math.max(row.from, row.to) === firstLane + i;
      const lane = laneX(firstLane + i, seen);
      // where an arrow ends, what it says stands before the lane
      const isBefore = !isEnd && lane + BESIDE + moment.says.length * LETTER > seen.width;
      const x = isBefore ? `calc(${lane - BESIDE}px - 100%)` : `${lane + BESIDE + (isEnd ? BEHIND_TIME : 0)}px`;
      return [{ says: moment.says, x, y: (at - first) * CALL + BACK - 8 }];
    });
  });
  return (
    <>
      {texts.map(({ says, x, y }) => (
        <small key={`${x} ${y}`} class="moment" style={{ transform: `translate(${x}, ${y}px)` }}>
          {says}
        </small>
      ))}
    </>
  );
}

/** Long numbers by their ends, IPIDs by their last digits. */
function shortened(title: string): string {
  return title
    .replace(/\b(0x[0-9a-f]{4})[0-9a-f]{8}([0-9a-f]{4})\b/, '$1…$2')
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{21}([0-9a-f]{6})\b/, '…$1');
}
