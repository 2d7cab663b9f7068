"""To let what a step waits for reach it: once, whoever else does the same at that moment."""

from django.db import transaction

from apps.engine.items import Json
from apps.engine.waits import ANSWERS
from apps.runs.models import Run, RunSignal, StepRun
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind, StepStatus
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


def resume_step(
    step: StepRun, reason: str, body: dict[str, Json], *, by: Principal | None = None
) -> None:
    """Answer a step that waits for this reason.

    Raises ConflictError where it does not, or was answered already, or its run has ended.
    """
    with transaction.atomic():
        # Whoever else answers waits here; so does the journal, which opens with the run's row.
        run = Run.objects.select_for_update().only("workspace", "queue").get(pk=step.run_id)
        step = StepRun.objects.only("status", "attempts").get(pk=step.pk)
        if not is_awaited(step, reason):
            raise ConflictError("not_waiting", f"This step waits for no {reason}.")
        kind = SignalKind(ANSWERS[reason])
        send_signal(run, kind, body=body, step=step.pk, attempt=len(step.attempts), by=by)


def is_awaited(step: StepRun, reason: str) -> bool:
    """Whether the step waits for this reason, and nothing has answered it."""
    wait = step.attempts[-1].get("wait") if step.attempts else None
    if step.status != StepStatus.WAITING or wait is None or wait["for"] != reason:
        return False
    return not RunSignal.objects.filter(
        step=step.pk, attempt=len(step.attempts), kind=ANSWERS[reason]
    ).exists()
