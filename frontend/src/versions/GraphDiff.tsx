import { useMemo, useState } from 'react';
import type { Graph } from '../api/types';
import { RunGraph } from '../canvas/RunGraph';
import {
  changesOf,
  drawnTogether,
  isUnchanged,
  type Change,
  type GraphChanges,
} from '../graph/diff';
import { edgeId } from '../graph/edits';
import { EmptyNotice } from '../ui/Notices';
import { Panel } from '../ui/Panel';
import { ChangeList } from './ChangeList';
import classes from './versions.module.css';

interface Props {
  before: Graph;
  after: Graph;
}

/** Two graphs drawn as one, with what was added, removed and changed marked, and told in a list. */
export function GraphDiff({ before, after }: Props) {
  const changes = useMemo(() => changesOf(before, after), [before, after]);
  const drawn = useMemo(() => drawnTogether(after, changes), [after, changes]);
  const marks = useMemo(() => marksOf(changes), [changes]);
  const names = useMemo(() => new Map(drawn.nodes.map(({ id, name }) => [id, name])), [drawn]);
  const [selected, select] = useState<string | null>(null);
  return (
    <div className={classes.diff}>
      <Panel className={classes.canvas ?? ''}>
        <RunGraph graph={drawn} changes={marks} selected={selected} onSelect={select} />
      </Panel>
      <Panel className={classes.list ?? ''}>
        {isUnchanged(changes) && changes.movedCount === 0 ? (
          <EmptyNotice title="They are the same" />
        ) : (
          <ChangeList
            changes={changes}
            nameOf={(id) => names.get(id) ?? id}
            selected={selected}
            onSelect={select}
          />
        )}
      </Panel>
    </div>
  );
}

function marksOf({ nodes, edges }: GraphChanges): ReadonlyMap<string, Change> {
  return new Map<string, Change>([
    ...nodes.map(({ change, node }) => [node.id, change] as const),
    ...edges.map(({ change, edge }) => [edgeId(edge), change] as const),
  ]);
}
