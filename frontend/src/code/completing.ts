import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Language } from './languages';
import type { Suggested, Suggestion } from './suggest';
import { partAt } from './template';

/** What may follow some code. */
export type SuggestAt = (code: string) => Suggested | null;

export function completing(language: Language, suggestAt: SuggestAt): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const code = codeBefore(context, language);
    const found = code === null ? null : suggestAt(code);
    if (found === null || found.options.length === 0) return null;
    const { typed, options } = found;
    // A name is suggested once it is begun, all that there are when they are asked for.
    const isBegun = typed > 0 || /[.(['"]$/.test(code ?? '');
    if (!isBegun && !context.explicit) return null;
    return {
      from: context.pos - typed,
      options: options.map(completionOf),
      validFor: /^\$?[\w$]*$/,
    };
  };
  return autocompletion({
    icons: false,
    maxRenderedOptions: 200,
    override: [source],
    tooltipClass: () => 'ff-completions',
  });
}

/** The code before the caret; null where text is written. */
function codeBefore({ state, pos }: CompletionContext, language: Language): string | null {
  const text = state.doc.toString();
  if (language === 'javascript') return text.slice(0, pos);
  const part = language === 'expression' ? partAt(text, pos) : undefined;
  return part === undefined ? null : text.slice(part.from, pos);
}

function completionOf({ label, kind, detail, text, replacesDot, rank }: Suggestion): Completion {
  const insert = text ?? label;
  return {
    label,
    type: kind,
    boost: rank,
    ...(detail === undefined ? {} : { detail }),
    apply: (view: EditorView, _: Completion, from: number, to: number) => {
      const begin = replacesDot === true ? from - 1 : from;
      // Between the brackets of a call is where one goes on.
      const isCall = kind !== 'node' && insert.endsWith('()');
      view.dispatch({
        changes: { from: begin, to, insert },
        selection: { anchor: begin + insert.length - (isCall ? 1 : 0) },
        userEvent: 'input.complete',
      });
    },
  };
}
