/**
 * A list of very many rows (WAI-ARIA grid), of which those are drawn that are seen. One row is chosen; arrows, Page Up
 * and Down, Home and End go from one to the next. Columns can be made wider; the page remembers it.
 */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { hostTexts } from './hosts.js';
import { placeByKey, useInView, useLines } from './lines.js';
import { remembered } from './remembered.js';
import { Separator } from './separator.js';

export interface GridColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** As CSS says it in `grid-template-columns`; one in `rem` can be changed by the user. */
  readonly width: string;
  /** Where the list is narrow columns with a rank give way, the lowest first. */
  readonly spare?: number;
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
  /** The context menu of a row is asked for, by mouse on a column or by key (column `null`), at a point of the window. */
  menu?(row: Row, column: string | null, x: number, y: number): void;
  /** A column's title is clicked. */
  sort?(id: string): void;
  readonly sorted?: { readonly id: string; readonly down: boolean } | undefined;
}

export function Grid<Row>(props: GridProps<Row>) {
  const { label, count, chosen } = props;
  const lines = useLines(count);
  const { from, to } = lines;
  const isThere = chosen >= 0 && chosen < count;
  useInView(lines, chosen, count);
  const keys = (e: KeyboardEvent): void => {
    const at = placeByKey(e, chosen, count, lines.page);
    const row = isThere ? props.row(chosen) : undefined;
    if (at !== undefined) props.choose(at, props.row(at));
    else if (e.key === 'Enter' && props.open !== undefined && row !== undefined) props.open(chosen, row);
    else return;
    e.preventDefault();
  };
  const menu = (e: MouseEvent): void => {
    if (props.menu === undefined || !(e.target instanceof Element)) return;
    const cell = e.target.closest<HTMLElement>('[role="gridcell"]');
    const line = cell?.parentElement ?? e.currentTarget;
    const at = cell === null ? chosen : placeOf(cell);
    const row = at < 0 ? undefined : props.row(at);
    if (row === undefined || !(line instanceof Element)) return;
    e.preventDefault();
    props.choose(at, row);
    const mark = document.getElementById(`${label}-${at}`)?.getBoundingClientRect() ?? line.getBoundingClientRect();
    if (cell === null) props.menu(row, null, mark.left + 40, mark.bottom);
    else props.menu(row, cell.dataset.column ?? null, e.clientX, e.clientY);
  };
  const onRow = (act: (at: number, row: Row | undefined) => void) => (e: MouseEvent) => {
    const at = placeOf(e.target);
    if (at >= 0) act(at, props.row(at));
  };
  const widths = widthsOf(label).value;
  const shown = useMemo(() => roomFor(props, lines.width), [props.columns, lines.width, widths]);
  const template = templateOf(shown, widths);
  return (
    <div
      ref={lines.box}
      role="grid"
      aria-label={label}
      aria-rowcount={count}
      class="grid"
      tabIndex={0}
      aria-activedescendant={chosen >= from && chosen < to ? `${label}-${chosen}` : undefined}
      onKeyDown={keys}
      onContextMenu={menu}
    >
      <div role="presentation" class="sheet">
        <Titles {...props} shown={shown} template={template} />
        <div ref={lines.all} role="presentation" class="rows" style={{ height: `${lines.height}px` }}>
          <div
            role="rowgroup"
            style={{ transform: `translateY(${lines.shift}px)`, '--columns': template }}
            onClick={onRow(props.choose)}
            onDblClick={onRow((at, row) => row !== undefined && props.open?.(at, row))}
          >
            {Array.from({ length: to - from }, (_, i) => (
              <GridRow key={from + i} at={from + i} {...props} shown={shown} />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Place of the row that something in the list belongs to; -1 where it belongs to none. */
function placeOf(target: EventTarget | null): number {
  const row = target instanceof Element ? target.closest('[aria-rowindex]') : null;
  return row === null ? -1 : Number(row.ariaRowIndex) - 1;
}

/** Columns that there is room for. */
interface Shown<Row> {
  readonly shown: readonly GridColumn<Row>[];
}

/** A line of the list; where nothing in it changes it is not drawn anew. */
function GridRow<Row>(props: GridProps<Row> & Shown<Row> & { readonly at: number }) {
  const { at, label, columns, shown, chosen } = props;
  const row = props.row(at);
  const { class: kind, ...more } = (row && props.attributes?.(row)) ?? {};
  const isChosen = at === chosen;
  return useMemo(
    () => (
      <div
        id={`${label}-${at}`}
        role="row"
        aria-rowindex={at + 1}
        aria-selected={isChosen}
        {...more}
        class={`row ${kind ?? ''}`}
      >
        {columns.map((column) => (
          <div
            key={column.id}
            role="gridcell"
            data-column={column.id}
            class={column.isNumber ? 'number' : undefined}
            hidden={!shown.includes(column)}
          >
            {row === undefined ? '' : column.cell(row)}
          </div>
        ))}
      </div>
    ),
    // cells call hosts by their names
    [row, at, isChosen, kind, columns, shown, hostTexts.value],
  );
}

type Widths = Readonly<Record<string, number>>;

/** The narrowest and widest that a user can make a column, in rem. */
const LEAST = 2;
const MOST = 100;

const isWidths = (value: unknown): value is Widths =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((n) => typeof n === 'number' && n >= LEAST && n <= MOST);

/** Widths that the user gave the columns of a list, in rem, by their ids. */
const widthsOf = (label: string) => remembered<Widths>(`columns.${label}`, {}, isWidths);

/** Columns that there is room for, in pixels: those that may give way do so until the others have what they need at least. */
function roomFor<Row>({ label, columns }: GridProps<Row>, width: number): readonly GridColumn<Row>[] {
  if (width === 0) return columns;
  const own = widthsOf(label).value;
  const least = ({ id, width }: GridColumn<Row>): number =>
    own[id] ?? Number.parseFloat(/[\d.]+(?=rem)/.exec(width)?.[0] ?? '0');
  const spare = columns.filter((column) => column.spare !== undefined);
  spare.sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0));
  const gone = new Set<GridColumn<Row>>();
  let left = width / rem() - columns.reduce((sum, column) => sum + least(column), 0);
  for (const column of spare) {
    if (left >= 0) break;
    gone.add(column);
    left += least(column);
  }
  return columns.filter((column) => !gone.has(column));
}

/** Pixels of a rem. */
function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function templateOf<Row>(columns: readonly GridColumn<Row>[], widths: Widths): string {
  return columns.map(({ id, width }) => (widths[id] === undefined ? width : `${widths[id]}rem`)).join(' ');
}

function Titles<Row>(props: GridProps<Row> & Shown<Row> & { readonly template: string }) {
  const { label, shown, sort, sorted, template } = props;
  const widths = widthsOf(label);
  return (
    <div role="row" class="titles" style={{ 'grid-template-columns': template }}>
      {shown.map(({ id, title, width, isNumber }) => (
        <div
          key={id}
          role="columnheader"
          class={isNumber ? 'number' : undefined}
          aria-sort={sorted?.id === id ? (sorted.down ? 'descending' : 'ascending') : undefined}
        >
          {sort === undefined ? (
            title
          ) : (
            <button type="button" onClick={() => sort(id)}>
              {title}
              {sorted?.id === id && <span aria-hidden="true"> {sorted.down ? '▾' : '▴'}</span>}
            </button>
          )}
          {width.endsWith('rem') && (
            <Separator
              label={`Width of ${title}`}
              orientation="vertical"
              size={widths.value[id] ?? Number.parseFloat(width)}
              least={LEAST}
              most={MOST}
              perPixel={() => 1 / rem()}
              resize={(size) => {
                widths.value = { ...widths.value, [id]: size };
              }}
              reset={() => {
                const { [id]: _, ...others } = widths.value;
                widths.value = others;
              }}
            />
          )}
        </div>
      ))}
    </div>
  );
}
