/** A menu at a place of the page (WAI-ARIA menu). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { givingBack } from './focus.js';
import './over.css';

/** One thing that can be done; null in a list of them is a line between two groups. */
export interface MenuItem {
  readonly label: string;
  run(): void;
}

/** A menu that a part of the page may open: how, with what it is to be drawn for, and what is drawn of it now. */
export function useMenu<Props extends { close(): void }>(
  Drawn: (props: Props) => JSX.Element | null,
): readonly [open: (what: Omit<Props, 'close'>) => void, drawn: JSX.Element | null] {
  // each time is another menu: one that closes late does not close the next
  const opened = useSignal<{ readonly what: Omit<Props, 'close'>; readonly time: number } | null>(null);
  const times = useRef(0);
  const open = (what: Omit<Props, 'close'>): void => {
    opened.value = { what, time: ++times.current };
  };
  const now = opened.value;
  const close = (): void => {
    if (opened.peek()?.time === now?.time) opened.value = null;
  };
  return [open, now && <Drawn key={now.time} {...({ ...now.what, close } as Props)} />];
}

/** Pixels from the pointer to the corner of the menu, which is round: the pointer is inside when its button is let go. */
const INSIDE = 3;

/**
 * Drawn while it is open; `close` is called when something was chosen, on Escape, and when one clicks elsewhere. It opens
 * at once, and keys that are pressed before its items are there are meant for them.
 */
export function Menu(props: {
  label: string;
  /** Null while they are on their way. */
  items: readonly (MenuItem | null)[] | null;
  /** Where it opens, in pixels of the window. */
  x: number;
  y: number;
  close(): void;
}) {
  const { label, items, x, y, close } = props;
  const box = useRef<HTMLDivElement>(null);
  const early = useRef<string[]>([]);
  const buttons = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  useLayoutEffect(() => {
    const menu = box.current;
    if (menu === null) return;
    const giveBack = givingBack(menu);
    menu.showPopover();
    menu.focus();
    return giveBack;
  }, []);
  useLayoutEffect(() => {
    const menu = box.current;
    if (menu === null || items === null) return;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(0, Math.min(x - INSIDE, innerWidth - width))}px`;
    menu.style.top = `${Math.max(0, Math.min(y - INSIDE, innerHeight - height))}px`;
    if (document.activeElement === menu) buttons()[0]?.focus();
    for (const key of early.current.splice(0))
      if (key === 'Enter' || key === ' ') (document.activeElement as HTMLElement).click();
      else goTo(key);
  }, [items]);
  /** Goes to the item that a key leads to; whether it leads to one. */
  const goTo = (key: string): boolean => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[key];
    if (to !== undefined) all[to % all.length]?.focus();
    return to !== undefined;
  };
  const keys = (e: KeyboardEvent): void => {
    if (e.key === 'Escape') return;
    if (e.key === 'Tab') box.current?.hidePopover();
    else if (items === null) early.current.push(e.key);
    else if (!goTo(e.key)) return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div
      ref={box}
      role="menu"
      popover="auto"
      class="menu"
      aria-label={label}
      aria-busy={items === null}
      tabIndex={-1}
      onKeyDown={keys}
      onToggle={(e) => e.newState === 'closed' && close()}
    >
      {items?.map((item, at) =>
        item === null ? (
          <hr key={at} />
        ) : (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            onClick={() => {
              box.current?.hidePopover();
              item.run();
            }}
          >
            {item.label}
          </button>
        ),
      )}
    </div>
  );
}
