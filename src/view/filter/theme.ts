/** How the editor of filters looks: colours are the page's. */
import { EditorView } from '@codemirror/view';

export const theme = EditorView.theme({
  '&': { color: 'var(--ink)', background: 'var(--pane)', borderRadius: '6px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { font: 'var(--mono)', lineHeight: '1.6', overflowX: 'auto', scrollbarWidth: 'none' },
  '.cm-content': { padding: '3px 8px', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-placeholder': { color: 'var(--dim)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--chosen)',
  },
  '.word-field': { color: 'var(--accent)' },
  '.word-function': { color: 'var(--references)' },
  '.word-operator': { color: 'var(--dim)' },
  '.word-text': { color: 'var(--ioi)' },
  '.word-wrong': { color: 'var(--bad)' },
  '.cm-tooltip': {
    background: 'var(--pane)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: 'var(--mono)', maxHeight: '20em', maxWidth: '92vw' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > completion-section': {
    opacity: '1',
    color: 'var(--dim)',
    borderBottomColor: 'var(--line)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--chosen)',
    color: 'var(--ink)',
  },
  '.cm-completionDetail': { color: 'var(--dim)', fontStyle: 'normal' },
  '.cm-diagnosticText': { color: 'var(--ink)' },
});
