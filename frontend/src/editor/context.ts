/** The edited workflow, as all parts of the editor reach it. */

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Workflow } from '../api/types';
import type { CodeFields } from '../graph/edits';
import type { Action } from './action';
import type { DraftSaver, Saving } from './DraftSaver';
import type { Editor, EditorState } from './Editor';
import type { Unread, UnreadTexts } from './UnreadTexts';

export interface Editing {
  workflow: Workflow;
  editor: Editor;
  saver: DraftSaver;
  codeOf: CodeFields;
  /** What is typed into fields and cannot be read yet, and so is not saved. */
  unread: UnreadTexts;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (editing === null) throw new Error('useEditing needs an editor around it');
  return editing;
}

/** All that can be done now, for what stands on the canvas. */
export const ActionsContext = createContext<Action[]>([]);

export function useActions(): Action[] {
  return useContext(ActionsContext);
}

/** What can be done by its id. */
export function useAction(id: string): Action | undefined {
  return useActions().find((action) => action.id === id);
}

export function useEditorState(): EditorState {
  const { editor } = useEditing();
  return useSyncExternalStore(editor.subscribe, () => editor.state);
}

export function useUnread(): readonly Unread[] {
  const { unread } = useEditing();
  return useSyncExternalStore(unread.subscribe, () => unread.state);
}

export function useSaving(): Saving {
  const { saver } = useEditing();
  return useSyncExternalStore(saver.subscribe, () => saver.state);
}
