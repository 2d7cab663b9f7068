import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { KeptDraft } from '../editor/KeptDraft';
import { isSame } from '../graph/differences';
import { useSession } from '../session/session';
import { Notice, NoticeList } from '../ui/Notice';
import { shortTime } from '../ui/times';
import { useGraph } from '../workflows/queries';

/** Says where this browser has changes that could not be saved: the draft is without them. */
export function Unsaved({ workflow }: { workflow: string }) {
  const { me } = useSession();
  const { data: draft } = useGraph(workflow, null);
  const [kept] = useState(() => new KeptDraft(me.id, workflow).left());
  const left = draft && kept.find(({ graph }) => !isSame(graph, draft));
  if (left === undefined) return null;
  return (
    <NoticeList>
      <Notice
        tone="waiting"
        icon="clock"
        role="status"
        title={`Changes of ${shortTime(left.at)} were not saved`}
        deed={
          <Button
            component={Link}
            to={`/workflows/${workflow}/edit`}
            size="compact-xs"
            variant="default"
          >
            Look at them
          </Button>
        }
      >
        This browser has kept them, and the draft is without them.
      </Notice>
    </NoticeList>
  );
}
