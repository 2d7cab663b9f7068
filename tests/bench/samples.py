"""Runs that FlowForge itself has made, to be repeated with other ids and at other times."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from apps.engine.encoding import encode
from apps.engine.events import write_time
from apps.runs.models import Run, StepRun
from apps.workspaces.fields import OrderedJSONField

Row = list[Any]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


def columns(model: type[Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields]


def uuid7_at(moment: datetime) -> str:
    """A UUIDv7 of this moment: as both databases take it."""
    milliseconds = int(moment.timestamp() * 1000)
    return f"{milliseconds:012x}7{random.getrandbits(12):03x}8{random.getrandbits(60):015x}"


@dataclass(frozen=True, slots=True)
class Repeated:
    """What changes from one run to the next: when it was made, its id and those of its steps."""

    moved: timedelta
    ids: Mapping[UUID, str]


Change = Callable[[Repeated], Any]


class SampleRow:
    """A row, and what of it changes."""

    def __init__(self, row: Model, known: frozenset[UUID]) -> None:
        self._values: Row = []
        self._changes: list[tuple[int, Change]] = []
        for place, field in enumerate(row._meta.concrete_fields):
            value: Any = getattr(row, field.attname)
            if isinstance(field, OrderedJSONField) and value is not None:
                value = encode(value).decode()
            self._values.append(value.hex if isinstance(value, UUID) else value)
            if change := _change_of(value, known):
                self._changes.append((place, change))

    def repeat(self, as_: Repeated) -> Row:
        values = self._values.copy()
        for place, change in self._changes:
            values[place] = change(as_)
        return values


def _change_of(value: Any, known: frozenset[UUID]) -> Change | None:
    if isinstance(value, datetime):
        return lambda as_: str((value + as_.moved).astimezone(UTC).replace(tzinfo=None))
    if isinstance(value, UUID) and value in known:
        return lambda as_: as_.ids[value]
    if isinstance(value, str) and (told := TIME.findall(value)):
        times = [datetime.fromisoformat(each) for each in told]
        pieces = TIME.split(value)

        def written(as_: Repeated) -> str:
            parts = [pieces[0]]
            for moment, piece in zip(times, pieces[1:], strict=True):
                parts += (write_time(moment + as_.moved), piece)
            return "".join(parts)

        return written
    return None


class Sample:
    """A run and its steps, as they lie in the database."""

    def __init__(self, run: Run) -> None:
        steps = list(StepRun.objects.filter(run=run).order_by("seq_started"))
        self._begun = run.created_at
        self._began = [(run.pk, run.created_at), *((step.pk, step.started_at) for step in steps)]
        known = frozenset(id for id, _ in self._began)
        self._run = SampleRow(run, known)
        self._steps = [SampleRow(step, known) for step in steps]

    @property
    def step_count(self) -> int:
        return len(self._steps)

    def repeat(self, at: datetime) -> tuple[Row, Iterator[Row]]:
        """The rows of the run and its steps, as if it had been made then."""
        moved = at - self._begun
        as_ = Repeated(moved, {id: uuid7_at(begun + moved) for id, begun in self._began})
        return self._run.repeat(as_), (step.repeat(as_) for step in self._steps)
