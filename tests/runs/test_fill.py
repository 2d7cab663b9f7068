"""The runs that a database is filled with to be measured are like real ones."""

from itertools import pairwise

import pytest

from apps.runs.events import read_events
from apps.runs.models import Run, StepRun
from apps.runs.states import RunStatus
from tests.bench.fill import fill


@pytest.mark.django_db(transaction=True)
def test_a_database_is_filled_with_runs_that_can_be_read() -> None:
    runs = 200
    steps = fill(runs)

    filled = list(Run.objects.order_by("id")[:runs])
    assert StepRun.objects.filter(run__in=filled).count() == steps
    assert all(before.created_at < after.created_at for before, after in pairwise(filled))
    assert {run.status for run in filled} == {
        RunStatus.COMPLETED,
        RunStatus.FAILED,
        RunStatus.WAITING,
    }
    assert {run.error_code for run in filled} > {"", "stopped"}
    assert len({run.workspace_id for run in filled}) == 3

    told = read_events(next(run.pk for run in filled if run.status == RunStatus.FAILED), 0)
    assert told.is_last
    assert [event["seq"] for event in told.events] == list(range(1, len(told.events) + 1))
