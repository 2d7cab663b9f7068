"""What reaches a run from outside. One transaction: count, row, wake-up."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.expressions import RawSQL
from django.utils import timezone

from apps.engine.items import Json
from apps.runs.dispatch import wake_queue_on_commit
from apps.runs.models import Run, RunSignal
from apps.runs.states import OPEN, RunStatus, SignalKind
from apps.runs.turns import FIRST, LAST_RESUMED_TURN
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

_TO_BE_ENDED: dict[str, Any] = {"line": None, "turn": FIRST}
"""It needs nothing that it waits for, and next to no time of a worker."""
_RESUMED = RawSQL(f"({LAST_RESUMED_TURN}) + 1", (), BigIntegerField())  # noqa: S611 - constants
_IN_TURN: dict[str, Any] = {
    "turn": Case(When(status=RunStatus.WAITING, then=_RESUMED), default=F("turn"))
}


def send_signal(
    run: Run,
    kind: SignalKind,
    *,
    body: dict[str, Json] | None = None,
    step: UUID | None = None,
    attempt: int | None = None,
    by: Principal | None = None,
    **changes: Any,
) -> RunSignal:
    """Let a signal reach a run, and wake the run if it waits; `changes` are made in its row.

    Raises ConflictError where the run has ended.
    """
    with transaction.atomic():
        reached = Run.objects.filter(pk=run.pk, status__in=OPEN).update(
            signals=F("signals") + 1,
            status=Case(
                When(status=RunStatus.WAITING, then=Value(RunStatus.PENDING)), default=F("status")
            ),
            sent_at=timezone.now(),
            **(_TO_BE_ENDED if kind == SignalKind.CANCEL else _IN_TURN),
            **changes,
        )
        if not reached:
            raise ConflictError("run_ended", "The run has ended; nothing reaches it any more.")
        signal = RunSignal.objects.create(
            workspace_id=run.workspace_id,
            run=run,
            kind=kind,
            step_id=step,
            attempt=attempt,
            body=body or {},
            created_by=by.as_user if by else None,
        )
        wake_queue_on_commit(run.queue)
    return signal
