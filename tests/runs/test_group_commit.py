"""Runs that are claimed together, and recorded together: each comes out as if it were alone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from apps.runs import control, execute, group_commit, publish, sql
from apps.runs.brisk import BRISK_S, Brisk
from apps.runs.cancel import cancel_run
from apps.runs.claim import claim_several
from apps.runs.control import Heart
from apps.runs.events import read_events
from apps.runs.execute import execute_next
from apps.runs.models import DEFAULT_QUEUE, Run, RunSignal, StepRun
from apps.runs.states import RunStatus
from apps.runs.sweep import give_up
from apps.runs.walk import new_branches
from apps.runs.worker import WorkerProcess
from apps.versions.models import WorkflowVersion
from tests.factories import make_version
from tests.graphs import chain, graph, node
from tests.runs.work import claimed, created, make_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(db: None) -> WorkflowVersion:
    return make_version(graph=chain("start", "set", "end"))


@pytest.fixture
def known(
    worker: WorkerProcess, version: WorkflowVersion, monkeypatch: Any, settings: Any
) -> Brisk:
    """A worker that knows the version to be brief, however slow the machine of the test, and that
    many runs are pending."""
    settings.GROUP_COMMIT_S = 3_600.0
    brisk = Brisk(clock=lambda: 0.0)
    with brisk.measured(version.pk):
        pass
    brisk.note_backlog(has_more=True)
    monkeypatch.setattr(execute, "brisk", brisk)
    return brisk


@pytest.fixture
def between(monkeypatch: Any) -> Iterator[list[Callable[[], object]]]:
    """What happens between the last of the group's runs and its commit."""
    deeds: list[Callable[[], object]] = []
    write = group_commit._write

    def do_and_write(ends: Any) -> Any:
        for deed in deeds:
            deed()
        deeds.clear()
        return write(ends)

    monkeypatch.setattr(group_commit, "_write", do_and_write)
    yield deeds
    assert not deeds, "the runs were not committed together"


def several(version: WorkflowVersion, count: int = 9, **wishes: Any) -> list[Run]:
    return [created(version, items=[{"json": {"n": n}}], **wishes) for n in range(count)]


def outcome(run: Run) -> tuple[Any, ...]:
    """What a run came to, without the ids and times that differ."""
    run.refresh_from_db()
    steps = StepRun.objects.filter(run=run).order_by("seq_started")
    told = [(event["seq"], event["event"]) for event in read_events(run.pk, 0).events]
    assert run.worker is None
    return (
        run.status,
        run.seq,
        run.output_bytes,
        [(s.node_id, s.status, s.output_json, s.seq_started, s.seq_finished) for s in steps],
        told,
    )


def alone(run: Run) -> tuple[Any, ...]:
    """The outcome of another run like it, that is executed by itself."""
    twin = created(run.version, items=run.input_json)
    while execute_next(DEFAULT_QUEUE):
        pass
    return outcome(twin)


def test_each_run_of_a_group_comes_out_as_if_it_were_alone(
    version: WorkflowVersion, known: Brisk
) -> None:
    runs = several(version)
    assert execute_next(DEFAULT_QUEUE) == 5, "half of what is pending is claimed"
    outcomes = [outcome(run) for run in runs[:5]]
    known.note_backlog(has_more=False)
    assert outcomes == [alone(run) for run in runs[:5]]


def test_a_group_is_one_claim_and_one_commit(version: WorkflowVersion, known: Brisk) -> None:
    several(version, 16)
    with CaptureQueriesContext(connection) as asked:
        assert execute_next(DEFAULT_QUEUE) == 8
    if sql.is_postgres():
        assert sum("UPDATE runs" in query["sql"] for query in asked) == 2
    else:
        assert sum(query["sql"].startswith("COMMIT") for query in asked) == 2


def test_a_run_that_is_cancelled_before_its_group_is_recorded_is_cancelled(
    version: WorkflowVersion, known: Brisk, between: list[Callable[[], object]]
) -> None:
    runs = several(version, 6)
    between.append(lambda: cancel_run(runs[1], by=None))
    assert execute_next(DEFAULT_QUEUE) == 3
    statuses = [outcome(run)[0] for run in runs[:3]]
    assert statuses == [RunStatus.COMPLETED, RunStatus.CANCELLED, RunStatus.COMPLETED]
    assert not RunSignal.objects.filter(consumed_at=None).exists()
    assert outcome(runs[1])[3] == [], "a step was recorded of a run that was cancelled before"


def test_of_a_run_that_was_taken_over_nothing_is_recorded_with_its_group(
    version: WorkflowVersion, known: Brisk, between: list[Callable[[], object]]
) -> None:
    runs = several(version, 6)
    between.append(lambda: give_up(runs[1].pk, fence=1))
    assert execute_next(DEFAULT_QUEUE) == 3
    runs[1].refresh_from_db()
    assert (runs[1].status, runs[1].fence, runs[1].seq) == (RunStatus.PENDING, 2, 0)
    assert [outcome(runs[place])[0] for place in (0, 2)] == [RunStatus.COMPLETED] * 2
    while execute_next(DEFAULT_QUEUE):
        pass
    assert outcome(runs[1])[0] == RunStatus.COMPLETED
    assert outcome(runs[1])[4] == outcome(runs[0])[4], "other events are told of it"


