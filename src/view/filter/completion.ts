/** Completion of filters: fields, operators and values, as the worker proposes them. */
import {
  acceptCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionStatus,
  moveCompletionSelection,
} from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import { engine } from '../state.js';
import type { Proposal } from './engine.js';

const HERE = { name: 'in this capture', rank: 0 };
const ELSEWHERE = { name: 'others', rank: 1 };

/** What can be written where the cursor is. */
export async function proposals({ state, pos, explicit }: CompletionContext): Promise<CompletionResult | null> {
  const text = state.doc.toString();
  // an empty filter is not asked about until it is written
  if (text === '' && !explicit) return null;
  const { from, proposals, ofFields } = await engine.propose(text, pos);
  if (proposals.length === 0 || (from === pos && ofFields && !explicit)) return null;
  return {
    from,
    options: proposals.map((one, at) => optionOf(one, at, ofFields)),
    validFor: ofFields ? /^[\w.-]*$/ : /^[^\s,}]*$/,
  };
}

/** The worker's order holds among those that fit equally well. */
function optionOf({ text, says, occurs }: Proposal, at: number, ofFields: boolean): Completion {
  const section = ofFields ? { section: occurs ? HERE : ELSEWHERE } : {};
  return { label: text, detail: says, ...section, boost: ofFields ? 0 : -Math.min(at, 99) };
}

/** Takes the proposal that is chosen, or the first. */
export function acceptFirst(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if (acceptCompletion(view)) return true;
  moveCompletionSelection(true)(view);
  acceptCompletion(view);
  return true;
}
