"""Rate limits: so many runs of a workflow and key start within any window, and no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.runs.cancel import cancel_run
from apps.runs.claim import claim_run
from apps.runs.line import open_due_lines, open_line_for_slot, until_line_is_due_s
from apps.runs.models import DEFAULT_QUEUE, Line, Run
from apps.runs.states import RunStatus
from apps.runs.waits import wait_of
from apps.versions.models import WorkflowVersion
from tests.factories import make_run, make_version
from tests.graphs import chain
from tests.runs.work import claimed, claimed_at_once, created, make_worker

pytestmark = pytest.mark.django_db


def rated(version: WorkflowVersion, limit: int = 2, per_s: int = 60, **fields: Any) -> Run:
    return make_run(version, **{"rate_limit": limit, "rate_s": per_s} | fields)


def claim() -> Any:
    taken = claim_run(make_worker().pk, DEFAULT_QUEUE)
    return taken and taken.run


def let_pass(seconds: float) -> None:
    """As if all starts were so much longer ago."""
    for run in Run.objects.filter(started_at__isnull=False):
        at = run.started_at - timedelta(seconds=seconds)
        Run.objects.filter(pk=run.pk).update(started_at=at)
    for line in Line.objects.all():
        Line.objects.filter(pk=line.pk).update(look_at=line.look_at - timedelta(seconds=seconds))


def test_its_columns_come_from_the_version_and_the_first_item() -> None:
    rate = {"limit": 10, "per_s": 60, "key": "={{ $json.customer }}"}
    run = created(
        make_version(graph=chain("start", "end", rate_limit=rate)),
        items=[{"json": {"customer": "Ada"}}],
    )
    run.refresh_from_db()
    assert (run.rate_limit, run.rate_s, run.rate_key) == (10, 60, "Ada")


def test_no_more_start_than_the_rate_allows() -> None:
    version = make_version()
    first, second, third = (rated(version) for _ in range(3))
    assert [claim(), claim(), claim()] == [first.pk, second.pk, None]
    assert Run.objects.get(pk=third.pk).status == RunStatus.PENDING


def test_who_waits_starts_when_the_first_start_leaves_the_window() -> None:
    version = make_version()
    first, *_, third = (rated(version) for _ in range(3))
    while claim():
        pass
    Run.objects.filter(pk=first.pk).update(started_at=timezone.now() - timedelta(seconds=20))
    Line.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    assert open_due_lines() == 0
    due_s = until_line_is_due_s()
    assert due_s is not None
    assert due_s < 40.1
    let_pass(40)
    assert open_due_lines() == 1
    assert claim() == third.pk


def test_a_long_line_goes_on_by_itself_as_often_as_it_may() -> None:
    version = make_version()
    runs = [rated(version) for _ in range(7)]
    starts = []
    for _ in range(4):
        open_due_lines()
        starts.append(list(iter(claim, None)))
        let_pass(60)
    assert starts == [[run.pk for run in runs[n : n + 2]] for n in (0, 2, 4, 6)]


def test_a_line_is_looked_at_when_the_next_start_leaves_its_window_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.runs.line.LOOK_AGAIN", timedelta(minutes=1))
    version = make_version()
    first, second, *_ = (rated(version) for _ in range(4))
    while claim():
        pass
    now = timezone.now()
    Run.objects.filter(pk=first.pk).update(started_at=now - timedelta(seconds=61))
    Run.objects.filter(pk=second.pk).update(started_at=now - timedelta(seconds=40))
    Line.objects.update(look_at=now - timedelta(seconds=1))
    assert open_due_lines() == 1
    assert Line.objects.get().look_at <= now + timedelta(seconds=20)


def test_a_line_is_not_looked_at_for_each_of_many_starts() -> None:
    version = make_version()
    first, second, *_ = (rated(version) for _ in range(4))
    while claim():
        pass
    now = timezone.now()
    Run.objects.filter(pk=first.pk).update(started_at=now - timedelta(seconds=61))
    Run.objects.filter(pk=second.pk).update(started_at=now - timedelta(seconds=59.999))
    Line.objects.update(look_at=now - timedelta(seconds=1))
    open_due_lines()
    assert Line.objects.get().look_at >= now + timedelta(seconds=0.1)


def test_each_key_and_each_workflow_has_its_own_rate() -> None:
    version = make_version()
    ada, bob = (rated(version, limit=1, rate_key=key) for key in ("Ada", "Bob"))
    other = rated(make_version(), limit=1, rate_key="Ada")
    assert {claim(), claim(), claim()} == {ada.pk, bob.pk, other.pk}


def test_a_run_that_goes_on_is_no_start() -> None:
    version = make_version()
    run = rated(version, limit=1)
    claimed(run, make_worker().pk)
    Run.objects.filter(pk=run.pk).update(status="pending", worker=None)
    claimed(run, make_worker().pk)
    assert Run.objects.get(pk=run.pk).start_no == 1


def test_a_run_that_is_only_to_be_ended_is_no_start() -> None:
    version = make_version()
    cancelled, next_one = rated(version, limit=1), rated(version, limit=1)
    cancel_run(cancelled, by=None)
    assert [claim(), claim()] == [cancelled.pk, next_one.pk]


def test_a_cancelled_run_waits_for_no_start() -> None:
    version = make_version()
    rated(version, limit=1)
    waiting = rated(version, limit=1)
    assert claim()
    assert claim() is None
    cancel_run(waiting, by=None)
    assert claim() == waiting.pk


def test_who_waits_for_a_slot_is_not_held_up_by_one_before_it_that_waits_for_its_time() -> None:
    version = make_version()
    begun, again, other = (
        rated(version, limit=1, rate_key=key, slots=1) for key in ("Ada", "Ada", "Bob")
    )
    assert [claim(), claim()] == [begun.pk, None]
    ended = {"status": RunStatus.COMPLETED, "finished_at": timezone.now()}
    Run.objects.filter(pk=begun.pk).update(slot=None, worker=None, **ended)
    open_line_for_slot(version.workflow_id, "")
    assert claim() == other.pk
    assert Line.objects.get(runs=again).kind == Line.Kind.RATE


def test_who_waits_for_its_time_is_not_held_up_by_one_before_it_that_waits_for_a_slot() -> None:
    version = make_version()
    begun = rated(version, limit=1)
    again, other = (rated(version, limit=1, slots=1, limit_key=key) for key in "ab")
    assert [claim(), claim()] == [begun.pk, None]
    make_run(version, RunStatus.RUNNING, slots=1, slot=1, limit_key="a")
    let_pass(60)
    open_due_lines()
    assert claim() == other.pk
    assert Line.objects.filter(runs=again).exists()


def test_a_run_tells_that_it_waits_for_its_time() -> None:
    version = make_version()
    rated(version, limit=1)
    rated(version, limit=1)
    waiting = rated(version, limit=1)
    claim()
    claim()
    wait = wait_of(Run.objects.get(pk=waiting.pk))
    assert wait is not None
    assert (wait.reason, wait.place) == ("rate", 2)
    assert wait.until is not None
    assert wait.told == (
        "No more than 1 run may start within 60 s: it waits for its time, at place 2 in line."
    )


@pytest.mark.django_db(transaction=True)
def test_claimants_at_the_same_time_never_exceed_a_rate() -> None:
    version = make_version()
    for _ in range(12):
        rated(version, limit=3)
    assert len(claimed_at_once()) == 3
    numbers = Run.objects.exclude(start_no=None).values_list("start_no", flat=True)
    assert sorted(numbers) == [1, 2, 3]
