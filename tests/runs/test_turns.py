"""Turns: who has much to do does not keep those waiting who have little."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.runs.cancel import cancel_run
from apps.runs.models import DEFAULT_QUEUE, Run
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind
from apps.runs.sweep import hand_back, wake_due
from apps.runs.walk import new_branches
from apps.runs.worker import WorkerProcess
from apps.versions.models import WorkflowVersion
from tests.factories import make_run, make_version
from tests.runs.work import created

pytestmark = pytest.mark.django_db
MANY = 40


def waiting(version: WorkflowVersion, count: int) -> list[Run]:
    """Runs that have begun, and wait for a time that has come."""
    due = timezone.now() - timedelta(seconds=1)
    runs = [make_run(version, RunStatus.WAITING, wake_at=due, seq=9) for _ in range(count)]
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(started_at=due)
    return runs


def wake_by_time(runs: list[Run]) -> None:
    wake_due()


def wake_by_signal(runs: list[Run]) -> None:
    for run in runs:
        send_signal(run, SignalKind.CHILD)


def claims(count: int) -> Iterator[Run]:
    """What a worker claims, one after the other."""
    worker = WorkerProcess()
    for _ in range(count):
        with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
            yield Run.objects.get(pk=held.claim.run)


def workspaces_of(runs: Iterator[Run]) -> list[object]:
    return [run.workspace_id for run in runs]


WAYS = pytest.mark.parametrize("wake", [wake_by_time, wake_by_signal])


@WAYS
def test_many_that_wake_do_not_go_before_the_few_of_another(
    wake: Callable[[list[Run]], None],
) -> None:
    of_many, few = make_version(), make_version()
    wake([*waiting(of_many, MANY), *waiting(few, 3)])
    assert workspaces_of(claims(8)).count(few.workspace_id) == 3


@WAYS
def test_many_that_woke_before_do_not_either(wake: Callable[[list[Run]], None]) -> None:
    of_many, few = make_version(), make_version()
    wake(waiting(of_many, MANY))
    assert set(workspaces_of(claims(5))) == {of_many.workspace_id}
    wake(waiting(few, 3))
    assert workspaces_of(claims(8)).count(few.workspace_id) == 3


@WAYS
def test_many_that_wake_leave_every_fourth_claim_to_new_ones(
    wake: Callable[[list[Run]], None],
) -> None:
    of_many, few = make_version(), make_version()
    wake(waiting(of_many, MANY))
    for _ in range(3):
        created(few)
    taken = workspaces_of(claims(12))
    assert [place for place, of in enumerate(taken, 1) if of == few.workspace_id] == [4, 8, 12]


def test_where_none_is_new_those_that_woke_go_on() -> None:
    wake_by_time(waiting(make_version(), 9))
    assert len(list(claims(9))) == 9


def test_who_has_begun_goes_before_new_ones_of_the_same_workspace() -> None:
    version = make_version()
    new = created(version)
    [begun] = waiting(version, 1)
    wake_by_time([begun])
    assert list(claims(2)) == [begun, new]


def test_who_is_to_be_ended_or_was_handed_back_goes_before_all_that_wake() -> None:
    version = make_version()
    handed_back, cancelled = make_run(version), created(version)
    worker = WorkerProcess()
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        hand_back(held.claim.run, held.claim.fence)
    wake_by_time(waiting(version, MANY))
    cancel_run(cancelled, by=None)
    assert set(claims(2)) == {handed_back, cancelled}
