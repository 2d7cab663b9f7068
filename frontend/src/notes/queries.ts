import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, patch, remove } from '../api/client';
import type { Note, Page } from '../api/types';
import { useCreate } from '../api/useCreate';

/** What notes are about. */
export interface About {
  kind: 'run' | 'workflow';
  id: string;
}

const LISTED = 50;
/** Characters of a note. */
export const LONGEST = 4_000;

const pathOf = ({ kind, id }: About) => `/${kind}s/${id}/notes`;
const keyOf = ({ kind, id }: About) => ['notes', kind, id];

/** What people wrote about it, newest first. */
export function useNotes(about: About) {
  return useQuery({
    queryKey: keyOf(about),
    queryFn: ({ signal }) => get<Page<Note>>(pathOf(about), { limit: LISTED }, signal),
  });
}

export function useAddNote(about: About) {
  const create = useCreate<Note>();
  const onSuccess = useFreshNotes(about);
  return useMutation({
    mutationFn: (text: string) => create(pathOf(about), JSON.stringify({ text })),
    onSuccess,
  });
}

export function useEditNote(about: About, note: string) {
  const onSuccess = useFreshNotes(about);
  return useMutation({
    mutationFn: (text: string) => patch<Note>(`/notes/${note}`, JSON.stringify({ text })),
    onSuccess,
  });
}

export function useDeleteNote(about: About, note: string) {
  const onSuccess = useFreshNotes(about);
  return useMutation({ mutationFn: () => remove(`/notes/${note}`), onSuccess });
}

function useFreshNotes(about: About) {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keyOf(about) });
}
