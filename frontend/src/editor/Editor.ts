/** The graph that somebody edits, what is selected in it, and what can be undone. No React. */

import type { Graph } from '../api/types';
import { edgeId } from '../graph/edits';
import { groupsOf } from '../graph/groups';
import { NO_HISTORY, noted, redone, undone, type History } from '../graph/history';
import { notesOf } from '../graph/notes';

export interface EditorState {
  graph: Graph;
  history: History;
  /** Ids of nodes. */
  nodes: ReadonlySet<string>;
  /** Ids of edges. */
  edges: ReadonlySet<string>;
  /** Ids of sticky notes. */
  notes: ReadonlySet<string>;
  /** Whose text is being written on the canvas. */
  written: Written | null;
}

/** A sticky note, or a group whose name it is. */
export interface Written {
  kind: 'note' | 'group';
  id: string;
}

export interface Edit {
  /** What is undone by it, as "Move nodes". */
  label: string;
  /** Edits of one kind that follow each other at once are undone together. */
  kind?: string;
  /** What is selected afterwards; without, what was, as far as it is still there. */
  select?: { nodes?: Iterable<string>; notes?: Iterable<string> };
}

const NOTHING: ReadonlySet<string> = new Set();

export class Editor {
  private listeners = new Set<() => void>();
  private current: EditorState;

  constructor(
    graph: Graph,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.current = {
      graph,
      history: NO_HISTORY,
      nodes: NOTHING,
      edges: NOTHING,
      notes: NOTHING,
      written: null,
    };
  }

  get state(): EditorState {
    return this.current;
  }

  /** Call `listener` after each change; gives what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Make an edit; one that changes nothing is none. */
  edit(edit: Edit, make: (graph: Graph) => Graph): void {
    const { graph: before, history, nodes, notes } = this.current;
    const graph = make(before);
    if (graph === before) return;
    const { label, kind = null, select } = edit;
    const next = noted(history, before, { label, kind, at: this.now() });
    const selected = select === undefined ? { nodes, notes } : select;
    this.show(graph, next, selected.nodes, selected.notes);
  }

  undo(): void {
    this.go(undone);
  }

  redo(): void {
    this.go(redone);
  }

  /** Begin anew with another graph, as after somebody else's edit was taken. */
  replace(graph: Graph): void {
    this.show(graph, NO_HISTORY, this.current.nodes, this.current.notes);
  }

  select(
    nodes: Iterable<string>,
    edges: Iterable<string> = [],
    notes: Iterable<string> = [],
  ): void {
    const next = { nodes: new Set(nodes), edges: new Set(edges), notes: new Set(notes) };
    const { current } = this;
    const isAsBefore =
      isSame(next.nodes, current.nodes) &&
      isSame(next.edges, current.edges) &&
      isSame(next.notes, current.notes);
    if (!isAsBefore) this.set({ ...current, ...next });
  }

  /** Begin to write a text on the canvas; null ends it. */
  write(written: Written | null): void {
    this.set({ ...this.current, written });
  }

  private go(step: typeof undone): void {
    const { graph, history, nodes, notes } = this.current;
    const gone = step(history, graph);
    if (gone !== null) this.show(gone.graph, gone.history, nodes, notes);
  }

  private show(
    graph: Graph,
    history: History,
    nodes: Iterable<string> = [],
    notes: Iterable<string> = [],
  ): void {
    const { edges, written } = this.current;
    const known = {
      node: new Set(graph.nodes.map(({ id }) => id)),
      note: new Set(notesOf(graph).map(({ id }) => id)),
      group: new Set(groupsOf(graph).map(({ id }) => id)),
    };
    this.set({
      graph,
      history,
      nodes: kept(nodes, known.node),
      edges: kept(edges, new Set(graph.edges.map(edgeId))),
      notes: kept(notes, known.note),
      written: written !== null && known[written.kind].has(written.id) ? written : null,
    });
  }

  private set(state: EditorState): void {
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function kept(ids: Iterable<string>, known: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...ids].filter((id) => known.has(id)));
}
