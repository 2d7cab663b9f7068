"""The rows of a run as a claimant restores them: see "After a death" in docs/durability.md."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.engine.journal import StepRow
from apps.engine.recorder import Key
from apps.engine.scheduler import Source
from apps.runs.models import StepRun, failure_of


def load_steps(run: UUID) -> dict[Key, StepRow]:
    """The rows of a run as a claimant restores them: of what has ended only what the order of the
    run, later steps and the run's own error depend on. No payloads."""
    columns = (
        "id",
        "node_id",
        "iteration",
        "status",
        "sources",
        "seq_started",
        "seq",
        "started_at",
        "output_counts",
        "seq_finished",
        "error",
        "error_code",
        "error_hint",
    )
    # By hand: a model's instance a row takes three times as long.
    ended: Any = StepRun.objects.filter(run=run, seq_finished__isnull=False).values_list(*columns)
    rows: dict[Key, StepRow] = {}
    for row in ended.iterator():
        id, node, iteration, status, sources, begun, seq, at, counts, finished, *error = row
        rows[node, iteration] = StepRow(
            id=id,
            node=node,
            iteration=iteration,
            status=status,
            sources=read_sources(sources),
            seq_started=begun,
            seq=seq,
            started_at=at,
            output_counts=counts,
            seq_finished=finished,
            error=failure_of(*error),
        )
    return rows | load_open_steps(run)


def load_open_steps(run: UUID) -> dict[Key, StepRow]:
    """The rows that have not ended: all that ending the run must know."""
    return {
        (step.node_id, step.iteration): StepRow(
            id=step.id,
            node=step.node_id,
            iteration=step.iteration,
            status=step.status,
            sources=read_sources(step.sources),
            seq_started=step.seq_started,
            seq=step.seq,
            started_at=step.started_at,
            output_counts=step.output_counts,
            attempts=step.attempts,
            log=step.log,
            retry_count=step.retry_count,
            error=failure_of(step.error, step.error_code, step.error_hint),
            copied_from=step.copied_from_id,
        )
        for step in StepRun.objects.filter(run=run, seq_finished=None).without_payloads()
    }


def read_sources(written: Mapping[str, Any]) -> dict[str, tuple[Source, ...]]:
    return {name: tuple(Source(*each) for each in sources) for name, sources in written.items()}
