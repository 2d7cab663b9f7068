"""Cancels and retries of all runs that a filter finds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from apps.engine.errors import FaultsError
from apps.operations.bulk import choose, forget
from apps.operations.bulk import go_on as module
from apps.operations.bulk.begin import begin_job, stop_job
from apps.operations.bulk.choose import Asked, estimate
from apps.operations.bulk.counts import counts_of
from apps.operations.bulk.forget import delete_old_jobs
from apps.operations.bulk.go_on import go_on, until_next_s
from apps.operations.models import BulkJob, BulkJobRun
from apps.runs import worker as worker_module
from apps.runs.control import Control
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry, Membership
from tests.factories import make_run, make_step, make_version, make_workflow
from tests.graphs import edge, node
from tests.operations.failed_runs import by, failed_at_the_call, mailing, until_done
from tests.services import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> WorkflowVersion:
    return mailing()


def asked(of: WorkflowVersion, deed: str = "retry", **more: Any) -> Asked:
    return Asked(**{"workspace": of.workspace, "deed": deed, "filter": {}} | more)


@pytest.mark.parametrize(
    ("start", "steps", "effects"),
    [
        ("failed", 2, [("http_call", 2)]),
        ("start", 6, [("email", 2), ("http_call", 2)]),
    ],
)
def test_it_is_counted_what_would_be_repeated(
    version: WorkflowVersion, start: str, steps: int, effects: list[Any]
) -> None:
    for _ in range(2):
        failed_at_the_call(version)
    make_run(version, RunStatus.RUNNING)
    told = estimate(asked(version, start=start))
    assert (told.runs, told.steps) == (2, steps)
    assert sorted((each["type"], each["count"]) for each in told.effects) == effects
    assert not BulkJob.objects.exists()


def test_it_is_counted_what_may_follow_where_the_runs_never_came(version: WorkflowVersion) -> None:
    for _ in range(2):
        failed_at_the_call(version)
    run = make_run(version, RunStatus.FAILED)
    make_step(run, "start", status="completed", seq_finished=1, output_json={"main": []})
    make_step(run, "mail", status="failed", seq_finished=2)
    for start in ("failed", "start"):
        told = estimate(asked(version, start=start))
        assert [(each["type"], each["count"]) for each in told.to_come] == [("http_call", 1)]
    assert estimate(asked(version, "cancel")).to_come == []


def test_what_only_the_published_version_has_may_follow(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    document = version.graph_json
    document["nodes"].append(node("tell", "http_call", params={"url": "https://tell.test/"}))
    document["edges"].append(edge("call -> tell"))
    make_version(version.workflow, document, is_published=True)
    told = estimate(asked(version, version="published"))
    assert [(each["type"], each["count"]) for each in told.to_come] == [("http_call", 1)]
    assert estimate(asked(version)).to_come == []


def test_what_changed_in_the_published_version_is_counted_too(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    document = version.graph_json
    document["nodes"][1]["params"]["subject"] = "another"
    make_version(version.workflow, document, is_published=True)
    told = estimate(asked(version, version="published"))
    assert told.steps == 2
    assert {each["type"] for each in told.effects} == {"email", "http_call"}


def test_each_run_that_the_filter_found_is_retried_once(version: WorkflowVersion) -> None:
    runs = [failed_at_the_call(version) for _ in range(3)]
    other = failed_at_the_call(make_version())
    user = by(version)
    job = begin_job(asked(version, filter={"workflow": str(version.workflow_id)}), by=user)
    failed_at_the_call(version)  # later than the job
    assert until_done(job).status == BulkJob.Status.DONE
    assert go_on() == 0
    retried = Run.objects.exclude(retry_of=None).order_by("id")
    assert [each.retry_of for each in retried] == runs
    assert {each.triggered_by for each in retried} == {user}
    assert list(job.runs.values_list("made", flat=True)) == [each.pk for each in retried]
    assert not Run.objects.filter(retry_of=other).exists()
    actions = AuditEntry.objects.filter(object_id=job.pk).order_by("id")
    assert list(actions.values_list("action", flat=True)) == ["bulk.begin", "bulk.done"]


def test_of_what_failed_again_when_it_was_retried_the_last_run_is_retried(
    version: WorkflowVersion,
) -> None:
    first, last = failed_at_the_call(version), failed_at_the_call(version)
    Run.objects.filter(pk=last.pk).update(retry_of=first)
    assert estimate(asked(version)).runs == 1
    until_done(begin_job(asked(version), by=by(version)))
    assert Run.objects.filter(retry_of=first).get() == last
    assert Run.objects.filter(retry_of=last).count() == 1
    assert estimate(asked(version, start="start")).runs == 2


def test_two_jobs_over_the_same_runs_retry_each_once(version: WorkflowVersion) -> None:
    run, user = failed_at_the_call(version), by(version)
    jobs = [begin_job(asked(version), by=user) for _ in range(2)]
    for job in jobs:
        until_done(job)
    assert Run.objects.filter(retry_of=run).count() == 1
    assert [row.error for row in BulkJobRun.objects.order_by("outcome")] == [
        "",
        "It was retried already.",
    ]


def test_all_open_runs_are_cancelled(version: WorkflowVersion) -> None:
    runs = [make_run(version, status) for status in ("pending", "running", "waiting", "completed")]
    job = begin_job(
        asked(version, "cancel", filter={"status": ["pending", "waiting"]}), by=by(version)
    )
    until_done(job)
    wanted = [Run.objects.get(pk=run.pk).cancel_requested_at is not None for run in runs]
    assert wanted == [True, False, True, False]


def test_a_run_that_refuses_does_not_keep_the_others(version: WorkflowVersion) -> None:
    first, second = failed_at_the_call(version), failed_at_the_call(version)
    job = begin_job(asked(version), by=by(version))
    first.delete()
    until_done(job)
    assert counts_of(job) == {"to_do": 0, "done": 1, "refused": 1}
    assert job.runs.get(outcome="refused").error == "The run is deleted."
    assert Run.objects.filter(retry_of=second).exists()


def test_what_dies_in_the_middle_of_a_run_has_not_done_it(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = failed_at_the_call(version)
    job = begin_job(asked(version), by=by(version))
    do = module._do

    def die(*args: Any) -> Any:
        do(*args)
        raise OperationalError("the connection is cut")

    with monkeypatch.context() as broken:
        broken.setattr(module, "_do", die)
        with pytest.raises(OperationalError):
            go_on()
    assert not Run.objects.filter(retry_of=run).exists()
    until_done(job)
    assert Run.objects.filter(retry_of=run).count() == 1


def test_a_run_that_the_database_refuses_does_not_keep_the_others(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = failed_at_the_call(version), failed_at_the_call(version)
    job = begin_job(asked(version), by=by(version))
    do = module._do

    def refuse_first(job: BulkJob, row: BulkJobRun, *args: Any) -> Any:
        if row.run == first.pk:
            raise IntegrityError("no such row")
        return do(job, row, *args)

    monkeypatch.setattr(module, "_do", refuse_first)
    until_done(job)
    assert counts_of(job) == {"to_do": 0, "done": 1, "refused": 1}
    assert Run.objects.filter(retry_of=second).exists()


def test_a_large_job_holds_up_no_other(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        failed_at_the_call(version)
    other = make_version(make_workflow(), version.graph_json)
    failed_at_the_call(other)
    jobs = [begin_job(asked(each), by=by(each)).pk for each in (version, other)]
    order = []
    do = module._do

    def note(job: BulkJob, *args: Any) -> Any:
        order.append(job.pk)
        return do(job, *args)

    monkeypatch.setattr(module, "_do", note)
    monkeypatch.setattr(module, "TURN_S", 60)
    assert go_on() == 4
    assert sorted(order[:2]) == jobs


@pytest.mark.django_db(transaction=True)
def test_a_job_that_takes_long_holds_up_nothing_that_workers_have_to_look_after(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_process", None)
    failed_at_the_call(version)
    job = begin_job(asked(version), by=by(version))
    do_next, has_begun, may_go_on = module._do_next, threading.Event(), threading.Event()

    def take_long(*args: Any) -> bool:
        has_begun.set()
        assert may_go_on.wait(120)
        return do_next(*args)

    monkeypatch.setattr(module, "_do_next", take_long)
    control = Control()
    control.start()
    try:
        assert has_begun.wait(60)
        due = make_run(version, RunStatus.WAITING, wake_at=timezone.now())
        orphan = make_run(version, RunStatus.RUNNING)
        pending = Run.objects.filter(pk__in=[due.pk, orphan.pk], status=RunStatus.PENDING)
        wait_for(lambda: pending.count() == 2)
        may_go_on.set()
        done = BulkJob.objects.filter(pk=job.pk, status=BulkJob.Status.DONE)
        wait_for(done.exists)
    finally:
        may_go_on.set()
        control.end()


class Killed(BaseException):
    """No code of ours gets to see a kill."""


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_killed_leave_each_run_to_be_retried_once(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [failed_at_the_call(version).pk for _ in range(6)]
    job = begin_job(asked(version), by=by(version))
    do, number = module._do, count()

    def do_or_be_killed(*args: Any) -> Any:
        made = do(*args)
        if next(number) % 3 == 0:
            connection.connection.close()  # as the database sees the end of a process
            raise Killed
        return made

    def worker(_: int) -> None:
        try:
            with suppress(Killed):
                go_on()
        finally:
            connection.close()

    monkeypatch.setattr(module, "_do", do_or_be_killed)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            list(pool.map(worker, range(2)))
    job.refresh_from_db()
    assert job.status == BulkJob.Status.DONE
    assert next(number) > len(runs)  # some were begun again
    assert sorted(Run.objects.exclude(retry_of=None).values_list("retry_of", flat=True)) == runs
    assert counts_of(job)["done"] == len(runs)


def test_jobs_that_ended_long_ago_are_forgotten(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forget, "AT_ONCE", 2)
    runs = [failed_at_the_call(version) for _ in range(3)]
    user = by(version)
    old, recent, open = (begin_job(asked(version), by=user) for _ in range(3))
    for job in (old, recent):
        stop_job(job, by=user)
    now = timezone.now()
    BulkJob.objects.filter(pk=old.pk).update(finished_at=now - timedelta(days=91))
    BulkJob.objects.filter(pk=open.pk).update(created_at=now - timedelta(days=91))
    assert delete_old_jobs(now) == 1
    assert set(BulkJob.objects.all()) == {recent, open}
    assert BulkJobRun.objects.filter(job=recent).count() == len(runs)
    assert not BulkJobRun.objects.filter(job=old).exists()
    assert Run.objects.count() == len(runs)


def test_a_count_says_as_the_job_would_that_it_is_too_many(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "MOST_RUNS", 1)
    for _ in range(2):
        failed_at_the_call(version)
    with pytest.raises(FaultsError) as refused:
        estimate(asked(version))
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("filter", "too_many")]


def test_a_job_is_stopped_between_two_runs(
    version: WorkflowVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_S", 0)
    for _ in range(3):
        failed_at_the_call(version)
    user = by(version)
    job = begin_job(asked(version), by=user)
    assert go_on() == 1
    stop_job(job, by=user)
    assert (go_on(), until_next_s()) == (0, None)
    assert counts_of(job) == {"to_do": 2, "done": 1, "refused": 0}
    with pytest.raises(ConflictError):
        stop_job(job, by=user)


def test_who_lost_the_right_has_nothing_done_any_more(version: WorkflowVersion) -> None:
    failed_at_the_call(version)
    user = by(version)
    job = begin_job(asked(version), by=user)
    Membership.objects.filter(user=user).update(role="viewer")
    assert go_on() == 0
    job.refresh_from_db()
    assert (job.status, bool(job.stopped_because)) == (BulkJob.Status.STOPPED, True)
    assert not Run.objects.exclude(retry_of=None).exists()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"status": ["lost"]}, "filter.status"),
        ({"workflow": 7}, "filter.workflow"),
        ({"colour": "red"}, "filter.colour"),
        ({"workspace": "0190b5a4-7e3c-7000-8000-000000000001"}, "filter.workspace"),
        ({}, "filter"),
        ({"version": 99}, "filter"),
        ({"version": [1, 2]}, "filter.version"),
    ],
)
def test_a_filter_that_is_none_or_finds_nothing_is_told(
    version: WorkflowVersion, given: dict[str, Any], path: str
) -> None:
    with pytest.raises(FaultsError) as refused:
        begin_job(asked(version, filter=given), by=by(version))
    assert [fault.path for fault in refused.value.faults] == [path]
    assert not BulkJob.objects.exists()
