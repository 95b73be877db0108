/** A dialog over the page: the browser keeps the focus inside, Escape closes it, and gives the focus back. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import './over.css';

/** Drawn while it is open. `close` is called when it was closed, by Escape too: who drew it then draws it no more. */
export function Dialog(props: { title: string; close(): void; children: ComponentChildren }) {
  const { title, close, children } = props;
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  // at once: keys that follow are meant for it
  useLayoutEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} class="dialog" aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
      <button type="button" class="plain close" aria-label="Close" onClick={() => box.current?.close()}>
        ✕
      </button>
    </dialog>
  );
}
