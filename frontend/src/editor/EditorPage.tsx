import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useState, type ClipboardEvent } from 'react';
import { useParams } from 'react-router';
import type { Draft, Fault, GraphEdge, NodeType, Run, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { standingOf } from '../canvas/standing';
import { FIT } from '../canvas/view';
import { copied, pieceIn } from '../graph/clipboard';
import { nodeOf, remove } from '../graph/edits';
import { placed } from '../graph/layout';
import { portsOf, type Ports } from '../graph/ports';
import { codeFieldsOf } from '../params/shape';
import { UNSEEN, type RunState } from '../runs/events';
import { useRunEvents } from '../runs/useRunEvents';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { Panel } from '../ui/Panel';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useNodeTypes, useWorkflow } from '../workflows/queries';
import { actionsOf, paste } from './actions';
import { withNew, type Spot } from './added';
import { EditingContext, useEditing, useEditorState, type Editing } from './context';
import { DraftSaver } from './DraftSaver';
import { EditCanvas } from './EditCanvas';
import { Editor } from './Editor';
import { EditorBar } from './EditorBar';
import classes from './editor.module.css';
import type { Marks } from './flow';
import { focusName, NodePanel } from './NodePanel';
import { Palette } from './Palette';
import { problemsOf, type Problem } from './problems';
import { PublishDialog } from './PublishDialog';
import { draftStore, useDraft } from './queries';

export function EditorPage() {
  const { id = '' } = useParams();
  const workflow = useWorkflow(id);
  const draft = useDraft(id);
  const types = useNodeTypes();
  useWorkspaceOf(workflow.data);
  if (workflow.data && draft.data && types.areKnown) {
    return <Opened key={id} workflow={workflow.data} draft={draft.data} />;
  }
  const error = workflow.error ?? draft.error ?? types.error;
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void draft.refetch()} />;
  return <LoadingNotice what="the draft" />;
}

/** What the server said of the graph that it saw last. */
interface Judged {
  problems: Problem[];
  ports: Record<string, Ports>;
}

