"""Workers, and runs on their way to them; in the test's own process, as a worker would."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from apps.runs import worker
from apps.runs.claim import Claim, claim_run
from apps.runs.create import RunRequest, create_run
from apps.runs.execute import execute_next
from apps.runs.models import DEFAULT_QUEUE, Run, StepRun, Worker
from apps.runs.states import Trigger
from apps.versions.models import WorkflowVersion
from tests.factories import make_version


def make_worker() -> Worker:
    """Another worker's row; no process is behind it."""
    return Worker.objects.create(host="elsewhere", pid=1, boot="another boot", process_started="1")


def created(version: WorkflowVersion | None = None, **wishes: object) -> Run:
    """A run made by the one door."""
    version = version or make_version()
    start = version.graph_json["nodes"][0]["id"]
    defaults = {"trigger": Trigger.API, "trigger_node": start, "items": [{"json": {}}]}
    return create_run(version, RunRequest(**defaults | wishes))


def claimed(run: Run, worker: UUID) -> Claim:
    """The run, which must be the best claimable one, claimed."""
    claim = claim_run(worker, run.queue)
    assert claim is not None
    assert claim.run == run.pk
    return claim


def claimed_at_once(workers: int = 4) -> list[UUID]:
    """What so many workers claim at the same time, each until it finds nothing more."""
    begin = threading.Barrier(workers)

    def claim_all(worker: UUID) -> list[UUID]:
        begin.wait()
        taken = []
        try:
            while claim := claim_run(worker, DEFAULT_QUEUE):
                taken.append(claim.run)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(workers) as pool:
        each = pool.map(claim_all, [make_worker().pk for _ in range(workers)])
        return [run for taken in each for run in taken]


@contextmanager
def fresh_worker() -> Iterator[None]:
    """A worker with a row in this test's database, and a heartbeat that was just confirmed."""
    before = worker._process
    worker._process = (os.getpid(), worker.WorkerProcess())
    try:
        yield
    finally:
        worker._process = before


def execute(run: Run) -> Run:
    """Execute all that can be claimed, and give the run as it is then."""
    with fresh_worker():
        while execute_next(run.queue):
            pass
    return Run.objects.get(pk=run.pk)


def steps_of(run: Run) -> dict[str, StepRun]:
    """The last step of each node, in the order in which they started."""
    return {step.node_id: step for step in run.steps.order_by("seq_started")}


def output_of(run: Run, node: str) -> Any:
    return steps_of(run)[node].output_json
