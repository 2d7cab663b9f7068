"""To ask worker processes to end themselves: their rows say so, their heartbeats look."""

from django.db import transaction
from django.utils import timezone

from apps.runs.ask_drain import locked_worker
from apps.runs.models import Worker
from apps.runs.states import WorkerState
from apps.workspaces.audit import made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


def ask_to_stop(worker: Worker, *, by: Principal | None) -> None:
    """Have a worker's process hand back what it holds, and end. Nobody can undo that; asking again
    changes nothing.

    Raises ConflictError where it has ended or is silent, or where it serves the web too.
    """
    with transaction.atomic():
        found = locked_worker(worker)
        if found.is_server:
            raise ConflictError(
                "worker_is_server",
                f"The worker {worker} is a part of the one-process server and ends with that.",
                hint="Stop the server on its host, or drain the worker.",
            )
        if found.state == WorkerState.SILENT:
            raise ConflictError(
                "worker_silent",
                f"The worker {worker} is silent, and does not see what it is asked.",
                hint="Others take over what it holds.",
            )
        if found.stop_requested_at is None:
            now = timezone.now()
            Worker.objects.filter(pk=worker.pk).update(stop_requested_at=now)
            record("worker.stop", worker, made(stop_requested_at=now), by=by)
