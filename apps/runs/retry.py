"""To run again what has ended: a new run that takes over finished steps (RUNS, 23)."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.engine.errors import Fault, FaultsError
from apps.engine.plan import reach
from apps.runs.create import RunRequest, create_run, trigger_items
from apps.runs.models import Run, StepRun
from apps.runs.states import StepStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

FROM_START = "start"
FROM_FAILED = "failed"
ROWS_AT_ONCE = 100
Graph = dict[str, Any]


def retry_run(run: Run, from_: str, version: WorkflowVersion, *, by: Principal | None) -> Run:
    """Make a new run of an ended one: from the `start`, from what `failed`, or from a node's id.

    On another version only steps are taken over whose node and all its ancestors are unchanged.
    Raises ConflictError where the run has not ended, FaultsError where `from_` is no node of it.
    """
    if run.is_open:
        raise ConflictError("not_ended", "The run has not ended; cancel it or wait for its end.")
    ids = {node["id"] for node in version.graph_json["nodes"]}
    if from_ not in (FROM_START, FROM_FAILED) and from_ not in ids:
        raise FaultsError([Fault("from", "unknown_node", f"The version has no node “{from_}”.")])
    if run.trigger_node not in ids:
        sentence = f"The version has no node “{run.trigger_node}”, at which the run began."
        raise FaultsError([Fault("version", "unknown_node", sentence)])
    with transaction.atomic():
        again = create_run(
            version,
            RunRequest(
                trigger=Trigger.RETRY,
                trigger_node=run.trigger_node,
                items=trigger_items(run),
                triggered_by=by.as_user.pk if by and by.as_user else None,
                stop_node=run.stop_node,
                priority=run.priority,
                retry_of=run.pk,
            ),
        )
        if from_ != FROM_START:
            _take_over(run, again, version.graph_json, from_)
        record("run.retry", again, by=by, retry_of=str(run.pk), start=from_)
    return again


def _take_over(run: Run, again: Run, graph: Graph, from_: str) -> None:
    """Copy the finished steps, numbered first and in their old order."""
    kept = _unchanged(run.version.graph_json, graph)
    if from_ != FROM_FAILED:
        kept -= reach([from_], _targets(graph))
    has_output = Q(output_json__isnull=False) | Q(output_payload__isnull=False)
    went_on = Q(status=StepStatus.COMPLETED) | Q(has_output, status=StepStatus.FAILED)
    finished = run.steps.filter(went_on, node_id__in=kept).order_by("seq_finished")
    seq = 0
    copies: list[StepRun] = []
    for seq, step in enumerate(finished.iterator(ROWS_AT_ONCE), start=1):
        copies.append(_copy(step, again, seq))
        if len(copies) == ROWS_AT_ONCE:
            StepRun.objects.bulk_create(copies)
            copies = []
    StepRun.objects.bulk_create(copies)
    Run.objects.filter(pk=again.pk).update(seq=seq)
    again.seq = seq


def _copy(step: StepRun, run: Run, seq: int) -> StepRun:
    return StepRun(
        workspace_id=run.workspace_id,
        run=run,
        node_id=step.node_id,
        iteration=step.iteration,
        status=step.status,
        input_json=step.input_json,
        output_json=step.output_json,
        input_payload_id=step.input_payload_id,
        output_payload_id=step.output_payload_id,
        output_counts=step.output_counts,
        sources=step.sources,
        started_at=step.started_at,
        finished_at=step.finished_at,
        error=step.error,
        error_code=step.error_code,
        error_hint=step.error_hint,
        copied_from=step,
        seq_started=seq,
        seq_finished=seq,
        seq=seq,
    )


def _unchanged(old: Graph, new: Graph) -> set[str]:
    """The nodes that mean the same in both graphs, and so do all that lead to them."""
    before, after = dict(_meanings(old)), dict(_meanings(new))
    changed = {id for id in after if before.get(id) != after[id]}
    return set(after) - reach(changed, _targets(new))


def _meanings(graph: Graph) -> Iterator[tuple[str, Any]]:
    """What decides a node's result: itself, but for its looks, and the edges that enter it."""
    entering: dict[str, list[Any]] = {}
    for edge in graph["edges"]:
        entering.setdefault(edge["target"], []).append(edge)
    for node in graph["nodes"]:
        looks = ("position", "notes")
        essence = {name: value for name, value in node.items() if name not in looks}
        yield node["id"], (essence, entering.get(node["id"], []))


def _targets(graph: Graph) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = {}
    for edge in graph["edges"]:
        targets.setdefault(edge["source"], []).append(edge["target"])
    return targets
