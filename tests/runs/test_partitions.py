"""Steps in partitions by months: runs go on as before, and old steps are dropped at once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.utils import timezone

from apps.operations.models import Note
from apps.runs.cancel import cancel_run
from apps.runs.delete import delete_together
from apps.runs.events import read_events
from apps.runs.models import Run, RunSignal, StepRun
from apps.runs.partitions import (
    FIRST,
    REST,
    drop_steps,
    is_partitioned,
    make_coming,
    partition_steps,
    partitions,
)
from apps.runs.states import RunStatus, SignalKind
from apps.workspaces.ids import first_id_at
from apps.workspaces.indexes import AddIndexInUse
from tests.api import rows
from tests.factories import make_run, make_step, make_version
from tests.graphs import graph, node
from tests.operations.seeded import seeded
from tests.runs.test_children import caller, published, run_of
from tests.runs.work import created, execute

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(settings.IS_SQLITE, reason="only PostgreSQL has partitions"),
]


@pytest.fixture
def divided() -> None:
    """A database that was partitioned while some runs were in it, now."""
    seeded(50)
    check_now()
    call_command("partition_steps", verbosity=0)


def check_now() -> None:
    """No table can be changed while what is due at a transaction's end is due on it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def rows_of(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")
        return int(cursor.fetchone()[0])


def test_what_was_there_is_the_first_partition_and_months_follow(divided: None) -> None:
    first, *months, rest = partitions()
    assert (first.name, rest.name) == (FIRST, REST)
    assert rows_of(FIRST) == StepRun.objects.count() > 400
    assert all(before.end == after.begin for before, after in pairwise([first, *months]))
    assert make_coming(timezone.now()) == 0
    assert make_coming(timezone.now() + timedelta(days=62)) == 2


def test_runs_are_executed_waited_for_and_told_of_as_before(divided: None) -> None:
    run = run_of(caller(published()), 1, 2)
    assert run.status == RunStatus.COMPLETED
    told = read_events(run.pk, 0).events
    assert [event["seq"] for event in told] == list(range(1, run.seq + 1))
    check_now()


def test_runs_of_coming_months_lie_in_their_partitions(divided: None) -> None:
    version = make_version()
    for month in partitions()[1:]:
        at = month.begin or first_id_at(datetime(2400, 1, 1, tzinfo=UTC))
        run = created(version)
        Run.objects.filter(pk=run.pk).update(id=at)
        assert execute(Run.objects.get(pk=at)).status == RunStatus.COMPLETED
        assert rows_of(month.name) == 2


def test_what_is_in_no_partitions_is_not_divided_by_who_wants_to_drop_some() -> None:
    with pytest.raises(CommandError, match="in no partitions yet"):
        call_command("partition_steps", "--drop-before", "2026-01-01")
    assert not is_partitioned()


def test_a_day_that_is_none_is_named() -> None:
    with pytest.raises(CommandError, match="'soon' is no day of the form YYYY-MM-DD"):
        call_command("partition_steps", "--drop-before", "soon")


def test_old_steps_are_dropped_and_their_runs_stay() -> None:
    nodes = [node("start", "manual"), node("wait", "delay", params={"seconds": 3_600})]
    old = execute(created(make_version(graph=graph(nodes, ["start -> wait"]))))
    child = run_of(caller(published()), 3)
    check_now()
    partition_steps(timezone.now())
    make_coming(timezone.now())
    end = partitions()[0].end
    assert end is not None
    later = datetime.fromtimestamp((end.int >> 80) / 1000, UTC)

    assert drop_steps(later) == ([], [FIRST])

    cancel_run(old, by=None)
    execute(old)
    check_now()
    assert drop_steps(later) == ([FIRST], [])
    assert Run.objects.get(pk=old.pk).status == RunStatus.CANCELLED
    assert Run.objects.filter(pk=child.pk).exists()
    assert not StepRun.objects.exists()
    assert not RunSignal.objects.filter(step__isnull=False).exists()
    assert not Run.objects.filter(parent_step__isnull=False).exists()


def test_a_run_goes_with_its_steps_and_is_let_go_by_what_names_them(divided: None) -> None:
    run, other = make_run(status=RunStatus.COMPLETED), make_step()
    step = make_step(run)
    child = make_run(status=RunStatus.COMPLETED, parent_step=step, parent_item=0)
    copy = make_step(make_run(status=RunStatus.COMPLETED, retry_of=run), copied_from=step)
    RunSignal.objects.create(workspace=run.workspace, run=child, kind=SignalKind.RESUME, step=step)
    rows.note(run)
    steps = StepRun.objects.count()
    assert delete_together([run.pk]) == 1
    for row in (child, copy, other):
        row.refresh_from_db()
    assert (child.parent_step_id, copy.copied_from_id, copy.run.retry_of) == (None, None, None)
    assert StepRun.objects.count() == steps - 1
    assert not Note.objects.exists()
    assert not RunSignal.objects.filter(step__isnull=False).exists()


def test_a_month_that_is_not_over_is_not_dropped(divided: None) -> None:
    assert drop_steps(timezone.now()) == ([], [])
    assert is_partitioned()


def test_a_migration_gives_an_index_to_all_partitions(divided: None) -> None:
    index = models.Index(fields=["node_id", "run"], name="step_runs_tried")
    state = ProjectState.from_apps(apps)
    check_now()
    with connection.schema_editor(atomic=False) as editor:
        AddIndexInUse("steprun", index).database_forwards("runs", editor, state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'step_runs_tried'::regclass"
        )
        assert cursor.fetchone()[0] == len(partitions())
