import { ReactFlowProvider } from '@xyflow/react';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import type { Draft, Workflow } from '../api/types';
import { isSame } from '../graph/differences';
import { placed } from '../graph/layout';
import { codeFieldsOf } from '../params/shape';
import { useSession } from '../session/session';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { useNodeTypes, useWorkflow } from '../workflows/queries';
import { EditingContext, type Editing } from './context';
import { Desk } from './Desk';
import { DraftSaver } from './DraftSaver';
import { KeptDraft, type Left } from './KeptDraft';
import { UnsavedOffer } from './UnsavedOffer';
import { Editor } from './Editor';
import classes from './editor.module.css';
import type { Judged } from './marks';
import { problemsOf } from './problems';
import { unreadOf, UnreadTexts } from './UnreadTexts';
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
  const failed = [workflow, draft, types].find(({ error }) => error !== null);
  if (failed?.error != null) {
    return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  return <LoadingNotice what="the draft" />;
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
    return { workflow, editor, saver, codeOf, unread: new UnreadTexts() };
  });
  const { editor, saver, unread } = editing;
  const { me } = useSession();
  const [kept] = useState(() => new KeptDraft(me.id, workflow.id));
  const [offered, setOffered] = useState(() => offeredOf(kept, draft));
  useEffect(() => {
    const isSaved = () =>
      saver.state.is === 'saved' && unreadOf(editor.state.graph, unread.state).length === 0;
    const keep = () => {
      if (isSaved()) kept.forget();
      else kept.note(editor.state.graph, saver.basis, unread.state);
    };
    let known = editor.state.graph;
    const leave = editor.subscribe(() => {
      if (editor.state.graph === known) return;
      known = editor.state.graph;
      saver.note(known);
      // What was taken from others is saved already.
      if (!isSaved()) keep();
    });
    // Not left with the page: what is saved after it is kept no longer, either.
    saver.subscribe(() => {
      if (saver.state.is === 'saved') keep();
    });
    unread.subscribe(keep);
    const write = () => kept.write();
    window.addEventListener('pagehide', write);
    const warn = (event: BeforeUnloadEvent) => {
      if (!isSaved()) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => {
      leave();
      window.removeEventListener('beforeunload', warn);
      window.removeEventListener('pagehide', write);
      // What cannot be saved is kept for the next time: saved late, it would meet what is edited then.
      void saver.flush().catch(() => {
        saver.stop();
        kept.write();
      });
    };
  }, [editor, saver, unread, kept]);
  return (
    <EditingContext value={{ ...editing, workflow }}>
      <div className={classes.place}>
        <ReactFlowProvider>
          <Desk judged={judged}>
            {offered !== null && (
              <UnsavedOffer
                kept={offered}
                isBehind={offered.revision !== draft.revision}
                onTake={() => {
                  setOffered(null);
                  kept.letGo(offered);
                  editor.edit({ label: 'Take in unsaved changes' }, (now) =>
                    isSame(offered.graph, now) ? now : placed(offered.graph),
                  );
                  unread.take(offered.unread ?? []);
                  kept.write();
                }}
                onLetGo={() => {
                  setOffered(null);
                  kept.letGo(offered);
                }}
              />
            )}
          </Desk>
        </ReactFlowProvider>
      </div>
    </EditingContext>
  );
}

/** The newest that was left unsaved, unless the draft is like that by now. */
function offeredOf(kept: KeptDraft, draft: Draft): Left | null {
  for (const left of kept.left()) {
    if (left.unread?.length || !isSame(left.graph, draft.graph)) return left;
    kept.letGo(left);
  }
  return null;
}
