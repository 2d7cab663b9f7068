"""What other processes do about a run that its own does not execute any more."""

from collections.abc import Callable
from random import Random
from uuid import uuid4

from apps.runs import sweep
from apps.runs.control import heartbeat
from apps.runs.models import Run, Worker
from apps.runs.states import RunStatus
from apps.runs.worker import WorkerProcess


def by_silence(worker: Worker) -> None:
    """Somebody has watched it for long enough."""
    sweep.take_over(worker)


def as_the_only_process(worker: Worker) -> None:
    """In one-process mode a start takes everything."""
    sweep.take_over_all(except_worker=uuid4())


def as_an_orphan(worker: Worker) -> None:
    """Its row is gone, as where a take-over met a run that was locked."""
    worker.delete()
    sweep.take_over_orphans()


def as_provably_gone(worker: Worker) -> None:
    """Another process of its host finds that there is no such process any more."""
    Worker.objects.filter(pk=worker.pk).update(process_started="before")
    sweep.Watch().take_over_dead()


FROM_THE_LIVING: list[Callable[[Worker], None]] = [by_silence, as_the_only_process, as_an_orphan]
FROM_THE_DEAD = [*FROM_THE_LIVING, as_provably_gone]


def take_from_its_worker(run: Run, random: Random, *, is_dead: bool) -> None:
    worker = Worker.objects.filter(pk=run.worker_id).first()
    if worker is None:
        sweep.take_over_orphans()
    else:
        random.choice(FROM_THE_DEAD if is_dead else FROM_THE_LIVING)(worker)


def hand_back_by_heartbeat(worker: WorkerProcess) -> bool:
    """What the worker owns and does not execute goes back, once it was seen twice."""
    owned = Run.objects.filter(worker=worker.id, status=RunStatus.RUNNING)
    if not owned.exists():
        return False
    unexecuted: dict = {}
    heartbeat(worker, unexecuted)
    heartbeat(worker, unexecuted)
    assert not owned.exists(), "a run stays with a worker that does not execute it"
    return True