function Opened({ workflow, draft }: { workflow: Workflow; draft: Draft }) {
  const { typeOf } = useNodeTypes();
  const [judged, setJudged] = useState<Judged>(() => ({
    problems: problemsOf(draft.graph, draft.errors, draft.warnings),
    ports: draft.ports,
  }));
  const [editing] = useState((): Editing => {
    const editor = new Editor(placed(draft.graph));
    const saver = new DraftSaver(draftStore(workflow.id), draft.revision, (saved, graph) =>
      setJudged({
        problems: problemsOf(graph, saved.errors, saved.warnings),
        ports: saved.ports,
      }),
    );
    const codeOf = ({ type }: { type: string }) => codeFieldsOf(typeOf(type)?.params_schema ?? {});
    return { workflow, editor, saver, codeOf };
  });
  const { editor, saver } = editing;
  useEffect(() => {
    let known = editor.state.graph;
    const leave = editor.subscribe(() => {
      if (editor.state.graph === known) return;
      known = editor.state.graph;
      saver.note(known);
    });
    const warn = (event: BeforeUnloadEvent) => {
      if (saver.state.is !== 'saved') event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => {
      leave();
      window.removeEventListener('beforeunload', warn);
      void saver.flush().catch(() => undefined);
    };
  }, [editor, saver]);
  return (
    <EditingContext value={{ ...editing, workflow }}>
      <ReactFlowProvider>
        <Desk judged={judged} />
      </ReactFlowProvider>
    </EditingContext>
  );
}

/** The editor at work: bar, canvas, and what is selected. */
function Desk({ judged }: { judged: Judged }) {
  const { workflow, editor, saver, codeOf } = useEditing();
  const state = useEditorState();
  const { graph, nodes: selected } = state;
  const { all, typeOf } = useNodeTypes();
  const { fitView } = useReactFlow();
  const [asked, setAsked] = useState<Spot | null>(null);
  const [isPublishing, setPublishing] = useState(false);
  const [run, setRun] = useState<{ id: string; state: RunState } | null>(null);
  const start = useStart(
    workflow,
    (id) => setRun({ id, state: UNSEEN }),
    () => saver.flush(),
  );
  useFailureNotice(start.error, 'The draft was not started');

  const marks = useMarks(judged, run?.state ?? UNSEEN);
  const given = run?.state.given;
  const items = useCallback(
    ({ source, source_output }: GraphEdge) => given?.get(source)?.[source_output] ?? 0,
    [given],
  );
  const actions = actionsOf(editor, codeOf, {
    add: () => setAsked(spotFor(state, marks)),
    rename: focusName,
    fit: () => void fitView(FIT),
    run: () => start.mutate(),
    publish: () => setPublishing(true),
  });
  useHotkeys(
    actions.flatMap(({ keys, isPossible, run: act }) =>
      isPossible ? keys.map((key) => [key, act] as [string, () => void]) : [],
    ),
  );
  const add = (type: NodeType, spot: Spot) => {
    const made = withNew(editor.state.graph, type, spot);
    editor.edit({ label: `Add ${type.label}`, select: [made.id] }, () => made.graph);
    setAsked(null);
  };
  const [only] = selected.size === 1 ? selected : [];
  const node = only === undefined ? undefined : nodeOf(graph, only);
  return (
    <div className={classes.editor} {...clipboardOf(editor, codeOf)}>
      {run !== null && (
        <Watched
          key={run.id}
          run={run.id}
          onState={(next) => setRun({ id: run.id, state: next })}
        />
      )}
      <EditorBar
        actions={actions}
        problems={judged.problems}
        run={run}
        isStarting={start.isPending}
        onShow={(problem) => {
          if (problem.node === null) return;
          editor.select([problem.node]);
          void fitView({ nodes: [{ id: problem.node }], maxZoom: 1, duration: 200 });
        }}
      />
      <div className={classes.panes} data-with-panel={node !== undefined || undefined}>
        <Panel className={classes.canvas ?? ''}>
          {graph.nodes.length === 0 && (
            <div className={classes.empty}>
              <p>A workflow begins with what starts it.</p>
              <Button onClick={() => setAsked({ at: [0, 0] })}>Add the first node</Button>
            </div>
          )}
          <EditCanvas marks={marks} items={items} onAsk={setAsked} />
        </Panel>
        {node !== undefined && (
          <Panel>
            <NodePanel
              node={node}
              type={typeOf(node.type)}
              faults={faultsOf(judged, node.id)}
              onClose={() => editor.select([])}
            />
          </Panel>
        )}
      </div>
      {asked !== null && (
        <Palette
          types={all.filter((type) => !('behind' in asked) || type.inputs.length > 0)}
          where={'behind' in asked ? `behind “${nodeOf(graph, asked.behind)?.name ?? ''}”` : ''}
          onPick={(type) => add(type, asked)}
          onClose={() => setAsked(null)}
        />
      )}
      {isPublishing && <PublishDialog onClose={() => setPublishing(false)} />}
    </div>
  );
}

/** Behind the one node that is selected, by its first output that leads nowhere; else on the canvas. */
function spotFor(
  { graph, nodes }: { graph: Draft['graph']; nodes: ReadonlySet<string> },
  marks: (id: string) => Marks,
): Spot {
  const [only] = nodes.size === 1 ? nodes : [];
  if (only === undefined) {
    const lowest = Math.max(...graph.nodes.map(({ position }) => position?.[1] ?? 0), -100);
    return { at: [graph.nodes[0]?.position?.[0] ?? 0, lowest + 100] };
  }
  const { outputs } = marks(only).ports;
  const used = new Set(
    graph.edges.flatMap((edge) => (edge.source === only ? [edge.source_output] : [])),
  );
  const output = outputs.find((name) => !used.has(name)) ?? outputs[0];
  return output === undefined ? { at: [0, 0] } : { behind: only, output };
}

function useMarks(judged: Judged, run: RunState): (id: string) => Marks {
  const { graph } = useEditorState();
  const { typeOf, labelOf } = useNodeTypes();
  const ports = useMemo(
    () => portsOf(graph.nodes, graph.edges, (node) => judged.ports[node.id] ?? typeOf(node.type)),
    [graph.nodes, graph.edges, judged.ports, typeOf],
  );
  const types = useMemo(
    () => new Map(graph.nodes.map(({ id, type }) => [id, type])),
    [graph.nodes],
  );
  const faults = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { node, isError } of judged.problems) {
      if (node !== null && isError) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    return counts;
  }, [judged.problems]);
  return useCallback(
    (id) => {
      const step = run.latest.get(id);
      return {
        ports: ports.get(id) ?? { inputs: [], outputs: [] },
        label: labelOf(types.get(id) ?? ''),
        faults: faults.get(id) ?? 0,
        status: step?.status ?? null,
        standing: step === undefined ? '' : standingOf(step),
        isSelected: false,
      };
    },
    [ports, types, labelOf, faults, run.latest],
  );
}

function faultsOf(judged: Judged, node: string): Fault[] {
  return judged.problems.filter((problem) => problem.node === node);
}

/** Starts a run of the draft as it is here. */
function useStart(
  workflow: Workflow,
  onStarted: (run: string) => void,
  flush: () => Promise<void>,
) {
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: async () => {
      await flush();
      return create(`/workflows/${workflow.id}/runs`, '{"version":"draft"}');
    },
    onSuccess: ({ id }) => onStarted(id),
  });
}

/** Follows a run; a component of its own, so that each run begins from nothing. */
function Watched({ run, onState }: { run: string; onState: (state: RunState) => void }) {
  const state = useRunEvents(run);
  useEffect(() => onState(state), [state]); // eslint-disable-line react-hooks/exhaustive-deps
  return null;
}

/** Copy, cut and paste by the browser's own clipboard events, which need no permission. */
function clipboardOf(editor: Editor, codeOf: Editing['codeOf']) {
  const copy = (event: ClipboardEvent): boolean => {
    const { graph, nodes } = editor.state;
    if (nodes.size === 0 || isTyping(event.target)) return false;
    event.clipboardData.setData('text/plain', copied(graph, nodes));
    event.preventDefault();
    return true;
  };
  return {
    onCopy: (event: ClipboardEvent) => void copy(event),
    onCut: (event: ClipboardEvent) => {
      if (!copy(event)) return;
      const { nodes } = editor.state;
      editor.edit({ label: 'Cut' }, (before) => remove(before, nodes));
    },
    onPaste: (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const piece = pieceIn(event.clipboardData.getData('text/plain'));
      if (piece === null) return;
      event.preventDefault();
      paste(editor, codeOf, piece, 'Paste');
    },
  };
}

function isTyping(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null
  );
}
