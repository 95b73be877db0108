/** The clipboard, also where the page may not write to it by itself. */

/** Copies text; what the user points at asked for it. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
}

/** The way of old: a copy event that is answered with the text. */
function copyBySelection(text: string): void {
  const answer = (e: ClipboardEvent): void => {
    e.preventDefault();
    e.stopImmediatePropagation();
    e.clipboardData?.setData('text/plain', text);
  };
  addEventListener('copy', answer, { capture: true });
  try {
    document.execCommand('copy');
  } finally {
    removeEventListener('copy', answer, { capture: true });
  }
}
