"""Executes runs in the test's own process, as a worker would."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.runs import worker
from apps.runs.execute import execute_next
from apps.runs.models import Run, StepRun


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
