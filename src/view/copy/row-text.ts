/** The row of a list that is chosen, as text: its cells with tabs between them. Null where none is, or it is not drawn. */
export function rowText(label: string): string | null {
  const row = document.querySelector(`[role="grid"][aria-label="${label}"] [role="row"][aria-selected="true"]`);
  if (row === null) return null;
  return Array.from(row.querySelectorAll('[role="gridcell"]'), (cell) => cell.textContent).join('\t');
}
