"""What a run gave: the items of the last of its steps that completed."""

from uuid import UUID

from apps.engine.encoding import decode, encode
from apps.engine.items import Item, Items, read_outputs
from apps.runs.models import StepRun
from apps.runs.payloads import read_payload
from apps.runs.states import StepStatus


def last_output(run: UUID) -> bytes:
    """What the last step that completed gave, as it is stored: `{output: [items]}`."""
    done = StepRun.objects.filter(run=run, status=StepStatus.COMPLETED)
    last = done.order_by("-seq_finished").only("output_json", "output_payload").first()
    if last is None:
        return b"{}"
    if last.output_payload_id is not None:
        return read_payload(last.output_payload_id)
    return encode(last.output_json or {})


def items_of(output: bytes) -> Items:
    """The items of all outputs, without their lineage: that is of the run alone."""
    outputs = read_outputs(decode(output))
    return [Item(item.json, item.binary) for items in outputs.values() for item in items]
