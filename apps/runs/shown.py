"""What steps took and gave, as it is shown: inputs filled in from their sources."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.runs.models import StepRun
from apps.runs.payloads import read_json_payload

LISTED_BYTES = 256 * 1024
"""A list carries payloads up to this size each."""

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


def with_payloads(
    steps: Sequence[StepRun], limit: int | None = LISTED_BYTES
) -> list[StepWithPayloads]:
    """Fill in what each step of one run took: what is not stored is what its sources gave.

    With a limit, values of more bytes are left out.
    """
    outputs = _Outputs(steps, limit)
    return [
        StepWithPayloads(
            step, outputs.input(step), outputs.shown((step.output_json, step.output_payload_id))
        )
        for step in steps
    ]


class _Outputs:
    """The outputs that steps of a run took, read with one query."""

    def __init__(self, steps: Sequence[StepRun], limit: int | None) -> None:
        self._limit = limit
        self._stored: dict[Place, Stored] = {
            (step.node_id, step.iteration): (step.output_json, step.output_payload_id)
            for step in steps
        }
        missing = {
            (node, iteration)
            for step in steps
            for sources in step.sources.values()
            for node, iteration, _ in sources
        } - self._stored.keys()
        if missing:
            self._read(steps[0].run_id, missing)

    def _read(self, run: UUID, places: set[Place]) -> None:
        wanted = Q()
        for node, iteration in places:
            wanted |= Q(node_id=node, iteration=iteration)
        rows = StepRun.objects.filter(wanted, run=run)
        for node, iteration, *stored in rows.values_list(
            "node_id", "iteration", "output_json", "output_payload"
        ):
            self._stored[node, iteration] = (stored[0], stored[1])

    def shown(self, stored: Stored) -> Json:
        value, payload = stored
        if payload is not None:
            return read_json_payload(payload) if self._limit is None else TOO_LARGE
        if self._limit is not None and value is not None and len(encode(value)) > self._limit:
            return TOO_LARGE
        return value

    def input(self, step: StepRun) -> Json:
        if step.input_json is not None or step.input_payload_id is not None:
            return self.shown((step.input_json, step.input_payload_id))
        if not step.sources:
            return None
        taken: dict[str, list[Json]] = {}
        for name, sources in step.sources.items():
            taken[name] = []
            for node, iteration, output in sources:
                given = self.shown(self._stored[node, iteration])
                if given is TOO_LARGE:
                    return TOO_LARGE
                taken[name].extend(given.get(output, []))
        return self.shown((taken, None))
