import { Tabs } from '@mantine/core';
import type { RunState } from './events';
import { RunConsole } from './RunConsole';
import classes from './RunRecord.module.css';
import { Timeline } from './Timeline';

interface Props {
  run: RunState;
  nameOf: (node: string) => string;
  /** The step that is shown beside. */
  selected: string | null;
  onSelect: (step: string) => void;
}

/** What became of a run: its events as lines, or its steps over time. */
export function RunRecord({ run, nameOf, selected, onSelect }: Props) {
  return (
    <Tabs defaultValue="console" keepMounted={false} className={classes.tabs ?? ''}>
      <Tabs.List>
        <Tabs.Tab value="console">Console</Tabs.Tab>
        <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="console" className={classes.tab ?? ''}>
        <RunConsole events={run.events} nameOf={nameOf} onSelect={onSelect} />
      </Tabs.Panel>
      <Tabs.Panel value="timeline" className={classes.tab ?? ''}>
        <Timeline run={run} nameOf={nameOf} selected={selected} onSelect={onSelect} />
      </Tabs.Panel>
    </Tabs>
  );
}
