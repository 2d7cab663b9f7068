"""To cancel a run: what is in flight is revoked, no new step begins.

It is asked for, acknowledged by its owner, which lets nothing more begin from then on, and forced
where the owner does not let go of it (`sweep.force_cancels`).
"""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.runs.models import Run
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

LONGEST_NOTE = 500


def cancel_run(run: Run, *, by: Principal | None) -> None:
    """Ask for the end of a run; whoever executes it sees that within about a second.

    Asking twice changes nothing. Raises ConflictError where the run has ended.
    """
    with transaction.atomic():
        if run.cancel_requested_at is None or not run.is_open:
            _ask(run, by=by)
            record("run.cancel", run, by=by)


def mark_failed(run: Run, note: str, *, by: Principal) -> None:
    """Have an open run end as a cancel would end it, but as failed, with the note as its error: it
    counts, is told and is retried as a failure.

    Raises FaultsError without a note, and ConflictError where the run has ended or is asked to.
    """
    note = required_note(note)
    with transaction.atomic():
        # Behind the lock: whoever cancels it just now is waited for.
        asked = Run.objects.select_for_update(no_key=True).only("cancel_requested_at")
        if asked.get(pk=run.pk).cancel_requested_at is not None and run.is_open:
            raise ConflictError("cancel_requested", "The run is being cancelled already.")
        _ask(run, by=by, failed_because=note)
        record("run.mark_failed", run, by=by, note=note)


def required_note(note: str) -> str:
    """The note without blanks around it. Raises FaultsError where there is none, or too long a
    one."""
    note = note.strip()
    if not 0 < len(note) <= LONGEST_NOTE:
        told = f"Say in 1 to {LONGEST_NOTE} characters why."
        raise FaultsError([Fault("note", "invalid", told)])
    return note


def _ask(run: Run, *, by: Principal | None, **body: Json) -> None:
    send_signal(
        run,
        SignalKind.CANCEL,
        body=body,
        by=by,
        cancel_requested_at=Now(),
        cancel_requested_by=by.as_user if by else None,
    )


def acknowledge_cancel(run: UUID, fence: int) -> None:
    """Record that the owner with this fence has let nothing more begin; it has done so before."""
    with transaction.atomic():
        held = Run.objects.filter(pk=run, fence=fence, status=RunStatus.RUNNING)
        held.filter(cancel_acknowledged_at=None).update(cancel_acknowledged_at=Now())
