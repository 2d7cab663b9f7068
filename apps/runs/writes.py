"""What the journal writes beside the steps, in the same transaction: the rows of inner nodes, and
what other runs must know of this one's end."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.engine.journal import Batch
from apps.nodes.inner import AnswerHook, KeepValues, StartRun, TakeEarlyAnswer
from apps.runs.claim import Claim
from apps.runs.create import RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.files import give_files
from apps.runs.models import EarlyAnswer, Run, RunAnswer, RunValue, StepRun
from apps.runs.payloads import payload_if_large
from apps.runs.signals import send_signal
from apps.runs.states import OPEN, TERMINAL, RunStatus, SignalKind, Trigger
from apps.workspaces.errors import ConflictError


def has_more(claim: Claim, batch: Batch) -> bool:
    """Whether anything is to be written beside the batch's steps."""
    if batch.change is None or batch.change.status not in TERMINAL:
        return bool(batch.writes)
    is_cancelled = batch.change.status == RunStatus.CANCELLED
    tells_parent = claim.parent_step is not None
    return bool(batch.writes) or is_cancelled or tells_parent or bool(batch.stopped)


def write_more(claim: Claim, batch: Batch) -> None:
    """Write it, in the journal's transaction, behind the batch's steps."""
    for step, write in batch.writes:
        _WRITERS[type(write)](claim, step, write)
    if batch.change is None or batch.change.status not in TERMINAL:
        return
    if claim.parent_step is not None:
        _tell_parent(claim, batch.change.status)
    if batch.change.status == RunStatus.CANCELLED:
        _cancel_all(claim, Run.objects.filter(parent_step__run=claim.run))
    elif batch.stopped:
        _cancel_all(claim, Run.objects.filter(parent_step__in=batch.stopped))


def _start_run(claim: Claim, step: UUID, write: StartRun) -> None:
    callee = write.callee
    version = VersionRef(callee.version, callee.workflow, claim.workspace)
    items = [item.as_json() for item in write.items]
    child = prepare_run(
        version,
        RunRequest(
            trigger=Trigger.CHILD,
            trigger_node=callee.trigger_node,
            items=items,
            parent_step=step,
            parent_item=write.item,
        ),
        id=write.id,
    )
    insert_runs([child])
    give_files(claim.run, child, items)


def _keep_values(claim: Claim, step: UUID, write: KeepValues) -> None:
    RunValue.objects.bulk_create(
        [
            RunValue(workspace_id=claim.workspace, run_id=claim.run, name=name, value=value)
            for name, value in write.values.items()
        ],
        update_conflicts=True,
        unique_fields=["run", "name"],
        update_fields=["value"],
    )


def _answer_hook(claim: Claim, step: UUID, write: AnswerHook) -> None:
    payload = payload_if_large(claim.workspace, write.content)
    RunAnswer.objects.bulk_create(
        [
            RunAnswer(
                run_id=claim.run,
                workspace_id=claim.workspace,
                status=write.status,
                headers=dict(write.headers),
                body=write.content if payload is None else b"",
                payload_id=payload,
            )
        ],
        ignore_conflicts=True,
    )


def _take_early_answer(claim: Claim, step: UUID, write: TakeEarlyAnswer) -> None:
    waiting = StepRun.objects.only("node_id", "iteration", "attempts").get(pk=step)
    early = EarlyAnswer.objects.filter(
        run=claim.run, node_id=waiting.node_id, iteration=waiting.iteration
    ).first()
    if early is not None:
        run = Run(pk=claim.run, workspace_id=claim.workspace, queue=claim.queue)
        attempt = len(waiting.attempts)
        send_signal(run, SignalKind.RESUME, body=early.body, step=step, attempt=attempt)
        early.delete()


_WRITERS: Mapping[type, Callable[[Claim, UUID, Any], None]] = {
    StartRun: _start_run,
    KeepValues: _keep_values,
    AnswerHook: _answer_hook,
    TakeEarlyAnswer: _take_early_answer,
}


def _tell_parent(claim: Claim, status: str) -> None:
    """Let the step that made this run know of its end, if it still waits for it."""
    assert claim.parent_step is not None
    waiting = StepRun.objects.filter(pk=claim.parent_step, seq_finished=None)
    parent = Run.objects.filter(steps__in=waiting).only("id", "workspace_id", "queue").first()
    if parent is not None:
        body = {"run": str(claim.run), "status": status}
        _send(parent, SignalKind.CHILD, step=claim.parent_step, body=body)


def _cancel_all(claim: Claim, children: QuerySet[Run]) -> None:
    children = children.filter(status__in=OPEN, cancel_requested_at=None)
    asked_by = Run.objects.values_list("cancel_requested_by", flat=True).get(pk=claim.run)
    for child in children.only("id", "workspace_id", "queue"):
        _send(
            child,
            SignalKind.CANCEL,
            cancel_requested_at=Now(),
            cancel_requested_by_id=asked_by,
        )


def _send(run: Run, kind: SignalKind, **more: Any) -> None:
    """A run that has ended in the meantime is told nothing; ours ends all the same."""
    try:
        with transaction.atomic():
            send_signal(run, kind, **more)
    except ConflictError:
        pass
