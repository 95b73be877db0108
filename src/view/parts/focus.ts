/** The focus of what opens over the page. */

/** To be called before `over` takes the focus. What it returns gives it back when `over` goes, unless it has gone elsewhere. */
export function givingBack(over: HTMLElement): () => void {
  const before = document.activeElement;
  return () => {
    const { activeElement } = document;
    const isHere = activeElement === document.body || over.contains(activeElement);
    if (isHere && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
