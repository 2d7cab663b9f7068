"""Many runs that wait hold nobody, and those that are due in the same minute all go on.

`FULL=1` has 100,000 of them, of which 10,000 are due; `pytest -s` shows how long they took.
"""

import os
import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.operations.seed.repeated import Moments, Numbers, Sample
from apps.operations.seed.seed import analyze
from apps.runs.control import heartbeat
from apps.runs.execute import execute_next
from apps.runs.models import DEFAULT_QUEUE, Run
from apps.runs.states import RunStatus
from apps.runs.sweep import resend_unheard, wake_due
from apps.runs.worker import WorkerProcess
from tests.factories import make_version
from tests.graphs import graph, node
from tests.runs.test_reads import read_too_much
from tests.runs.work import created, execute

IS_FULL = os.environ.get("FULL") == "1"
WAITING, DUE = (100_000, 10_000) if IS_FULL else (1_000, 100)
DELAY = timedelta(hours=1)

pytestmark = [
    # Committed: a claim passes over what is dead but may still be seen by an open transaction.
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1_800 if IS_FULL else 120),
]


@pytest.fixture
def waiting() -> Sample:
    """A run that waits for an hour, as its worker left it."""
    nodes = [
        node("start", "manual"),
        node("wait", "delay", params={"seconds": DELAY.total_seconds()}),
        node("end"),
    ]
    version = make_version(graph=graph(nodes, ["start -> wait", "wait -> end"]))
    run = execute(created(version))
    return Sample(run.created_at, [run, *run.steps.order_by("seq_started")])


def put(sample: Sample, count: int, begin: datetime, each: timedelta) -> None:
    """Insert so many as if they had been made one after the other."""
    sample.repeat(Numbers(range(count), 1, [0]), Moments(begin, each))
    analyze()


def test_they_hold_no_worker_and_go_on_when_they_are_due(
    waiting: Sample, worker: WorkerProcess
) -> None:
    put(waiting, WAITING - DUE, timezone.now(), timedelta(seconds=1))

    assert worker.held() == []
    assert not execute_next(DEFAULT_QUEUE)
    assert Run.objects.filter(worker__isnull=False).count() == resend_unheard() == 0
    assert read_too_much(wake_due) == []

    minute = timedelta(minutes=1)
    put(waiting, DUE, timezone.now() - DELAY - minute, minute / DUE)
    begun, woken, done = time.perf_counter(), 0, 0
    while turn := wake_due():
        woken += turn
    woken_s = time.perf_counter() - begun
    heartbeat(worker, {})
    while execute_next(DEFAULT_QUEUE):
        heartbeat(worker, {})
        done += 1
    executed_s = time.perf_counter() - begun - woken_s

    print(f"{DUE} of {WAITING} woken in {woken_s:.1f} s, executed in {executed_s:.1f} s")
    assert woken == done == DUE
    assert Run.objects.filter(status=RunStatus.COMPLETED).count() == DUE
    # And the one that the others are like.
    assert Run.objects.filter(status=RunStatus.WAITING).count() == WAITING - DUE + 1
