/** Keys that do something while a part of the page is there. */
import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';

/** One key. */
export interface Key {
  /** As `Ctrl+ArrowDown`, `?`, `g`: modifiers in the order Ctrl, Alt, Shift, then what `KeyboardEvent.key` says. */
  readonly key: string;
  /** What it does, for the list that `?` shows. */
  readonly says: string;
  /** Left out where the part hears the key itself. */
  run?(): void;
}

/** The keys that do something now, under the part of the page that they belong to. */
export const keys = signal<readonly { readonly part: string; readonly keys: readonly Key[] }[]>([]);

/** Has keys do something while the component is there. The last to come is asked first. */
export function useKeys(part: string, own: readonly Key[]): void {
  useLayoutEffect(() => {
    const entry = { part, keys: own };
    keys.value = [entry, ...keys.value];
    return () => {
      keys.value = keys.value.filter((other) => other !== entry);
    };
  }, [own]);
}

/** Hears all keys of the page but those that are typed into a field. */
export function listenToKeys(): void {
  addEventListener('keydown', (e) => {
    // a modal dialog has the page for itself
    if (e.defaultPrevented || isTyping(e) || document.querySelector('dialog:modal') !== null) return;
    const name = nameOf(e);
    for (const part of keys.value)
      for (const { key, run } of part.keys)
        if (key === name && run !== undefined) {
          e.preventDefault();
          run();
          return;
        }
  });
}

function nameOf({ ctrlKey, altKey, shiftKey, key }: KeyboardEvent): string {
  // Shift is part of what a printed character is
  const parts = [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && key.length > 1 && 'Shift', key];
  return parts.filter((part) => part !== false).join('+');
}

/**
 * Whether a key is typed into a field: those with Ctrl or Alt, and Escape, are not text. A field of a dialog that was
 * just closed has the focus until the page is drawn again.
 */
function isTyping({ target, ctrlKey, altKey, key }: KeyboardEvent): boolean {
  if (ctrlKey || altKey || key === 'Escape') return false;
  const [inner] = target instanceof Element && target.shadowRoot ? [target.shadowRoot.activeElement] : [target];
  if (!(inner instanceof HTMLElement) || !inner.checkVisibility()) return false;
  return inner.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(inner.tagName);
}
