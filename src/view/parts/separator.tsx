/** The line between two parts that can be made wider and narrower (WAI-ARIA window splitter): by drag and by keys. */
import { useRef } from 'preact/hooks';

interface Props {
  /** What it resizes. */
  readonly label: string;
  /** How the line itself runs. */
  readonly orientation: 'vertical' | 'horizontal';
  /** What is resized, in a unit of the caller's. */
  readonly size: number;
  readonly least: number;
  readonly most: number;
  /** How much one pixel is in that unit; asked for when it matters. */
  perPixel(line: HTMLElement): number;
  resize(size: number): void;
  /** As it is by itself: a double click. */
  reset(): void;
}

/** Pixels that a key moves it. */
const STEP = 16;

export function Separator({ label, orientation, size, least, most, perPixel, resize, reset }: Props) {
  const drag = useRef<{ from: number; size: number } | null>(null);
  const [less, more] = orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  const to = (next: number): void => resize(Math.min(Math.max(next, least), most));
  const pixel = (e: PointerEvent): number => (orientation === 'vertical' ? e.clientX : e.clientY);
  return (
    <div
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(size)}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      class={`separator ${orientation}`}
      onClick={(e) => e.stopPropagation()}
      onDblClick={(e) => {
        e.stopPropagation();
        reset();
      }}
      onPointerDown={(e) => {
        drag.current = { from: pixel(e), size };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => {
        if (drag.current !== null) to(drag.current.size + (pixel(e) - drag.current.from) * perPixel(e.currentTarget));
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onKeyDown={(e) => {
        const by = { [less]: -STEP, [more]: STEP }[e.key];
        const ends = { Home: least, End: most }[e.key];
        if (by === undefined && ends === undefined) return;
        e.preventDefault();
        e.stopPropagation();
        to(ends ?? size + (by ?? 0) * perPixel(e.currentTarget));
      }}
    />
  );
}
