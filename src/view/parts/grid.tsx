/**
 * A list of very many rows (WAI-ARIA grid), of which those are drawn that are seen. One row is chosen; arrows, Page Up
 * and Down, Home and End go from one to the next.
 */

import { useSignal } from '@preact/signals';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Height of a row in pixels, at 100 %. */
const ROW = 22;

export interface GridColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** As CSS says it in `grid-template-columns`. */
  readonly width: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  cell(row: Row): ComponentChildren;
}

export interface GridProps<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly count: number;
  /** The row at a place, from 0 on; undefined while it is on its way. */
  row(at: number): Row | undefined;
  /** Attributes of a row beside those of the grid: `data-frame`, `class`. */
  attributes?(row: Row): Readonly<Record<string, string | number | undefined>>;
  /** Place of the row that is chosen; -1 for none. */
  readonly chosen: number;
  choose(at: number, row: Row | undefined): void;
  /** Enter, or a double click. */
  open?(at: number, row: Row): void;
  /** A column's title is clicked. */
  sort?(id: string): void;
  readonly sorted?: { readonly id: string; readonly down: boolean } | undefined;
}

export function Grid<Row>(props: GridProps<Row>) {
  const { label, columns, count, chosen } = props;
  const box = useRef<HTMLDivElement>(null);
  const drawn = useSignal(0);
  const list = useRef<Virtualizer<HTMLDivElement, HTMLDivElement> | null>(null);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => {
      drawn.value++;
    },
  };
  list.current ??= new Virtualizer(options);
  const virtual = list.current;
  virtual.setOptions(options);
  useEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  useEffect(() => {
    if (chosen >= 0 && chosen < count) virtual.scrollToIndex(chosen, { align: 'auto' });
  }, [chosen, virtual]);
  void drawn.value;
  const template = { 'grid-template-columns': columns.map(({ width }) => width).join(' ') };
  const page = (): number => Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW) - 2);
  const keys = (e: KeyboardEvent): void => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page(), PageUp: chosen - page() };
    const ends = { Home: 0, End: count - 1 };
    const at = { ...to, ...ends }[e.key];
    if (e.key === 'Enter') {
      const row = props.row(chosen);
      if (row !== undefined) props.open?.(chosen, row);
    } else if (at !== undefined && count > 0) {
      e.preventDefault();
      const place = Math.min(Math.max(at, 0), count - 1);
      props.choose(place, props.row(place));
    }
  };
  return (
    <div
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={count}
      class="grid"
      tabIndex={0}
      aria-activedescendant={chosen >= 0 ? `${label}-${chosen}` : undefined}
      onKeyDown={keys}
    >
      <div role="row" class="titles" style={template}>
        {columns.map(({ id, title, isNumber }) => (
          <div
            key={id}
            role="columnheader"
            class={isNumber ? 'number' : undefined}
            aria-sort={props.sorted?.id === id ? (props.sorted.down ? 'descending' : 'ascending') : undefined}
            onClick={() => props.sort?.(id)}
          >
            {title}
          </div>
        ))}
      </div>
      <div role="presentation" class="rows" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = props.row(index);
          const { class: kind, ...more } = (row && props.attributes?.(row)) ?? {};
          return (
            <div
              key={index}
              id={`${label}-${index}`}
              role="row"
              aria-rowindex={index + 1}
              aria-selected={index === chosen}
              {...more}
              class={`row ${kind ?? ''}`}
              style={{ ...template, transform: `translateY(${start}px)` }}
              onClick={() => props.choose(index, row)}
              onDblClick={() => row && props.open?.(index, row)}
            >
              {columns.map((column) => (
                <div key={column.id} role="gridcell" class={column.isNumber ? 'number' : undefined}>
                  {row === undefined ? '' : column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
