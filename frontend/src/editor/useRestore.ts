import { useEffect } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { get } from '../api/client';
import type { Version } from '../api/types';
import { placed } from '../graph/layout';
import { useEditing } from './context';

/**
 * Puts the version into the draft that somebody chose on the page of versions: once, as an edit that
 * can be undone. It is asked for in the state of the history, since a link must change nothing.
 */
export function useRestore(onFailed: (error: Error) => void): void {
  const { workflow, editor } = useEditing();
  const { pathname, search, ...location } = useLocation();
  const navigate = useNavigate();
  const version = versionIn(location.state);
  useEffect(() => {
    if (version === null) return;
    const leave = new AbortController();
    const path = `/workflows/${workflow.id}/versions/${version}`;
    get<Version>(path, {}, leave.signal)
      .then(({ graph }) => {
        editor.edit({ label: `Restore version ${version}` }, () => placed(graph));
      }, onFailed)
      .finally(() => {
        if (!leave.signal.aborted) void navigate(pathname + search, { replace: true, state: null });
      });
    return () => leave.abort();
  }, [version, workflow.id]); // eslint-disable-line react-hooks/exhaustive-deps
}

function versionIn(state: unknown): number | null {
  const asked = (state as { restore?: unknown } | null)?.restore;
  return typeof asked === 'number' ? asked : null;
}
