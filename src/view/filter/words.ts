/** The words of a filter in the colours of what they are. */
import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { FilterWord } from '../../index.js';

/** Says which words stand in the text. */
export const setWords = StateEffect.define<readonly FilterWord[]>();

/** Has each word the class of its kind, as `word-field`. */
export const colours = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, { effects, changes }) {
    for (const effect of effects) if (effect.is(setWords)) return marks(effect.value);
    return before.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marks(words: readonly FilterWord[]): DecorationSet {
  return Decoration.set(words.map(({ kind, at, end }) => Decoration.mark({ class: `word-${kind}` }).range(at, end)));
}
