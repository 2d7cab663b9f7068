"""To let what a step waits for reach it: once, whoever else does the same at that moment."""

from django.db import transaction

from apps.engine.items import Json
from apps.engine.waits import ANSWERS
from apps.runs.files import own_files
from apps.runs.links import Link
from apps.runs.models import EarlyAnswer, Run, RunSignal, StepRun
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


def answer_link(link: Link, body: dict[str, Json]) -> None:
    """Answer the step of a link, which waits for a request, or, where it does not wait yet, keep
    the answer until it does. The files in its `binary`, stored before, are the run's.

    Raises ConflictError where it waits no more, or was answered already, or its run has ended.
    """
    with transaction.atomic():
        runs = Run.objects.select_for_update().only("workspace", "status")
        run = runs.filter(pk=link.run, workspace=link.workspace).first()
        if run is not None:
            own_files(run, [body])
        if run is not None and is_to_come(run, link):
            EarlyAnswer.objects.create(
                workspace_id=run.workspace_id,
                run=run,
                node_id=link.node,
                iteration=link.iteration,
                body=body,
            )
            return
        step = step_of(link) if run is not None else None
        if step is None:
            raise ConflictError("not_waiting", "There is no such step.")
        resume_step(step, "signal", body)


def step_of(link: Link) -> StepRun | None:
    """The step of a link, once it has begun."""
    steps = StepRun.objects.without_payloads().filter(workspace=link.workspace, run=link.run)
    return steps.filter(node_id=link.node, iteration=link.iteration).first()


def is_to_come(run: Run, link: Link) -> bool:
    """Whether the step of a link may still begin to wait, and nothing was answered ahead."""
    step = step_of(link)
    has_begun = step is not None and step.status not in (StepStatus.PENDING, StepStatus.RUNNING)
    if has_begun or not run.is_open:
        return False
    # What was answered before, and is under way to it.
    is_answered = step is not None and RunSignal.objects.filter(step=step.pk).exists()
    early = run.early_answers.filter(node_id=link.node, iteration=link.iteration)
    return not is_answered and not early.exists()


def is_awaited(step: StepRun, reason: str) -> bool:
    """Whether the step waits for this reason, and nothing has answered it."""
    wait = step.attempts[-1].get("wait") if step.attempts else None
    if step.status != StepStatus.WAITING or wait is None or wait["for"] != reason:
        return False
    return not RunSignal.objects.filter(
        step=step.pk, attempt=len(step.attempts), kind=ANSWERS[reason]
    ).exists()
