"""A person's decision about a step whose effect may or may not have happened (`on_crash: ask`)."""

from collections.abc import Sequence
from typing import Literal

from django.db import transaction

from apps.engine.items import Json
from apps.runs.models import StepRun
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind, StepStatus
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

Choice = Literal["run_again", "fail", "use"]


def decide_step(
    step: StepRun,
    choice: Choice,
    *,
    items: Sequence[Json] = (),
    comment: str = "",
    by: Principal | None,
) -> None:
    """Let the step be run again, fail, or count as having given these items (stored form).

    Raises ConflictError where the step waits for no decision.
    """
    if not waits_for_decision(step):
        raise ConflictError("not_waiting", "This step waits for no decision.")
    body = {"decision": choice, "items": list(items), "comment": comment}
    with transaction.atomic():
        send_signal(
            step.run,
            SignalKind.DECISION,
            body=body,
            step=step.pk,
            attempt=len(step.attempts),
            by=by,
        )
        record("run.decide", step.run, by=by, step=str(step.pk), decision=choice)


def waits_for_decision(step: StepRun) -> bool:
    """Whether the step waits for a person to say what is to happen to it."""
    wait = step.attempts[-1].get("wait") if step.attempts else None
    return step.status == StepStatus.WAITING and wait is not None and wait["for"] == "decision"
