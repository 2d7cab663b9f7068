/** The graph that somebody edits, what is selected in it, and what can be undone. No React. */

import type { Graph } from '../api/types';
import { edgeId } from '../graph/edits';
import { NO_HISTORY, noted, redone, undone, type History } from '../graph/history';

export interface EditorState {
  graph: Graph;
  history: History;
  /** Ids of nodes. */
  nodes: ReadonlySet<string>;
  /** Ids of edges. */
  edges: ReadonlySet<string>;
}

export interface Edit {
  /** What is undone by it, as "Move nodes". */
  label: string;
  /** Edits of one kind that follow each other at once are undone together. */
  kind?: string;
  /** What is selected afterwards; without, what was, as far as it is still there. */
  select?: Iterable<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

export class Editor {
  private listeners = new Set<() => void>();
  private current: EditorState;

  constructor(
    graph: Graph,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.current = { graph, history: NO_HISTORY, nodes: NOTHING, edges: NOTHING };
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
    const { graph: before, history, nodes } = this.current;
    const graph = make(before);
    if (graph === before) return;
    const { label, kind = null, select } = edit;
    const next = noted(history, before, { label, kind, at: this.now() });
    this.show(graph, next, select === undefined ? nodes : new Set(select));
  }

  undo(): void {
    const { graph, history, nodes } = this.current;
    const step = undone(history, graph);
    if (step !== null) this.show(step.graph, step.history, nodes);
  }

  redo(): void {
    const { graph, history, nodes } = this.current;
    const step = redone(history, graph);
    if (step !== null) this.show(step.graph, step.history, nodes);
  }

  /** Begin anew with another graph, as after somebody else's edit was taken. */
  replace(graph: Graph): void {
    this.show(graph, NO_HISTORY, this.current.nodes);
  }

  select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
    const [nextNodes, nextEdges] = [new Set(nodes), new Set(edges)];
    const { nodes: oldNodes, edges: oldEdges } = this.current;
    if (isSame(nextNodes, oldNodes) && isSame(nextEdges, oldEdges)) return;
    this.set({ ...this.current, nodes: nextNodes, edges: nextEdges });
  }

  private show(graph: Graph, history: History, nodes: ReadonlySet<string>): void {
    const known = new Set(graph.nodes.map(({ id }) => id));
    const edges = new Set(graph.edges.map(edgeId));
    this.set({
      graph,
      history,
      nodes: new Set([...nodes].filter((id) => known.has(id))),
      edges: new Set([...this.current.edges].filter((id) => edges.has(id))),
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