@pytest.mark.parametrize("is_written", [False, True], ids=["before it wrote", "after it wrote"])
def test_a_connection_that_is_lost_while_a_group_is_recorded_doubles_and_loses_nothing(
    version: WorkflowVersion, known: Brisk, monkeypatch: Any, is_written: bool
) -> None:
    runs = several(version, 6)
    write = group_commit._write

    def lose_connection(ends: Any) -> Any:
        if is_written:
            write(ends)
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(group_commit, "_write", lose_connection)
    told: list[Any] = []
    monkeypatch.setattr(publish, "tell_status", lambda *news: told.append(news[2]))
    assert execute_next(DEFAULT_QUEUE) == 3
    monkeypatch.undo()
    assert [outcome(run)[0] for run in runs[:3]] == [RunStatus.COMPLETED] * 3
    assert told == [run.pk for run in runs[:3]], "what is durable was not told, or twice"


def test_what_cannot_wait_is_recorded_behind_what_waits(
    version: WorkflowVersion, known: Brisk
) -> None:
    slow = make_version(
        version.workflow,
        graph(
            [node("start", "manual"), node("sleep", "delay", params={"seconds": 3600})],
            ["start -> sleep"],
        ),
    )
    with known.measured(slow.pk):
        pass
    runs = [created(each) for each in (version, slow, version, slow, version, slow)]
    assert execute_next(DEFAULT_QUEUE) == 3
    for run in runs:
        run.refresh_from_db()
    expected = [RunStatus.COMPLETED, RunStatus.WAITING, RunStatus.COMPLETED]
    assert [run.status for run in runs[:3]] == expected
    assert [run.status for run in runs[3:]] == [RunStatus.PENDING] * 3


def test_what_is_large_waits_for_no_group(
    version: WorkflowVersion, known: Brisk, monkeypatch: Any
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(group_commit, "_write", lambda ends: kept.append(len(ends)) or set())
    runs = [created(version, items=[{"json": {"text": "x" * 200_000}}]) for _ in range(4)]
    assert execute_next(DEFAULT_QUEUE) == 2
    assert [outcome(run)[0] for run in runs[:2]] == [RunStatus.COMPLETED] * 2
    assert not kept


# Which are claimed together


@pytest.mark.parametrize(
    "wishes",
    [
        {"crashes": 1},
        {"signals": 1},
        {"seq": 3},
        {"slots": 5, "limit_key": "ada"},
        {"deadline_at": datetime(2200, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda wishes: next(iter(wishes)),
)
def test_what_is_not_plain_is_claimed_alone_and_in_its_turn(
    version: WorkflowVersion, wishes: dict[str, Any]
) -> None:
    runs = several(version)
    Run.objects.filter(pk=runs[2].pk).update(**wishes)
    worker = make_worker()
    together = claim_several(worker.pk, DEFAULT_QUEUE, [version.pk])
    assert [claim.run for claim in together] == [run.pk for run in runs[:2]]
    assert claim_several(worker.pk, DEFAULT_QUEUE, [version.pk]) == []
    assert claimed(runs[2], worker.pk).crashes == wishes.get("crashes", 0)
    assert claim_several(worker.pk, DEFAULT_QUEUE, [version.pk])[0].run == runs[3].pk


def test_runs_of_other_versions_are_not_claimed_together(version: WorkflowVersion) -> None:
    several(make_version())
    assert claim_several(make_worker().pk, DEFAULT_QUEUE, [version.pk]) == []


def test_half_of_what_is_pending_is_left_to_others_and_never_more_than_some_taken(
    version: WorkflowVersion,
) -> None:
    several(version, 40)
    worker = make_worker()
    sizes = []
    while claims := claim_several(worker.pk, DEFAULT_QUEUE, [version.pk]):
        sizes.append(len(claims))
        has_left = Run.objects.filter(status=RunStatus.PENDING).exists()
        assert {claim.has_more for claim in claims} == {has_left}
    assert sizes == [16, 12, 6, 3, 2, 1]


def test_two_who_claim_at_once_never_take_the_same_run(version: WorkflowVersion) -> None:
    several(version, 60)
    workers = [make_worker().pk for _ in range(4)]
    begin = threading.Barrier(4)

    def claim_all(worker: UUID) -> list[UUID]:
        begin.wait()
        taken: list[UUID] = []
        try:
            while claims := claim_several(worker, DEFAULT_QUEUE, [version.pk]):
                taken += [claim.run for claim in claims]
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [run for each in pool.map(claim_all, workers) for run in each]
    assert len(taken) == len(set(taken))
    left = Run.objects.filter(status=RunStatus.PENDING).count()
    assert len(taken) + left == 60


def test_a_version_that_takes_long_is_brief_no_more() -> None:
    now = [0.0]
    brisk, version = Brisk(clock=lambda: now[0]), uuid4()
    brisk.note_backlog(has_more=True)
    with brisk.measured(version):
        now[0] += BRISK_S
    assert brisk.versions == (version,)
    with brisk.measured(version):
        now[0] += BRISK_S * 1.1
    assert brisk.versions == ()


def test_without_a_backlog_runs_are_claimed_one_by_one() -> None:
    brisk = Brisk(clock=lambda: 0.0)
    with brisk.measured(uuid4()):
        pass
    assert brisk.versions == ()


def test_what_waits_long_behind_another_is_handed_back(
    version: WorkflowVersion, known: Brisk, worker: WorkerProcess, monkeypatch: Any
) -> None:
    runs = several(version, 6)
    with worker.claiming(DEFAULT_QUEUE, new_branches, known.versions) as held:
        assert worker.begin(held[0])
        Heart().turn(worker)
        assert set(Run.objects.filter(status=RunStatus.RUNNING)) == set(runs[:3])
        monkeypatch.setattr(control, "UNBEGUN_S", -1.0)
        Heart().turn(worker)
        assert list(Run.objects.filter(status=RunStatus.RUNNING)) == [runs[0]]
        assert not worker.begin(held[1])
        worker.check(held[0])
    assert not Run.objects.filter(crashes__gt=0).exists()
