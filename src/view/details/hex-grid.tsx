/** Bytes as numbers and as text (WAI-ARIA grid): 16 in a line, or 8 where there is little room. */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { useLines } from '../parts/lines.js';
import { type Span, spanAt } from './marks.js';
import './hex-grid.css';

interface Props {
  /** The bytes from `start` (inclusive) to `end` (exclusive) are shown. */
  readonly start: number;
  readonly end: number;
  /** A byte; undefined where nobody knows it, or not yet. */
  byteAt(offset: number): number | undefined;
  readonly marked: readonly Span[];
  /** What the marked ones are part of. */
  readonly around: readonly Span[];
  /** Changes when others are marked: then the first of them is shown. */
  readonly subject: unknown;
  choose(offset: number): void;
}

/** Characters that a line of 16 takes behind its offset, and pixels around it, as in hex-grid.css. */
const WIDE = 68;
const AROUND = 20;

export function HexGrid({ start, end, byteAt, marked, around, subject, choose }: Props) {
  const wide = useSignal(true);
  const cursor = useSignal<number | null>(null);
  const per = wide.value ? 16 : 8;
  const first = start - (start % per);
  const count = Math.ceil((end - first) / per);
  const lines = useLines(count);
  const digits = Math.max(4, (end - 1).toString(16).length);
  const at = cursor.value !== null && spanAt(marked, cursor.value) ? cursor.value : (marked[0]?.start ?? start);
  const lineOf = (offset: number): number => Math.floor((offset - first) / per);

  useLayoutEffect(() => {
    const box = lines.box.current;
    if (box === null || lines.width === 0) return;
    // the font has one width for all
    const character = Number.parseFloat(getComputedStyle(box).fontSize) * 0.602;
    wide.value = lines.width >= (WIDE + digits) * character + AROUND;
  }, [lines.width, digits]);
  useEffect(() => {
    if (marked.length === 0) return;
    lines.show(lineOf(marked[0].end - 1));
    lines.show(lineOf(at));
  }, [subject, per, lines.page > 1]);

  const keys = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
    const ends = { Home: at - (at % per), End: at - (at % per) + per - 1 };
    const page = lines.page * per;
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + per, ArrowUp: at - per };
    const to = { ...steps, ...ends, PageDown: at + page, PageUp: at - page }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    pick(Math.min(Math.max(to, start), end - 1));
  };
  const pick = (offset: number): void => {
    cursor.value = offset;
    lines.show(lineOf(offset));
    choose(offset);
  };
  const click = ({ target }: MouseEvent): void => {
    const { offset, text } = (target instanceof HTMLElement && target.dataset) || {};
    if (offset !== undefined || text !== undefined) pick(Number(offset ?? text));
  };
  const classOf = (offset: number): string =>
    spanAt(marked, offset) ? 'marked' : spanAt(around, offset) ? 'around' : '';
  return (
    <div
      ref={lines.box}
      role="grid"
      aria-label="Bytes"
      aria-rowcount={count}
      class="bytes"
      tabIndex={0}
      aria-activedescendant={lineOf(at) >= lines.from && lineOf(at) < lines.to ? 'byte' : undefined}
      onKeyDown={keys}
      onClick={click}
    >
      <div ref={lines.all} role="presentation" class="rows" style={{ height: `${lines.height}px` }}>
        <div role="rowgroup" style={{ transform: `translateY(${lines.shift}px)` }}>
          {Array.from({ length: lines.to - lines.from }, (_, i) => {
            const line = lines.from + i;
            const begins = first + line * per;
            const offsets = Array.from({ length: per }, (_, k) => begins + k);
            const known = offsets.map((offset) => (offset < start || offset >= end ? undefined : byteAt(offset)));
            return (
              <div key={begins} role="row" aria-rowindex={line + 1} class="row">
                <span role="rowheader">{begins.toString(16).padStart(digits, '0')}</span>
                {offsets.map((offset, k) =>
                  known[k] === undefined ? (
                    <i key={offset} />
                  ) : (
                    <span
                      key={offset}
                      id={offset === at ? 'byte' : undefined}
                      role="gridcell"
                      data-offset={offset}
                      aria-selected={spanAt(marked, offset) !== undefined}
                      class={`${classOf(offset)} ${offset === at ? 'at' : ''}`}
                    >
                      {known[k].toString(16).padStart(2, '0')}
                    </span>
                  ),
                )}
                <span aria-hidden="true" class="text">
                  {offsets.map((offset, k) => (
                    <i key={offset} data-text={known[k] === undefined ? undefined : offset} class={classOf(offset)}>
                      {character(known[k])}
                    </i>
                  ))}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** ASCII that can be seen. */
function character(byte: number | undefined): string {
  if (byte === undefined) return ' ';
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}
