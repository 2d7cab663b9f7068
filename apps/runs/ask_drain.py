"""To ask worker processes to drain, or to work again: their rows say so, their heartbeats look."""

from django.db import transaction
from django.utils import timezone

from apps.runs.models import Worker
from apps.workspaces.audit import made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


def ask_to_drain(worker: Worker, *, by: Principal | None) -> None:
    """Have a worker claim nothing more and hand back what it holds, until that is undone or the
    process has ended. Asking again changes nothing. Raises ConflictError where it has ended, or is
    to stop."""
    with transaction.atomic():
        if _staying(worker).drain_requested_at is None:
            now = timezone.now()
            Worker.objects.filter(pk=worker.pk).update(drain_requested_at=now, drained_at=None)
            record("worker.drain", worker, made(drain_requested_at=now), by=by)


def undo_drain(worker: Worker, *, by: Principal | None) -> None:
    """Have a worker work again. Raises ConflictError where it has ended, or is to stop."""
    with transaction.atomic():
        asked_at = _staying(worker).drain_requested_at
        if asked_at is not None:
            Worker.objects.filter(pk=worker.pk).update(drain_requested_at=None, drained_at=None)
            record("worker.undo_drain", worker, {"drain_requested_at": (asked_at, None)}, by=by)


def _staying(worker: Worker) -> Worker:
    found = locked_worker(worker)
    if found.stop_requested_at is not None:
        raise ConflictError("worker_stopping", f"The worker {worker} is stopping.")
    return found


def locked_worker(worker: Worker) -> Worker:
    """The row as it is now, to be changed. Raises ConflictError where its process has ended."""
    found = Worker.objects.select_for_update().filter(pk=worker.pk).first()
    if found is None:
        raise ConflictError("worker_gone", f"The worker {worker} has ended.")
    return found
