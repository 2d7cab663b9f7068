/** Sticky notes: what builders write beside their nodes. */

import type { Graph, StickyNote } from '../api/types';
import type { Place } from './edits';

export const NOTE_SIZE: [number, number] = [240, 120];
export const LEAST_NOTE: [number, number] = [80, 40];

export function notesOf(graph: Graph): StickyNote[] {
  return graph.sticky_notes ?? [];
}

/** The graph with an empty note, and the note's id. */
export function withNote(graph: Graph, [x, y]: Place): { graph: Graph; id: string } {
  const id = freeMark('s', new Set(notesOf(graph).map((note) => note.id)));
  const position: Place = [Math.round(x), Math.round(y)];
  return { id, graph: addNotes(graph, [{ id, text: '', position, size: NOTE_SIZE }]) };
}

export function addNotes(graph: Graph, added: StickyNote[]): Graph {
  return added.length === 0 ? graph : { ...graph, sticky_notes: [...notesOf(graph), ...added] };
}

/** Changes some members of notes. */
export function changeNotes(
  graph: Graph,
  ids: ReadonlySet<string>,
  edit: (note: StickyNote) => Partial<StickyNote>,
): Graph {
  if (!notesOf(graph).some(({ id }) => ids.has(id))) return graph;
  const sticky_notes = notesOf(graph).map((note) =>
    ids.has(note.id) ? { ...note, ...edit(note) } : note,
  );
  return { ...graph, sticky_notes };
}

export function removeNotes(graph: Graph, ids: ReadonlySet<string>): Graph {
  const sticky_notes = notesOf(graph).filter(({ id }) => !ids.has(id));
  return sticky_notes.length === notesOf(graph).length ? graph : { ...graph, sticky_notes };
}

/** An id that no note or group bears: "s1", "s2", … */
export function freeMark(letter: 's' | 'g', taken: ReadonlySet<string>): string {
  let number = taken.size + 1;
  while (taken.has(`${letter}${number}`)) number += 1;
  return `${letter}${number}`;
}
