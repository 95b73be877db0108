/** Two parts of the page with a line between that the user moves; the page remembers where. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { remembered } from './remembered.js';
import { Separator } from './separator.js';
import './split.css';

interface Props {
  /** What the first part is, as the line that resizes it is named: `Width of the list`. */
  readonly of: string;
  /** How the line runs: `horizontal` between one above the other, as all are where there is no room beside. */
  readonly orientation: 'vertical' | 'horizontal';
  /** Share of the first part by itself, in percent. */
  readonly share: number;
  /** Null in place of the second part: the first one has all the room. */
  readonly children: readonly [ComponentChildren, ComponentChildren];
}

/** The least and the most that the first part takes, in percent. */
const LEAST = 10;
const MOST = 90;

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= LEAST && value <= MOST;

/** A page that is narrow and high. */
const narrow = matchMedia('(max-width: 700px) and (orientation: portrait)');
const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});

export function Split({ of, orientation: wanted, share: wantedShare, children: [first, second] }: Props) {
  const isTurned = wanted === 'vertical' && isNarrow.value;
  const [orientation, share] = isTurned ? (['horizontal', 50] as const) : [wanted, wantedShare];
  const label = `${orientation === 'vertical' ? 'Width' : 'Height'} of the ${of}`;
  const now = remembered(`split.${label}`, share, isShare);
  const sizes = `minmax(0, ${now.value}fr) auto minmax(0, ${100 - now.value}fr)`;
  const style = orientation === 'vertical' ? { 'grid-template-columns': sizes } : { 'grid-template-rows': sizes };
  const length = ({ clientWidth, clientHeight }: Element): number =>
    orientation === 'vertical' ? clientWidth : clientHeight;
  return (
    <div class="split" style={second === null ? undefined : style}>
      <div class="part">{first}</div>
      {second !== null && (
        <>
          <Separator
            {...{ label, orientation, least: LEAST, most: MOST }}
            size={now.value}
            perPixel={(line) => 100 / (length(line.parentElement ?? line) || 1)}
            resize={(size) => {
              now.value = size;
            }}
            reset={() => {
              now.value = share;
            }}
          />
          <div class="part">{second}</div>
        </>
      )}
    </div>
  );
}
