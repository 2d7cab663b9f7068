"""What people decide about steps that ask them."""

from collections.abc import Sequence
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs.models import RunSignal, StepRun
from apps.runs.resume import resume_step
from apps.runs.states import SignalKind
from apps.workspaces.audit import record
from apps.workspaces.errors import NotAllowedError
from apps.workspaces.permissions import Principal

Choice = Literal["run_again", "fail", "use"]
Verdict = Literal["approve", "reject"]
VERDICTS: tuple[Verdict, ...] = ("approve", "reject")
MOST_COMMENT = 2_000


def decide_step(
    step: StepRun,
    choice: Choice,
    *,
    items: Sequence[Json] = (),
    comment: str = "",
    by: Principal | None,
) -> None:
    """Let a step whose effect may or may not have happened (`on_crash: ask`) be run again, fail, or
    count as having given these items (stored form).

    Raises ConflictError where the step waits for no decision.
    """
    body = {"decision": choice, "items": list(items), "comment": comment}
    with transaction.atomic():
        resume_step(step, "decision", body, by=by)
        record("run.decide", step.run, by=by, step=str(step.pk), decision=choice)


def judge_step(
    step: StepRun,
    verdict: Verdict,
    *,
    comment: str = "",
    by: Principal | None,
    recipient: str = "",
    **seen: Any,
) -> None:
    """Approve or reject what a step asks for: as who is signed in, or as the one whom the link was
    given to. What else was `seen` goes into the audit trail.

    Raises ConflictError where the step waits for no approval, NotAllowedError where it asks others.
    """
    if by is not None:
        _require_asked(step, by)
    body = {
        "decision": verdict,
        "comment": comment,
        "by": str(by) if by else recipient,
        "at": write_time(timezone.now()),
    }
    with transaction.atomic():
        resume_step(step, "approval", body, by=by)
        record(
            "run.decide",
            step.run,
            by=by,
            step=str(step.pk),
            decision=verdict,
            **({"recipient": recipient, **seen} if by is None else {}),
        )


def judgement_of(step: StepRun) -> RunSignal | None:
    """What reached the step with the verdict about it: `decision` and `by` are in its body."""
    decisions = RunSignal.objects.filter(step=step.pk, kind=SignalKind.DECISION).order_by("-id")
    return next((each for each in decisions if each.body["decision"] in VERDICTS), None)


def _require_asked(step: StepRun, by: Principal) -> None:
    """Who is signed in has no link: the step may ask certain people alone."""
    wait = (step.attempts[-1].get("wait") if step.attempts else None) or {}
    only = wait.get("asks", {}).get("only")
    if only is None:
        return
    address = by.as_user.email.lower() if by.as_user else ""
    if address not in {each.lower() for each in only}:
        raise NotAllowedError("not_asked", "Only those whom the step asks may decide.")
