/**
 * A tree of very many rows (WAI-ARIA tree), of which those are drawn that are seen. It is given the rows that are open,
 * one below the other; what opens and closes them is whoever gives them.
 */
import type { ComponentChildren } from 'preact';
import { placeByKey, useInView, useLines } from './lines.js';
import './tree.css';

/** Levels that are indented; deeper ones stand below each other. */
const MOST_LEVELS = 24;

export interface TreeProps<Row> {
  readonly label: string;
  readonly count: number;
  row(at: number): Row;
  /** From 1 on. */
  level(row: Row): number;
  /** Whether what is below is shown; null where nothing is. */
  isOpen(row: Row): boolean | null;
  draw(row: Row): ComponentChildren;
  attributes?(row: Row): Readonly<Record<string, string | number | undefined>>;
  /** Place of the row that is chosen; -1 for none. */
  readonly chosen: number;
  choose(at: number): void;
  toggle(at: number): void;
  /** `*`: opens all below. */
  openAll(at: number): void;
  /** Enter, or a double click. */
  enter?(at: number): void;
  /** The context menu of a row is asked for, by mouse, by key or by its “⋯”, at a point of the window. */
  menu?(at: number, x: number, y: number): void;
}

export function Tree<Row>(props: TreeProps<Row>) {
  const { label, count, chosen } = props;
  const lines = useLines(count);
  const { from, to } = lines;
  useInView(lines, chosen, count);
  const keys = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const to = destination(props, e, lines.page);
    if (to === null) return;
    e.preventDefault();
    if (typeof to === 'number') props.choose(to);
    else to();
  };
  const menu = (e: MouseEvent): void => {
    const at = rowOf(e) ?? chosen;
    if (props.menu === undefined || at < 0 || at >= count) return;
    e.preventDefault();
    if (at !== chosen) props.choose(at);
    const mark = document.getElementById(`${label}-${at}`)?.getBoundingClientRect();
    // by key it stands below its row
    if (rowOf(e) === null && mark !== undefined) props.menu(at, mark.left + 40, mark.bottom);
    else props.menu(at, e.clientX, e.clientY);
  };
  return (
    <div
      ref={lines.box}
      role="tree"
      aria-label={label}
      class="tree"
      tabIndex={0}
      aria-activedescendant={chosen >= from && chosen < to ? `${label}-${chosen}` : undefined}
      onKeyDown={keys}
      onContextMenu={menu}
    >
      <div ref={lines.all} role="presentation" class="rows" style={{ height: `${lines.height}px` }}>
        <div role="presentation" style={{ transform: `translateY(${lines.shift}px)` }}>
          {Array.from({ length: to - from }, (_, i) => (
            <TreeRow key={from + i} at={from + i} {...props} />
          ))}
        </div>
      </div>
    </div>
  );
}

/** Place of the row that an event is about; null where it is about the tree. */
function rowOf({ target }: Event): number | null {
  const item = target instanceof Element ? target.closest('[role="treeitem"]') : null;
  return item === null ? null : Number(item.id.slice(item.id.lastIndexOf('-') + 1));
}

const isTwisty = ({ target }: Event): boolean => target instanceof Element && target.classList.contains('twisty');

function TreeRow<Row>(props: TreeProps<Row> & { readonly at: number }) {
  const { at, label, chosen, menu } = props;
  const row = props.row(at);
  const level = props.level(row);
  const isOpen = props.isOpen(row);
  const { class: kind, ...more } = props.attributes?.(row) ?? {};
  return (
    <div
      id={`${label}-${at}`}
      role="treeitem"
      aria-level={level}
      aria-expanded={isOpen ?? undefined}
      aria-selected={at === chosen}
      {...more}
      class={`row ${kind ?? ''}`}
      style={{ 'padding-left': `${Math.min(level, MOST_LEVELS) - 1}rem` }}
      onClick={(e) => (isTwisty(e) ? props.toggle(at) : props.choose(at))}
      onDblClick={(e) => {
        if (isTwisty(e)) return;
        if (props.enter === undefined) props.toggle(at);
        else props.enter(at);
      }}
    >
      <span class="twisty" aria-hidden="true">
        {isOpen === null ? '' : isOpen ? '▾' : '▸'}
      </span>
      {props.draw(row)}
      {menu !== undefined && at === chosen && (
        <button
          type="button"
          class="more"
          aria-label="Menu"
          tabIndex={-1}
          onClick={({ clientX, clientY }) => menu(at, clientX, clientY)}
        >
          ⋯
        </button>
      )}
    </div>
  );
}

/** The row that a key leads to, or what it does; null where it is none of a tree's. */
function destination<Row>(props: TreeProps<Row>, e: KeyboardEvent, page: number): number | (() => void) | null {
  const { count, chosen } = props;
  const at = placeByKey(e, chosen, count, page);
  if (at !== undefined) return at;
  if (chosen < 0 || chosen >= count) return null;
  const isOpen = props.isOpen(props.row(chosen));
  const toggle = (): void => props.toggle(chosen);
  switch (e.key) {
    case 'ArrowRight':
      return isOpen === false ? toggle : isOpen && chosen + 1 < count ? chosen + 1 : chosen;
    case 'ArrowLeft':
      return isOpen ? toggle : parentOf(props, chosen);
    case 'Enter':
      return props.enter === undefined ? toggle : () => props.enter?.(chosen);
    case ' ':
      return toggle;
    case '*':
      return () => props.openAll(chosen);
    default:
      return null;
  }
}

/** The row above that a row stands below; itself where it is of the first level. */
function parentOf<Row>({ row, level }: TreeProps<Row>, at: number): number {
  const own = level(row(at));
  for (let above = at - 1; above >= 0; above--) if (level(row(above)) < own) return above;
  return at;
}
