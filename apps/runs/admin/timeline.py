"""What the page of a run shows of its steps: a bar for each, and what they said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from apps.engine.items import Json
from apps.runs.admin.show import COLOURS, cut, duration, status_of
from apps.runs.models import Run, StepRun
from apps.versions.models import WorkflowVersion

SHOWN_STEPS = 200
SHOWN_LINES = 200
SHOWN_LOG_BYTES = 256 * 1024
SHOWN_ERROR = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """A step in the timeline; `left` and `width` are percents of the run's time."""

    id: UUID
    name: str
    status: str
    colour: str
    left: str
    width: str
    started_at: datetime
    duration: str
    attempts: int
    items: str
    error: str
    is_taken_over: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: list[Bar]
    has_more: bool
    lines: list[dict[str, Json]]
    has_more_lines: bool


def timeline_of(run: Run, names: Mapping[str, str]) -> Timeline:
    """The first steps of a run, and the first lines of their logs."""
    rows = run.steps.without_payloads().defer("log").order_by("seq_started")
    steps = list(rows.annotate(log_bytes=_log_bytes())[: SHOWN_STEPS + 1])
    now = run.finished_at or timezone.now()
    begin = min((s.started_at for s in steps if s.copied_from_id is None), default=now)
    lines, has_more_lines = _lines(steps, names)
    return Timeline(
        bars=[_bar(step, names, begin, now) for step in steps[:SHOWN_STEPS]],
        has_more=len(steps) > SHOWN_STEPS,
        lines=lines,
        has_more_lines=has_more_lines,
    )


def names_of(version: UUID) -> dict[str, str]:
    """What the nodes are called, by their id."""
    graph = WorkflowVersion.objects.values_list("graph_json", flat=True).get(pk=version)
    return {node["id"]: node["name"] for node in graph["nodes"]}


def _log_bytes() -> Length:
    return Length(Cast("log", TextField()))


def _bar(step: StepRun, names: Mapping[str, str], begin: datetime, now: datetime) -> Bar:
    status = status_of(step)
    end = max(step.finished_at or now, step.started_at)
    whole = max((now - begin).total_seconds(), 0.001)
    taken = (end - step.started_at).total_seconds()
    left = min(max((step.started_at - begin).total_seconds() / whole, 0), 1) * 99
    return Bar(
        id=step.pk,
        name=_title(step, names),
        status=status,
        colour=COLOURS.get(status, ""),
        left=f"{left:.2f}",
        width=f"{min(max(taken / whole * 100, 0.5), 100 - left):.2f}",
        started_at=step.started_at,
        duration=duration(taken),
        attempts=len(step.attempts),
        items=", ".join(f"{name}: {count}" for name, count in step.output_counts.items()),
        error=_error(step),
        is_taken_over=step.copied_from_id is not None,
    )


def _error(step: StepRun) -> str:
    if not step.error:
        return ""
    told = (f"{step.error_code}:", cut(step.error, SHOWN_ERROR), cut(step.error_hint, SHOWN_ERROR))
    return " ".join(told).rstrip()


def _title(step: StepRun, names: Mapping[str, str]) -> str:
    name = names.get(step.node_id, step.node_id)
    return f"{name} [{step.iteration}]" if step.iteration else name


def _lines(steps: Sequence[Any], names: Mapping[str, str]) -> tuple[list[dict[str, Json]], bool]:
    """Log lines in their order; logs are read only as far as there is room for them."""
    speaking: list[Any] = []
    room = SHOWN_LOG_BYTES
    said = [step for step in steps if step.log_bytes > len("[]")]
    for step in said:
        room -= step.log_bytes
        if speaking and room < 0:
            break
        speaking.append(step)
    logs = dict(
        StepRun.objects.filter(pk__in=[step.pk for step in speaking]).values_list("pk", "log")
    )
    lines = [
        {**line, "name": _title(step, names), "text": cut(line["text"], 1_000)}
        for step in speaking
        for line in logs[step.pk]
    ]
    lines.sort(key=lambda line: line["seq"])
    is_cut = len(speaking) < len(said) or len(lines) > SHOWN_LINES
    return list(islice(lines, SHOWN_LINES)), is_cut
