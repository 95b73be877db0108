/**
 * One line of CodeMirror for filters. It stands in a shadow root: there its styles are made without elements, which the
 * page's security policy would stop. What a filter means, the worker says.
 */
import { autocompletion, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import { history as changes, historyKeymap, standardKeymap } from '@codemirror/commands';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { engine } from '../state.js';
import { acceptFirst, proposals } from './completion.js';
import { history } from './history.js';
import { theme } from './theme.js';
import { colours, setWords } from './words.js';

/** What an editor tells. */
export interface EditorListener {
  /** Why what stands there is no filter; null where it is one. */
  problem(reason: string | null): void;
  /** Enter, with a filter that is one; whether it is another one than before. */
  apply(filter: string): boolean;
  /** Escape. */
  revert(): void;
}

export interface FilterEditor {
  focus(): void;
  /** Has keys go there, which write another filter in the place of the one that is there. */
  rewrite(): void;
  /** Has another filter stand there. */
  show(filter: string): void;
  close(): void;
}

/**
 * Text is put in by the editor and not by the browser, which writes a style into what it puts in the place of coloured
 * words; the page's security policy would complain.
 */
const typing = EditorView.domEventHandlers({
  beforeinput(e, view) {
    if (e.inputType !== 'insertText' || e.data === null || e.isComposing) return false;
    const { from, to } = replaced(e, view);
    view.dispatch({
      changes: { from, to, insert: e.data },
      selection: { anchor: from + e.data.length },
      userEvent: 'input.type',
      scrollIntoView: true,
    });
    return true;
  },
});

/** What is typed over: what the browser says, as the editor hears of a new selection a moment later. */
function replaced(e: InputEvent, view: EditorView): { readonly from: number; readonly to: number } {
  const [range] = e.getTargetRanges();
  const { startContainer, startOffset, endContainer, endOffset } = range ?? selectedIn(view) ?? {};
  if (startContainer === undefined || endContainer === undefined || !view.contentDOM.contains(startContainer))
    return view.state.selection.main;
  return { from: view.posAtDOM(startContainer, startOffset), to: view.posAtDOM(endContainer, endOffset) };
}

/** What is selected, where the browser tells that of a shadow root: text that no key typed has no ranges of its own. */
function selectedIn({ root }: EditorView): AbstractRange | undefined {
  const selection = (root as Partial<Pick<Document, 'getSelection'>>).getSelection?.() ?? null;
  return selection === null || selection.rangeCount === 0 ? undefined : selection.getRangeAt(0);
}

/** What is scrolled can be reached by keyboard, as the list of proposals. */
const reachable = EditorView.updateListener.of(({ view }) => {
  view.dom.querySelector('.cm-tooltip-autocomplete > ul')?.setAttribute('tabindex', '0');
});

/** Milliseconds without a key before one is told that a filter is wrong: while it is written, it mostly is. */
const BEFORE_COMPLAINT = 600;

/** Makes an editor in an element. */
export function editorIn(host: HTMLElement, on: EditorListener): FilterEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  let complaint: ReturnType<typeof setTimeout> | undefined;
  /** A filter that was applied while something else was written: it does not take the place of that. */
  let applied: string | null = null;
  const text = (): string => view.state.doc.toString();

  /** Has the worker read what stands there; whether it is a filter. What else stands there by then is not marked. */
  const check = async (patience: number): Promise<boolean> => {
    clearTimeout(complaint);
    const asked = text();
    const { words, error } = await engine.readFilter(asked);
    if (text() !== asked) return error === null;
    view.dispatch({ effects: setWords.of(words) });
    const tell = (): void => {
      const from = Math.min(error?.at ?? 0, asked.length);
      const to = Math.min(from + (error?.length ?? 0), asked.length);
      const marks = error === null ? [] : [{ from, to, severity: 'error' as const, message: error.reason }];
      view.dispatch(setDiagnostics(view.state, marks));
      on.problem(error?.reason ?? null);
    };
    if (error === null || patience === 0) tell();
    else complaint = setTimeout(tell, patience);
    return error === null;
  };
  const replace = (filter: string): boolean => {
    if (filter !== text())
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: filter },
        selection: { anchor: filter.length },
      });
    return true;
  };
  const apply = (): boolean => {
    const filter = text();
    void check(0).then((isFilter) => {
      // who writes on meanwhile is not stopped
      if (isFilter && on.apply(filter) && text() !== filter) applied = filter;
    });
    return true;
  };
  const revert = (): boolean => {
    on.revert();
    return true;
  };
  /** Steps through the filters before; -1 is what is being written. */
  let [at, written] = [-1, ''];
  const step = (by: number) => (): boolean => {
    if (text() !== (at < 0 ? written : history.value[at])) [at, written] = [-1, text()];
    at = Math.min(Math.max(at + by, -1), history.value.length - 1);
    return replace(at < 0 ? written : history.value[at]);
  };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      extensions: [
        theme,
        colours,
        typing,
        reachable,
        changes(),
        drawSelection(),
        placeholder('Display filter, as dcerpc.opnum == 3'),
        EditorState.transactionFilter.of((tr) => (tr.newDoc.lines > 1 ? [] : tr)),
        EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\s*[\r\n]+\s*/g, ' ')),
        EditorView.contentAttributes.of({ 'aria-label': 'Display filter', 'aria-multiline': 'false' }),
        autocompletion({
          override: [proposals],
          icons: false,
          selectOnOpen: false,
          interactionDelay: 0,
          activateOnCompletion: () => true,
        }),
        Prec.high(keymap.of([...completionKeymap, { key: 'Tab', run: acceptFirst }])),
        keymap.of([
          { key: 'Enter', run: apply },
          { key: 'Escape', run: revert },
          { key: 'ArrowUp', run: step(1) },
          { key: 'ArrowDown', run: step(-1) },
          { key: 'Ctrl-Space', run: startCompletion },
          ...historyKeymap,
          ...standardKeymap,
        ]),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) void check(BEFORE_COMPLAINT);
        }),
      ],
    }),
  });
  return {
    focus: () => view.focus(),
    rewrite() {
      view.focus();
      view.dispatch({ selection: { anchor: 0, head: view.state.doc.length } });
    },
    show(filter) {
      if (filter !== applied) replace(filter.replace(/\s*[\r\n]+\s*/g, ' '));
      applied = null;
    },
    close() {
      clearTimeout(complaint);
      view.destroy();
    },
  };
}
