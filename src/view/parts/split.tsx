/** Two parts of the page with a line between that the user moves; the page remembers where. */
import type { ComponentChildren } from 'preact';
import { remembered } from './remembered.js';
import { Separator } from './separator.js';
import './split.css';

interface Props {
  /** What the line resizes: the first part. */
  readonly label: string;
  /** How the line runs: `horizontal` between one above the other. */
  readonly orientation: 'vertical' | 'horizontal';
  /** Share of the first part by itself, in percent. */
  readonly share: number;
  readonly children: readonly [ComponentChildren, ComponentChildren];
}

/** The least and the most that the first part takes, in percent. */
const LEAST = 10;
const MOST = 90;

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= LEAST && value <= MOST;

export function Split({ label, orientation, share, children }: Props) {
  const now = remembered(`split.${label}`, share, isShare);
  const sizes = `minmax(0, ${now.value}fr) auto minmax(0, ${100 - now.value}fr)`;
  const style = orientation === 'vertical' ? { 'grid-template-columns': sizes } : { 'grid-template-rows': sizes };
  const length = ({ clientWidth, clientHeight }: Element): number =>
    orientation === 'vertical' ? clientWidth : clientHeight;
  return (
    <div class="split" style={style}>
      <div class="part">{children[0]}</div>
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
      <div class="part">{children[1]}</div>
    </div>
  );
}
