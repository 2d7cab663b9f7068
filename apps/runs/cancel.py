"""To cancel a run: what is in flight is revoked, no new step begins.

It is asked for, acknowledged by its owner, which lets nothing more begin from then on, and forced
where the owner does not let go of it (`sweep.force_cancels`).
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.runs.models import Run
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal


def cancel_run(run: Run, *, by: Principal | None) -> None:
    """Ask for the end of a run; whoever executes it sees that within about a second.

    Asking twice changes nothing. Raises ConflictError where the run has ended.
    """
    with transaction.atomic():
        if run.cancel_requested_at is None or not run.is_open:
            send_signal(
                run,
                SignalKind.CANCEL,
                by=by,
                cancel_requested_at=timezone.now(),
                cancel_requested_by=by.as_user if by else None,
            )
            record("run.cancel", run, by=by)


def acknowledge_cancel(run: UUID, fence: int) -> None:
    """Record that the owner with this fence has let nothing more begin; it has done so before."""
    with transaction.atomic():
        held = Run.objects.filter(pk=run, fence=fence, status=RunStatus.RUNNING)
        held.filter(cancel_acknowledged_at=None).update(cancel_acknowledged_at=timezone.now())
