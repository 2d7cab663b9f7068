"""What steps took and gave, as it is shown: inputs filled in from their sources."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BigIntegerField, TextField
from django.db.models.functions import Cast, Coalesce, Length

from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.runs.models import StepRun
from apps.runs.payloads import read_json_payload

LISTED_BYTES = 256 * 1024
"""A list carries payloads up to this size each."""
AT_ONCE = 500
BIGINT = BigIntegerField()

Place = tuple[str, int]
Stored = tuple[Json, UUID | None]
"""A value in the row, or where it is stored because it is large."""


class StepWithPayloads:
    """A step and its payloads, for the serializer.

    `left_out` names those that are too large; `payloads` says where of these the stored ones are.
    """

    def __init__(self, step: StepRun, input_json: Json, output_json: Json) -> None:
        self._step = step
        self.left_out = [
            name
            for name, value in (("input_json", input_json), ("output_json", output_json))
            if value is TOO_LARGE
        ]
        stored = {"input_json": step.input_payload_id, "output_json": step.output_payload_id}
        self.payloads = {name: stored[name] for name in self.left_out if stored[name]}
        self.input_json = None if input_json is TOO_LARGE else input_json
        self.output_json = None if output_json is TOO_LARGE else output_json

    def __getattr__(self, name: str) -> Any:
        return getattr(self._step, name)


TOO_LARGE = object()


def with_payloads(steps: Sequence[StepRun], *, whole: bool = False) -> list[StepWithPayloads]:
    """Fill in what each step of one run took: what is not stored is what its sources gave.

    In a list values of more than 256 kB are left out; whole are those that one step could give.
    """
    values = _Values(steps, whole)
    return [StepWithPayloads(step, values.input(step), values.output(step)) for step in steps]


class _Values:
    """What steps of a run took and gave, read with few queries, and no more than is shown."""

    def __init__(self, steps: Sequence[StepRun], whole: bool) -> None:
        self._whole = whole
        self._limit = settings.MAX_STEP_OUTPUT_BYTES if whole else LISTED_BYTES
        self._outputs: dict[UUID, Stored] = {
            step.pk: (step.output_json, step.output_payload_id) for step in steps
        }
        self._places: dict[Place, tuple[UUID, int]] = {}
        """Where a source's row is, and about how many bytes it gave."""
        taking = [step for step in steps if not _has_own_input(step)]
        if places := {place for step in taking for place in _sources(step)}:
            self._find(steps[0].run_id, places)
        self._read({row for step in taking if self._fits(step) for row in self._rows(step)})

    def output(self, step: StepRun) -> Json:
        return self._shown((step.output_json, step.output_payload_id))

    def input(self, step: StepRun) -> Json:
        if _has_own_input(step):
            return self._shown((step.input_json, step.input_payload_id))
        if not step.sources or not _sources(step) <= self._places.keys():
            # Steps that were taken over from another run may have sources that were not.
            return None
        if not self._fits(step):
            return TOO_LARGE
        taken: dict[str, list[Json]] = {}
        for name, sources in step.sources.items():
            taken[name] = []
            for node, iteration, output in sources:
                given = self._shown(self._outputs[self._places[node, iteration][0]])
                if given is TOO_LARGE:
                    return TOO_LARGE
                taken[name].extend((given or {}).get(output, []))
        return taken

    def _shown(self, stored: Stored) -> Json:
        value, payload = stored
        if payload is not None:
            return read_json_payload(payload) if self._whole else TOO_LARGE
        if value is not None and not self._whole and len(encode(value)) > self._limit:
            return TOO_LARGE
        return value

    def _fits(self, step: StepRun) -> bool:
        sizes = (self._places[place][1] for place in _sources(step) if place in self._places)
        return sum(sizes) <= self._limit

    def _rows(self, step: StepRun) -> set[UUID]:
        return {self._places[place][0] for place in _sources(step) if place in self._places}

    def _find(self, run: UUID, places: set[Place]) -> None:
        nodes = {node for node, _ in places}
        size = Coalesce(
            "output_payload__size", Length(Cast("output_json", TextField())), output_field=BIGINT
        )
        for iterations in _some(sorted({iteration for _, iteration in places})):
            rows = StepRun.objects.filter(run=run, node_id__in=nodes, iteration__in=iterations)
            for id, node, iteration, bytes in rows.values_list("id", "node_id", "iteration", size):
                self._places[node, iteration] = (id, bytes or 0)

    def _read(self, rows: set[UUID]) -> None:
        for some in _some(sorted(rows - self._outputs.keys())):
            read = StepRun.objects.filter(pk__in=some)
            for id, value, payload in read.values_list("id", "output_json", "output_payload"):
                self._outputs[id] = (value, payload)


def _has_own_input(step: StepRun) -> bool:
    return step.input_json is not None or step.input_payload_id is not None


def _sources(step: StepRun) -> set[Place]:
    return {(node, iteration) for each in step.sources.values() for node, iteration, _ in each}


def _some(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A Loop's last step has a source for each batch: a statement bears only so many."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
