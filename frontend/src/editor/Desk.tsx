import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useState } from 'react';
import type { GraphEdge, NodeType, Run, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { FIT } from '../canvas/view';
import { neighboursOf, nodeOf } from '../graph/edits';
import { SampleContext } from '../params/sample';
import { UNSEEN, type RunState } from '../runs/events';
import { useRunEvents } from '../runs/useRunEvents';
import { DetailDrawer } from '../ui/DetailDrawer';
import { Panel } from '../ui/Panel';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useIsNarrow } from '../ui/useIsNarrow';
import { KeepDialog } from '../versions/KeepDialog';
import { useNodeTypes } from '../workflows/queries';
import { actionsOf } from './actions';
import { fits, spotFor, withNew, wordsFor, type Spot } from './added';
import { clipboardOf } from './clipboardEvents';
import { CommandBar } from './CommandBar';
import { ActionsContext, useEditing, useEditorState } from './context';
import { EditCanvas, focusNode, useMiddle } from './EditCanvas';
import { EditorBar } from './EditorBar';
import classes from './editor.module.css';
import { faultsOf, useMarks, type Judged } from './marks';
import { focusForm, focusName, NodePanel } from './NodePanel';
import { Palette } from './Palette';
import { useRestore } from './useRestore';
import { useSample } from './useSample';

const AROUND = { ...FIT, duration: 200 };

/** The run that is shown on the canvas. */
interface ShownRun {
  id: string;
  state: RunState;
}

/** The editor at work: bar, canvas, and what is selected. */
export function Desk({ judged }: { judged: Judged }) {
  const { workflow, editor, saver, codeOf } = useEditing();
  const state = useEditorState();
  const { graph, nodes: selected } = state;
  const { all, typeOf } = useNodeTypes();
  const { fitView } = useReactFlow();
  const middle = useMiddle();
  const isNarrow = useIsNarrow();
  const [asked, setAsked] = useState<Spot | null>(null);
  const [kept, setKept] = useState<'kept' | 'published' | null>(null);
  const [isCommanding, setCommanding] = useState(false);
  const [run, setRun] = useState<ShownRun | null>(null);
  const start = useStart(
    workflow,
    (id) => setRun({ id, state: UNSEEN }),
    () => saver.flush(),
  );
  const [failure, setFailure] = useState<Error | null>(null);
  useFailureNotice(start.error, 'The draft was not started');
  useFailureNotice(failure, 'The version was not restored');
  useRestore(setFailure);

  const marks = useMarks(judged, run?.state ?? UNSEEN);
  const given = run?.state.given;
  const items = useCallback(
    ({ source, source_output }: GraphEdge) => given?.get(source)?.[source_output] ?? 0,
    [given],
  );
  const [only] = selected.size === 1 ? selected : [];
  const node = only === undefined ? undefined : nodeOf(graph, only);
  const { sample, given: output } = useSample(graph, node, run);
  const actions = actionsOf(editor, codeOf, {
    add: () => setAsked(spotFor(state, (id) => marks(id).ports)),
    rename: focusName,
    edit: focusForm,
    fit: () => void fitView(FIT),
    middle,
    show: (id) => {
      editor.select([id]);
      focusNode(id);
      void fitView({ ...AROUND, nodes: neighboursOf(graph, id).map((each) => ({ id: each })) });
    },
    run: () => start.mutate({}),
    runTo: (stop_node) => start.mutate({ stop_node }),
    runAlone:
      run === null
        ? null
        : (id) => start.mutate({ start_node: id, stop_node: id, data_from: run.id }),
    output,
    keep: () => setKept('kept'),
    publish: () => setKept('published'),
    command: () => setCommanding(true),
  });
  useHotkeys(
    actions.flatMap(({ keys, isPossible, run: act }) =>
      isPossible ? keys.map((key) => [key, act] as [string, () => void]) : [],
    ),
  );
  const add = (type: NodeType, spot: Spot) => {
    const made = withNew(editor.state.graph, type, spot);
    editor.edit({ label: `Add ${type.label}`, select: { nodes: [made.id] } }, () => made.graph);
    setAsked(null);
    void fitView({ ...AROUND, nodes: neighboursOf(made.graph, made.id).map((id) => ({ id })) });
  };
  const panel =
    node === undefined ? null : (
      <SampleContext value={sample}>
        <NodePanel
          node={node}
          type={typeOf(node.type)}
          faults={faultsOf(judged, node.id)}
          last={lastOf(run, node.id)}
          onClose={() => editor.select([])}
        />
      </SampleContext>
    );
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
          void fitView({ ...AROUND, nodes: [{ id: problem.node }] });
        }}
      />
      <div className={classes.panes} data-with-panel={(!isNarrow && panel !== null) || undefined}>
        <Panel className={classes.canvas ?? ''}>
          {graph.nodes.length === 0 && (
            <div className={classes.empty}>
              <p>A workflow begins with what starts it.</p>
              <Button onClick={() => setAsked({ at: [0, 0] })}>Add the first node</Button>
            </div>
          )}
          <ActionsContext value={actions}>
            <EditCanvas marks={marks} items={items} onAsk={setAsked} />
          </ActionsContext>
        </Panel>
        {isNarrow ? (
          <DetailDrawer what="Node" opened={panel !== null} onClose={() => editor.select([])}>
            {panel}
          </DetailDrawer>
        ) : (
          panel !== null && <Panel>{panel}</Panel>
        )}
      </div>
      {asked !== null && (
        <Palette
          types={all.filter((type) => fits(type, asked))}
          where={wordsFor(asked, graph)}
          onPick={(type) => add(type, asked)}
          onClose={() => setAsked(null)}
        />
      )}
      {isCommanding && <CommandBar actions={actions} onClose={() => setCommanding(false)} />}
      {kept !== null && (
        <KeepDialog
          workflow={workflow}
          flush={() => saver.flush()}
          isPublished={kept === 'published'}
          onClose={() => setKept(null)}
        />
      )}
    </div>
  );
}

function lastOf(run: ShownRun | null, node: string) {
  const step = run?.state.latest.get(node);
  return run === null || step === undefined ? null : { run: run.id, step };
}

/** Which part of the draft is run; all of it where nothing is said. */
interface Part {
  start_node?: string;
  stop_node?: string;
  data_from?: string;
}

/** Starts a run of the draft as it is here. */
function useStart(
  workflow: Workflow,
  onStarted: (run: string) => void,
  flush: () => Promise<void>,
) {
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: async (part: Part) => {
      await flush();
      const asked = JSON.stringify({ version: 'draft', ...part });
      return create(`/workflows/${workflow.id}/runs`, asked);
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
