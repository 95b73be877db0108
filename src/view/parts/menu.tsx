/** A menu at a place of the page (WAI-ARIA menu). */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
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
  const opened = useSignal<Omit<Props, 'close'> | null>(null);
  const close = (): void => {
    opened.value = null;
  };
  const open = (what: Omit<Props, 'close'>): void => {
    opened.value = what;
  };
  return [open, opened.value && <Drawn {...({ ...opened.value, close } as Props)} />];
}

/** Drawn while it is open; `close` is called when something was chosen, on Escape, and when one clicks elsewhere. */
export function Menu(props: {
  label: string;
  items: readonly (MenuItem | null)[];
  /** Where it opens, in pixels of the window. */
  x: number;
  y: number;
  close(): void;
}) {
  const { label, items, x, y, close } = props;
  const box = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  useLayoutEffect(() => {
    const menu = box.current;
    if (menu === null) return;
    const before = document.activeElement;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(0, Math.min(x, innerWidth - width))}px`;
    menu.style.top = `${Math.max(0, Math.min(y, innerHeight - height))}px`;
    buttons()[0]?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [x, y]);
  const step = (e: KeyboardEvent): void => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[e.key];
    if (e.key === 'Tab') box.current?.hidePopover();
    else if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    if (to !== undefined) all[to % all.length]?.focus();
  };
  return (
    <div
      ref={box}
      role="menu"
      popover="auto"
      class="menu"
      aria-label={label}
      onKeyDown={step}
      onToggle={(e) => e.newState === 'closed' && close()}
    >
      {items.map((item, at) =>
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
