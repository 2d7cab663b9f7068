import { javascript, javascriptLanguage } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { RangeSetBuilder, type Extension } from '@codemirror/state';
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view';
import { highlightTree, tags } from '@lezer/highlight';
import { partsOf } from './template';

export type Language = 'expression' | 'javascript' | 'json' | 'sql' | 'text';

const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--ff-code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--ff-code-text)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--ff-code-number)' },
  { tag: [tags.comment], color: 'var(--ff-muted)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: 'var(--ff-code-call)',
  },
  { tag: [tags.propertyName], color: 'var(--ff-code-name)' },
]);

export const highlighting: Extension = syntaxHighlighting(style);

export function languageOf(language: Language): Extension {
  switch (language) {
    case 'javascript':
      return javascript();
    case 'json':
      return json();
    case 'sql':
      return sql();
    case 'expression':
      return templates;
    case 'text':
      return [];
  }
}

const BRACES = Decoration.mark({ class: 'ff-braces' });
const CODE = Decoration.mark({ class: 'ff-template' });

/** A template is text, with JavaScript between its braces. */
const templates = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorationsOf(view);
    }

    update({ docChanged, view }: ViewUpdate) {
      if (docChanged) this.decorations = decorationsOf(view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function decorationsOf(view: EditorView): DecorationSet {
  const text = view.state.doc.toString();
  const marks = partsOf(text).flatMap(({ from, to, isClosed }) => {
    const found = [{ from: from - 2, to: from, mark: BRACES }];
    if (to > from) found.push({ from, to, mark: CODE });
    const tree = javascriptLanguage.parser.parse(text.slice(from, to));
    highlightTree(tree, style, (begin, end, name) =>
      found.push({ from: from + begin, to: from + end, mark: Decoration.mark({ class: name }) }),
    );
    if (isClosed) found.push({ from: to, to: to + 2, mark: BRACES });
    return found;
  });
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to, mark } of marks) builder.add(from, to, mark);
  return builder.finish();
}
