"""The steps that a run has before it begins: copies of another run's, and pinned ones.

They are numbered first. Payloads go by reference.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.engine.encoding import encode
from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs.models import Run, StepRun
from apps.runs.payloads import payload_if_large
from apps.runs.states import StepStatus

ROWS_AT_ONCE = 100


def give_copies(old: Run, new: Run, nodes: Collection[str]) -> None:
    """Copy the finished steps of these nodes, in their old order."""
    rows = _finished(old).filter(node_id__in=nodes).order_by("seq_finished")
    steps = enumerate(rows.iterator(ROWS_AT_ONCE), start=new.seq + 1)
    _insert(new, (_copy(step, new, seq) for seq, step in steps))


def give_pinned(run: Run, pins: Mapping[str, Json]) -> None:
    """Make an ended step of each of these nodes, that gave what is pinned."""
    _insert(run, (_pinned(run, node, outputs, run.seq) for node, outputs in pins.items()))


def _finished(run: Run) -> QuerySet[StepRun]:
    """The steps behind which the run went on."""
    has_output = Q(output_json__isnull=False) | Q(output_payload__isnull=False)
    steps: QuerySet[StepRun] = run.steps.filter(
        Q(status=StepStatus.COMPLETED) | Q(has_output, status=StepStatus.FAILED)
    )
    return steps


def _insert(run: Run, steps: Iterable[StepRun]) -> None:
    some: list[StepRun] = []
    for step in steps:
        run.seq = step.seq
        some.append(step)
        if len(some) == ROWS_AT_ONCE:
            StepRun.objects.bulk_create(some)
            some = []
    StepRun.objects.bulk_create(some)
    Run.objects.filter(pk=run.pk).update(seq=run.seq)


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


def _pinned(run: Run, node: str, outputs: Mapping[str, Json], seq: int) -> StepRun:
    """As the engine records a pinned step: an attempt that says so, and its end."""
    now = timezone.now()
    payload = payload_if_large(run.workspace_id, encode(outputs))
    return StepRun(
        workspace_id=run.workspace_id,
        run=run,
        node_id=node,
        status=StepStatus.COMPLETED,
        output_json=outputs if payload is None else None,
        output_payload_id=payload,
        output_counts={name: len(items) for name, items in outputs.items()},
        attempts=[{"n": 1, "seq": seq + 1, "at": write_time(now), "worker": None, "pinned": True}],
        started_at=now,
        finished_at=now,
        seq_started=seq + 1,
        seq_finished=seq + 2,
        seq=seq + 2,
    )
