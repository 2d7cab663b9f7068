import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';

/** Underlines what stands at a place; null takes the line away. */
export const markFault = StateEffect.define<number | null>();

const FAULT = Decoration.mark({ class: 'ff-fault', attributes: { 'data-fault': 'true' } });

export const faultMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) {
      if (effect.is(markFault)) next = markedAt(transaction.state.doc.toString(), effect.value);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markedAt(text: string, place: number | null): DecorationSet {
  if (place === null || text === '') return Decoration.none;
  const from = Math.min(place, text.length - 1);
  const [word = ' '] = /^[\w$]+/.exec(text.slice(from)) ?? [];
  return Decoration.set(FAULT.range(from, Math.min(from + word.length, text.length)));
}
