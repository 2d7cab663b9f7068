import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { Schedule } from '../api/types';
import list from '../ui/list.module.css';
import { fullTime } from '../ui/times';
import { drift } from './drift';
import { StateBadge } from './StateBadge';
import { zonedTime } from './zoned';

interface Props {
  schedules: Schedule[];
  selected: string | null;
  searchOf: (id: string) => string;
}

/** Schedules, each row a link to its detail. Times are by the clock of its zone. */
export function SchedulesTable({ schedules, selected, searchOf }: Props) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={8} aria-label="Schedules">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>State</Table.Th>
          <Table.Th>Workflow</Table.Th>
          <Table.Th className={list.wide}>Fires</Table.Th>
          <Table.Th className={list.wide}>Time zone</Table.Th>
          <Table.Th>Next</Table.Th>
          <Table.Th className={list.wide}>Last</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {schedules.map((schedule) => (
          <Table.Tr
            key={schedule.id}
            className={list.opens}
            data-selected={schedule.id === selected || undefined}
          >
            <Table.Td>
              <StateBadge state={schedule.state} />
            </Table.Td>
            <Table.Td className={list.name} title={schedule.error || schedule.workflow_name}>
              <Link to={{ search: searchOf(schedule.id) }}>{schedule.workflow_name}</Link>
              {schedule.error !== '' && <span className={list.muted}> · {schedule.error}</span>}
            </Table.Td>
            <Table.Td className={list.wide}>{schedule.sentence}</Table.Td>
            <Table.Td className={`${list.wide} ${list.muted}`}>{schedule.timezone}</Table.Td>
            <Moment at={schedule.next_run_at} schedule={schedule} />
            <Table.Td className={`${list.wide} ${list.number}`}>
              <LastFire schedule={schedule} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** A paused schedule fires at none of its times. */
function Moment({ at, schedule }: { at: string | null; schedule: Schedule }) {
  const isToCome = at !== null && !['paused', 'not_live'].includes(schedule.state);
  return (
    <Table.Td className={list.number} title={isToCome ? fullTime(at) : undefined}>
      {isToCome ? zonedTime(at, schedule.timezone) : <span className={list.muted}>–</span>}
    </Table.Td>
  );
}

function LastFire({ schedule: { last_fire: fire, timezone } }: { schedule: Schedule }) {
  if (fire === null) return <span className={list.muted}>Not yet</span>;
  return (
    <span title={`Due ${fullTime(fire.slot)}, fired ${fullTime(fire.fired_at)}`}>
      {zonedTime(fire.slot, timezone)} <span className={list.muted}>{drift(fire)}</span>
    </span>
  );
}
