import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { GraphEdge, NodeType, Run } from '../api/types';
import { FIT } from '../canvas/view';
import { neighboursOf, nodeOf } from '../graph/edits';
import { saysMuch } from '../interchange/ConversionReport';
import { isFinished, UNSEEN, type RunState } from '../runs/events';
import { useRunEvents } from '../runs/useRunEvents';
import { DetailDrawer } from '../ui/DetailDrawer';
import { Panel } from '../ui/Panel';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useIsNarrow } from '../ui/useIsNarrow';
import { useNodeTypes } from '../workflows/queries';
import { AskedInput } from '../workflows/RunDialog';
import { actionsOf } from './actions';
import { spotFor, withNew, type Spot } from './added';
import { arranged } from './arrange';
import { ActionsContext, useEditing, useEditorState, useSaving, useUnread } from './context';
import { Dialogs, type Dialog } from './Dialogs';
import { EditCanvas, focusNode, useMiddle } from './EditCanvas';
import { EditorBar } from './EditorBar';
import classes from './editor.module.css';
import { lastOf } from './lastStep';
import { hintsOf, toldOf, useMarks, type Judged } from './marks';
import { focusForm } from './NodeForm';
import { focusName } from './NameInput';
import { NodePanel } from './NodePanel';
import { NodeView } from './NodeView';
import { refusedOf, SETTINGS } from './problems';
import { unreadOf } from './UnreadTexts';
import { RunPane } from './RunPane';
import { RunsMenu } from './RunsMenu';
import { SettingsPanel } from './SettingsPanel';
import { useClipboard } from './useClipboard';
import { useKeys } from './useKeys';
import { usePasteN8n } from './usePasteN8n';
import { useRunDraft } from './useRunDraft';
import { useRestore } from './useRestore';
import { useSample } from './useSample';
import { useChangesSince, useShownRun, type ShownRun } from './useShownRun';

const AROUND = { ...FIT, duration: 200 };

interface Props {
  judged: Judged;
  /** What is said above the canvas. */
  children?: ReactNode;
}

