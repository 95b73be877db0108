/** What Ctrl+C copies where nothing is selected: what is chosen in the part of the page that has the focus. */
import { useEffect, useRef } from 'preact/hooks';

/**
 * Answers for a part of the page.
 * @param label its `aria-label`
 * @param make the text; null where nothing is chosen
 */
export function useCopy(label: string, make: () => string | null): void {
  const latest = useRef(make);
  latest.current = make;
  useEffect(() => {
    const answer = (e: ClipboardEvent): void => {
      if (!(e.target instanceof Element) || e.target.closest(`[aria-label="${label}"]`) === null) return;
      if (getSelection()?.isCollapsed === false) return;
      const text = latest.current();
      if (text === null) return;
      e.preventDefault();
      e.clipboardData?.setData('text/plain', text);
    };
    addEventListener('copy', answer);
    return () => removeEventListener('copy', answer);
  }, [label]);
}
