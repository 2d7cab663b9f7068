import {
  acceptCompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionStatus,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { Annotation, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import type { Caret } from './caret';
import classes from './code.module.css';
import { completing, type SuggestAt } from './completing';
import { droppable } from './dropping';
import { faultMark, markFault } from './faultMark';
import { highlighting, languageOf, type Language } from './languages';

export interface CodeProps {
  id: string;
  label: string;
  language: Language;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  /** What may be written next. */
  suggestAt?: SuggestAt;
  /** The place of what is wrong, in the value. */
  faultAt?: number | null;
  isTall?: boolean;
  /** Where somebody was writing in the field in whose place this one comes. */
  caret?: RefObject<Caret>;
}

/** Not taken for a blank line: around the editor of a node it runs the draft. */
const RUNS = 'Mod-Enter';

/** Marks a change that comes from outside: nobody has written it here. */
const isGiven = Annotation.define<true>();

/** A text that is code, with its colours and with what may be written next. */
export default function CodeEditor(props: CodeProps) {
  const { id, label, language, value, faultAt = null, isTall = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // What was written here and has not come back as the value yet.
  const told = useRef<string[]>([]);
  // The editor lives on while what it is given changes: it asks for the newest of each.
  const now = useRef(props);
  useEffect(() => {
    now.current = props;
  });
  // Before any key comes that was meant for the field in whose place it stands.
  useLayoutEffect(() => {
    if (host.current === null) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          ...basics(id, label, language),
          placeholder(now.current.placeholder ?? ''),
          completing(language, (code) => now.current.suggestAt?.(code) ?? null),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            const isWritten = !transactions.some((each) => each.annotation(isGiven));
            if (!docChanged || !isWritten) return;
            told.current.push(state.doc.toString());
            now.current.onChange(state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    goOn(made, now.current.caret);
    return () => made.destroy();
  }, [id, label, language]);
  useEffect(() => {
    // Who writes fast is ahead of it: what comes back is no newer than what stands here.
    const place = told.current.lastIndexOf(value);
    told.current.splice(0, place === -1 ? told.current.length : place + 1);
    if (place !== -1) return;
    const doc = view.current?.state.doc;
    // The editor ends each line with \n alone.
    if (doc === undefined || doc.toString() === value.replace(/\r\n?/g, '\n')) return;
    view.current?.dispatch({
      changes: { from: 0, to: doc.length, insert: value },
      annotations: isGiven.of(true),
    });
  }, [value]);
  useEffect(() => view.current?.dispatch({ effects: markFault.of(faultAt) }), [faultAt, value]);
  return (
    <div
      ref={host}
      className={classes.editor}
      data-language={language}
      data-tall={isTall || undefined}
    />
  );
}

function goOn(view: EditorView, caret: CodeProps['caret']): void {
  if (caret === undefined || caret.current === null) return;
  const [from, to] = caret.current.map((place) => Math.min(place, view.state.doc.length));
  caret.current = null;
  view.dispatch({ selection: { anchor: from ?? 0, head: to ?? 0 } });
  view.focus();
}

function basics(id: string, label: string, language: Language): Extension[] {
  return [
    history(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    // Else the window or panel around would cut them off.
    tooltips({ parent: document.body }),
    EditorView.lineWrapping,
    keymap.of([
      { key: 'Tab', run: acceptCompletion },
      ...closeBracketsKeymap,
      ...defaultKeymap.filter(({ key }) => key !== RUNS),
      ...historyKeymap,
    ]),
    // Escape closes what is suggested, and not the window around.
    EditorView.contentAttributes.of((view) => ({
      id,
      'aria-label': label,
      ...(completionStatus(view.state) === null ? {} : { 'data-mantine-stop-propagation': 'true' }),
    })),
    languageOf(language),
    highlighting,
    faultMark,
    droppable(language),
  ];
}
