"""What steps took and gave, as it is shown: inputs filled in from their sources."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.runs.models import StepRun

LISTED_BYTES = 256 * 1024
"""A list carries payloads up to this size each."""

Place = tuple[str, int]


class StepWithPayloads:
    """A step and its payloads, for the serializer."""

    def __init__(self, step: StepRun, input_json: Json, limit: int | None) -> None:
        self._step = step
        self.left_out: list[str] = []
        self.input_json = self._limited("input_json", input_json, limit)
        self.output_json = self._limited("output_json", step.output_json, limit)

    def _limited(self, name: str, value: Json, limit: int | None) -> Json:
        if limit is None or value is None or len(encode(value)) <= limit:
            return value
        self.left_out.append(name)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._step, name)


def with_payloads(
    steps: Sequence[StepRun], limit: int | None = LISTED_BYTES
) -> list[StepWithPayloads]:
    """Fill in what each step of one run took: what is not stored is what its sources gave."""
    wanted = {
        (node, iteration)
        for step in steps
        if step.input_json is None
        for sources in step.sources.values()
        for node, iteration, _ in sources
    }
    outputs = _outputs(steps, wanted)
    return [StepWithPayloads(step, _input(step, outputs), limit) for step in steps]


def _outputs(steps: Sequence[StepRun], wanted: set[Place]) -> dict[Place, dict[str, Json]]:
    found = {(step.node_id, step.iteration): step.output_json or {} for step in steps}
    missing = wanted - found.keys()
    if missing:
        places = Q()
        for node, iteration in missing:
            places |= Q(node_id=node, iteration=iteration)
        rows = StepRun.objects.filter(places, run=steps[0].run_id)
        for node, iteration, output in rows.values_list("node_id", "iteration", "output_json"):
            found[node, iteration] = output or {}
    return found


def _input(step: StepRun, outputs: dict[Place, dict[str, Json]]) -> Json:
    if step.input_json is not None or not step.sources:
        return step.input_json
    return {
        name: [
            item
            for node, iteration, output in sources
            for item in outputs[node, iteration].get(output, [])
        ]
        for name, sources in step.sources.items()
    }
