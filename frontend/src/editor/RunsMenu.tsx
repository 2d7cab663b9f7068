import { Button, Menu } from '@mantine/core';
import { Link } from 'react-router';
import type { Workflow } from '../api/types';
import { useRuns } from '../runs/queries';
import { Icon } from '../ui/Icon';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { between, shortTime } from '../ui/times';
import classes from './editor.module.css';

const LISTED = 15;

interface Props {
  workflow: Workflow;
  shown: string | null;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onShow: (run: string | null) => void;
}

/** The latest runs; the one that is chosen is shown on the canvas. */
export function RunsMenu({ workflow, shown, isOpen, onOpen, onShow }: Props) {
  return (
    <Menu position="bottom-start" width={340} opened={isOpen} onChange={onOpen}>
      <Menu.Target>
        <Button variant="default" rightSection={<Icon name="down" size={13} />}>
          Runs
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        {isOpen && <Latest workflow={workflow} shown={shown} onShow={onShow} />}
        <Menu.Divider />
        {shown !== null && (
          <Menu.Item fz="xs" onClick={() => onShow(null)}>
            Show no run
          </Menu.Item>
        )}
        <Menu.Item fz="xs" component={Link} to={`/runs?workflow=${workflow.id}`}>
          All its runs
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Latest({ workflow, shown, onShow }: Pick<Props, 'workflow' | 'shown' | 'onShow'>) {
  const runs = useRuns({ workspace: workflow.workspace, workflow: workflow.id, limit: LISTED });
  return (
    <Read of={runs} what="its runs">
      {({ results }) =>
        results.length === 0 ? (
          <Menu.Label>It has not run yet.</Menu.Label>
        ) : (
          results.map((run) => (
            <Menu.Item
              key={run.id}
              fz="xs"
              aria-current={run.id === shown || undefined}
              leftSection={<StatusBadge status={run.status} />}
              onClick={() => onShow(run.id)}
            >
              <span className={classes.run}>
                {shortTime(run.started_at ?? run.created_at)} · {run.trigger} · v{run.version}
                <span>{between(run.started_at, run.finished_at)}</span>
              </span>
            </Menu.Item>
          ))
        )
      }
    </Read>
  );
}
