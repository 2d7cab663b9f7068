"""To cancel a run: what is in flight is revoked, no new step begins."""

from django.db import transaction
from django.utils import timezone

from apps.runs.models import Run
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal


def cancel_run(run: Run, *, by: Principal | None) -> None:
    """Ask for the end of a run; whoever executes it sees that within about a second.

    Asking twice changes nothing. Raises ConflictError where the run has ended.
    """
    with transaction.atomic():
        if run.cancel_requested_at is None or not run.is_open:
            send_signal(run, SignalKind.CANCEL, by=by, cancel_requested_at=timezone.now())
            record("run.cancel", run, by=by)
