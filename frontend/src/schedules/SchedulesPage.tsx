import { Select } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../session/session';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { useSelected } from '../ui/useSelected';
import { WithDetail } from '../ui/WithDetail';
import { WorkflowSelect } from '../workflows/WorkflowSelect';
import { useSchedules } from './queries';
import { ScheduleDetail } from './ScheduleDetail';
import { SchedulesTable } from './SchedulesTable';
import { STATES } from './StateBadge';

/** All schedules of the workspace: when they fire, and which of them do not. */
export function SchedulesPage() {
  const { workspace } = useSession();
  const [filters, setFilter] = useFilters(['workflow', 'state', 'cursor'] as const);
  const { selected, searchOf, close } = useSelected('schedule');
  const schedules = useSchedules({ workspace: workspace.id, ...filters, limit: 50 });
  const isFiltered = filters.workflow !== null || filters.state !== null;
  const shown = schedules.data?.results.find(({ id }) => id === selected);
  const detail = shown !== undefined && (
    <ScheduleDetail key={shown.id} schedule={shown} onClose={close} />
  );
  return (
    <>
      <PageHead title="Schedules">
        <Select
          aria-label="State"
          placeholder="Every state"
          clearable
          data={Object.entries(STATES).map(([value, label]) => ({ value, label }))}
          value={filters.state}
          onChange={(state) => setFilter('state', state)}
        />
        <WorkflowSelect
          aria-label="Workflow"
          placeholder="Every workflow"
          value={filters.workflow}
          onChange={(workflow) => setFilter('workflow', workflow)}
        />
      </PageHead>
      <WithDetail what="Schedule" detail={detail} onClose={close}>
        <Read of={schedules} what="schedules">
          {(page) => (
            <>
              {page.results.length > 0 ? (
                <SchedulesTable schedules={page.results} selected={selected} searchOf={searchOf} />
              ) : isFiltered ? (
                <EmptyNotice title="No schedule matches">
                  No schedule of {workspace.name} fits these filters. Take one away to see more.
                </EmptyNotice>
              ) : (
                <EmptyNotice title="No schedule yet">
                  A Schedule node starts its <Link to="/workflows">workflow</Link> at the times that
                  it names. Once that is published, it stands here.
                </EmptyNotice>
              )}
              <PageTurner {...page} onTurn={(cursor) => setFilter('cursor', cursor)} />
            </>
          )}
        </Read>
      </WithDetail>
    </>
  );
}