/** The editor at work: bar, canvas, and what is selected. */
export function Desk({ judged: accepted, children }: Props) {
  const { workflow, editor, codeOf } = useEditing();
  const state = useEditorState();
  const { graph, nodes: selected } = state;
  const judged = useTold(accepted);
  const { typeOf } = useNodeTypes();
  const { fitView, zoomIn, zoomOut, zoomTo } = useReactFlow();
  const middle = useMiddle();
  const isNarrow = useIsNarrow();
  const [dialog, open] = useState<Dialog | null>(null);
  const close = () => open(null);
  const ask = (spot: Spot) => open({ what: 'palette', spot });
  const [isWide, setWide] = useState(false);
  const openWide = useCallback(
    (id: string) => {
      editor.select([id]);
      setWide(true);
    },
    [editor],
  );
  const [settingsAt, setSettingsAt] = useState<string | null>(null);
  const { run, show: showRun, showMade, take } = useShownRun(workflow);
  const [isChoosingRun, setChoosingRun] = useState(false);
  const [chosenStep, chooseStep] = useState<string | null>(null);
  const draft = useRunDraft(graph, showMade);
  const [failure, setFailure] = useState<Error | null>(null);
  const fromN8n = usePasteN8n(editor, codeOf, workflow.workspace, middle);
  useFailureNotice(failure, 'The version was not restored');
  useFailureNotice(fromN8n.error, 'Nothing was pasted');
  useRestore(setFailure);

  const pasteN8n = (text: string) =>
    fromN8n.mutate(text, {
      onSuccess: ({ report }) => saysMuch(report) && open({ what: 'pasted', report }),
    });
  const marks = useMarks(judged, run?.state ?? UNSEEN, useChangesSince(run, graph));
  const given = run?.state.given;
  const items = useCallback(
    ({ source, source_output }: GraphEdge) => given?.get(source)?.[source_output] ?? 0,
    [given],
  );
  const [only] = selected.size === 1 ? selected : [];
  const node = only === undefined ? undefined : nodeOf(graph, only);
  // A node that is selected comes in the place of the settings.
  if (node !== undefined && settingsAt !== null) setSettingsAt(null);
  // One that is gone is not followed by the next that is selected.
  if (node === undefined && isWide) setWide(false);
  const showSettings = (at: string) => {
    editor.select([]);
    setSettingsAt(at);
  };
  const { sample, given: output } = useSample(graph, node, run);
  const portsOf = useCallback((id: string) => marks(id).ports, [marks]);
  const show = (id: string) => {
    editor.select([id]);
    if (!isWide) focusNode(id);
    const around = neighboursOf(graph, id).map((each) => ({ id: each }));
    void fitView({ ...AROUND, nodes: around }).then(() => {
      // Of a large graph a node is drawn only once it is in sight.
      if (!isWide && document.activeElement === document.body) focusNode(id);
    });
  };
  const tidy = useMutation({
    mutationFn: (ids: ReadonlySet<string>) => arranged(graph, ids, portsOf),
    onSuccess: (edit) => {
      editor.edit({ label: 'Tidy up' }, edit);
      void fitView({ ...FIT, duration: AROUND.duration });
    },
  });
  useFailureNotice(tidy.error, 'Nothing was tidied up');
  const retried = retryable(run, only);
  const actions = actionsOf(editor, codeOf, {
    add: () => ask(spotFor(state, portsOf)),
    rename: focusName,
    open: openWide,
    edit: focusForm,
    fit: () => void fitView(FIT),
    zoom: (how) => void { in: zoomIn, out: zoomOut, full: () => zoomTo(1) }[how](),
    middle,
    show,
    outline: () => open({ what: 'outline' }),
    connect: (from) => open({ what: 'connect', from }),
    tidy: tidy.mutate,
    run: () => draft.run(),
    runWith: () => draft.askFor(),
    runTo: (node) => draft.run(node),
    runAlone:
      run === null
        ? null
        : (id) => draft.runPart({ start_node: id, stop_node: id, data_from: run.id }),
    hasEffects: node !== undefined && typeOf(node.type)?.kind !== 'pure',
    runFrom: run && ((id) => draft.runPart({ start_node: id, data_from: run.id })),
    retryFrom: retried && ((from) => open({ what: 'retry', run: retried, from })),
    showRun: () => setChoosingRun(true),
    output,
    keep: () => open({ what: 'keep', isPublished: false }),
    publish: () => open({ what: 'keep', isPublished: true }),
    settings: () => showSettings(''),
    command: () => open({ what: 'commands' }),
  });
  useKeys(actions);
  useClipboard(pasteN8n);
  const add = (type: NodeType, spot: Spot) => {
    const made = withNew(editor.state.graph, type, spot);
    editor.edit({ label: `Add ${type.label}`, select: { nodes: [made.id] } }, () => made.graph);
    close();
    void fitView({ ...AROUND, nodes: neighboursOf(made.graph, made.id).map((id) => ({ id })) });
  };
  const detail = node !== undefined ? 'Node' : settingsAt !== null ? 'Settings' : null;
  const closePanel = () => {
    setSettingsAt(null);
    editor.select([]);
    // A drawer that comes back after the wide view does not know who had the focus before.
    if (node !== undefined) focusNode(node.id);
  };
  const shown = node && {
    node,
    type: typeOf(node.type),
    told: toldOf(judged, node.id),
    last: lastOf(run, node.id, chosenStep, chooseStep),
    sample,
  };
  const panel =
    shown !== undefined
      ? !isWide && <NodePanel {...shown} onClose={closePanel} />
      : settingsAt !== null && (
          <SettingsPanel problems={judged.problems} at={settingsAt} onClose={closePanel} />
        );
  return (
    <ActionsContext value={actions}>
      <div className={classes.editor}>
        {run !== null && (
          <Watched key={run.id} run={run.id} onState={(next) => take(run.id, next)} />
        )}
        <EditorBar
          actions={actions}
          // An empty canvas says by itself that it needs a trigger.
          problems={judged.problems.filter(
            ({ code }) => graph.nodes.length > 0 || code !== 'no_trigger',
          )}
          isStarting={draft.isStarting}
          onShow={(problem) => {
            if (problem.path.startsWith(`${SETTINGS}.`))
              showSettings(problem.path.slice(SETTINGS.length + 1));
            if (problem.node === null) return;
            editor.select([problem.node]);
            void fitView({ ...AROUND, nodes: [{ id: problem.node }] });
          }}
        >
          <RunsMenu
            workflow={workflow}
            shown={run?.id ?? null}
            isOpen={isChoosingRun}
            onOpen={setChoosingRun}
            onShow={showRun}
          />
        </EditorBar>
        {children}
        <div
          className={classes.panes}
          data-with-panel={(!isNarrow && detail !== null) || undefined}
        >
          <Panel className={classes.canvas ?? ''}>
            {graph.nodes.length === 0 && (
              <div className={classes.empty}>
                <p>A workflow begins with what starts it.</p>
                <Button onClick={() => ask({ at: [0, 0] })}>Add the first node</Button>
              </div>
            )}
            <EditCanvas marks={marks} items={items} onAsk={ask} onOpen={openWide} />
          </Panel>
          {isNarrow
            ? // Taken away, and not closed: closed, it would take the focus from the view to the node.
              !isWide && (
                <DetailDrawer what={detail ?? ''} opened={detail !== null} onClose={closePanel}>
                  {panel}
                </DetailDrawer>
              )
            : detail !== null && <Panel>{panel}</Panel>}
        </div>
        {run !== null && (
          <RunPane
            run={run}
            nameOf={(id) =>
              (nodeOf(graph, id) ?? run.graph?.nodes.find((n) => n.id === id))?.name ?? id
            }
            step={chosenStep}
            onStep={(step) => {
              const at = run.state.steps.get(step)?.node;
              chooseStep(step);
              if (at === undefined || nodeOf(graph, at) === undefined) return;
              editor.select([at]);
              void fitView({ ...AROUND, nodes: neighboursOf(graph, at).map((id) => ({ id })) });
            }}
            onMade={showMade}
            onClose={() => showRun(null)}
          />
        )}
        {isWide && shown !== undefined && (
          <NodeView
            {...shown}
            isStarting={draft.isStarting}
            onClose={() => {
              setWide(false);
              focusNode(shown.node.id);
            }}
          />
        )}
        {draft.asked !== null && (
          <Modal opened onClose={draft.forget} title="Run the draft" size="lg">
            <AskedInput
              graph={graph}
              stop={draft.asked.stop}
              last={draft.asked.last}
              starting={draft.starting}
            />
          </Modal>
        )}
        <Dialogs
          dialog={dialog}
          actions={actions}
          marks={marks}
          hints={hintsOf(judged)}
          portsOf={portsOf}
          onAdd={add}
          onShow={show}
          onMade={(made) => {
            close();
            showMade(made);
          }}
          onClose={close}
        />
      </div>
    </ActionsContext>
  );
}

/** What is said of the graph, and first what keeps it from being saved. */
function useTold(judged: Judged): Judged {
  const unread = useUnread();
  const { graph } = useEditorState();
  const saving = useSaving();
  return useMemo(() => {
    const refused = refusedOf(graph, saving);
    const unsaved = unreadOf(graph, unread);
    // The same as before, where nothing is added: marks are made anew of what is new alone.
    if (refused.length === 0 && unsaved.length === 0) return judged;
    return {
      ...judged,
      problems: [...(refused.length === 0 ? judged.problems : refused), ...unsaved],
    };
  }, [judged, saving, graph, unread]);
}

/** The run, where it has ended, and had the node. */
function retryable(run: ShownRun | null, node: string | undefined): Run | null {
  if (run === null || !isFinished(run.state.status)) return null;
  return run.graph?.nodes.some(({ id }) => id === node) ? run.row : null;
}

/** Follows a run; a component of its own, so that each run begins from nothing. */
function Watched({ run, onState }: { run: string; onState: (state: RunState) => void }) {
  const state = useRunEvents(run);
  useEffect(() => onState(state), [state]); // eslint-disable-line react-hooks/exhaustive-deps
  return null;
}
