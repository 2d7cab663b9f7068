import { Button, Group, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Icon } from '../ui/Icon';
import { WindowTitle } from '../ui/WindowTitle';
import type { Action } from './action';
import { useEditing, useSaving } from './context';
import { Deed } from './Deed';
import classes from './editor.module.css';
import { fieldOf, type Problem } from './problems';

interface Props {
  actions: Action[];
  problems: Problem[];
  isStarting: boolean;
  onShow: (problem: Problem) => void;
  /** What is said of runs. */
  children: ReactNode;
}

/** The head of the editor: how it stands with saving, what is wrong, and what can be done. */
export function EditorBar({ actions, problems, isStarting, onShow, children }: Props) {
  const { workflow } = useEditing();
  const by = (id: string) => actions.find((action) => action.id === id);
  return (
    <header className={classes.bar}>
      <WindowTitle>{`${workflow.name} – edit`}</WindowTitle>
      <h1 className={classes.name}>
        <Link to={`/workflows/${workflow.id}`}>{workflow.name}</Link>
      </h1>
      <SavingSign />
      <Link to={`/workflows/${workflow.id}/versions`} className={classes.versions}>
        Versions
      </Link>
      <div className={classes.tools}>
        {children}
        <Deed action={by('add')} icon="plus" />
        <Deed action={by('note')} icon="note" />
        <Deed action={by('undo')} icon="undo" />
        <Deed action={by('redo')} icon="redo" />
        <Deed action={by('settings')} icon="sliders" />
        <Deed action={by('command')} icon="more" />
      </div>
      <Problems problems={problems} onShow={onShow} />
      <Button.Group className={classes.start ?? ''}>
        <Button
          variant="default"
          leftSection={<Icon name="play" size={13} />}
          disabled={by('run')?.isPossible !== true}
          loading={isStarting}
          onClick={by('run')?.run}
        >
          Run the draft
        </Button>
        <Button
          variant="default"
          px={6}
          aria-label={by('runWith')?.label}
          title={by('runWith')?.label}
          disabled={by('runWith')?.isPossible !== true}
          onClick={by('runWith')?.run}
        >
          <Icon name="down" size={13} />
        </Button>
      </Button.Group>
      <Button disabled={by('publish')?.isPossible !== true} onClick={by('publish')?.run}>
        Publish…
      </Button>
    </header>
  );
}

function SavingSign() {
  const { saver, editor } = useEditing();
  const saving = useSaving();
  const told = {
    saved: 'Saved',
    saving: 'Saving…',
    failed: 'Not saved',
    conflict: 'Somebody else has changed this draft',
  }[saving.is];
  return (
    <div className={classes.saving} data-is={saving.is} role="status">
      {told}
      {saving.is === 'failed' && `: ${saving.error.message}`}
      {saving.is === 'failed' && saving.isTriedAgain && ' Trying again…'}
      {saving.is === 'conflict' && (
        <Group gap={4} mt={2}>
          <Button size="compact-xs" variant="default" onClick={() => saver.keepMine()}>
            Keep mine
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              const theirs = saver.takeTheirs();
              if (theirs !== null) editor.replace(theirs);
            }}
          >
            Take theirs
          </Button>
        </Group>
      )}
    </div>
  );
}

function Problems({ problems, onShow }: { problems: Problem[]; onShow: (one: Problem) => void }) {
  if (problems.length === 0) return null;
  const errors = problems.filter(({ isError }) => isError).length;
  const count = errors > 0 ? errors : problems.length;
  const word = errors > 0 ? 'problem' : 'hint';
  return (
    <Menu position="bottom-end" width={380}>
      <Menu.Target>
        <Button
          variant="default"
          c={errors > 0 ? 'var(--ff-failed)' : 'var(--ff-waiting)'}
          leftSection={<Icon name="warning" size={13} />}
        >
          {count} {count === 1 ? word : `${word}s`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
        {problems.map((problem) => (
          <Menu.Item
            key={`${problem.node ?? ''} ${problem.path} ${problem.code}`}
            fz="xs"
            c={problem.isError ? 'var(--ff-failed)' : undefined}
            onClick={() => onShow(problem)}
          >
            {problem.message} <code className={classes.at}>{fieldOf(problem)}</code>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
