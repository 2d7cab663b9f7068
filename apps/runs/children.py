"""The runs that steps of a run make: which workflow they are of, and how they ended."""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from apps.engine.encoding import decode, encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, read_outputs
from apps.engine.ports import RunInfo
from apps.engine.stored import too_large
from apps.nodes.inner import Callee, ChildEnd
from apps.runs.files import give_files
from apps.runs.models import Run, StepRun
from apps.runs.payloads import read_payload
from apps.runs.plans import graph_of
from apps.runs.states import OPEN, RunStatus, StepStatus
from apps.workflows.models import Workflow

MAX_DEPTH = 20
STARTS = ("called", "manual")
"""The triggers at which a child run may begin, the first that there is."""


class DatabaseRuns:
    """`nodes.inner.OtherRuns` on the database."""

    def new_id(self) -> UUID:
        return uuid7()

    def callee(self, run: RunInfo, workflow: str) -> Callee:
        found = _workflow(run, workflow)
        if found is None or found.is_archived:
            raise NodeError(
                "workflow_unavailable",
                f"There is no workflow “{workflow[:80]}” in this workspace.",
                hint="Give the id of a workflow that is not archived.",
            )
        if found.version is None:
            raise NodeError(
                "workflow_unavailable", f"The workflow “{found.name}” is not published."
            )
        if _depth(run.id) >= MAX_DEPTH:
            raise NodeError(
                "too_deep", f"Workflows run each other more than {MAX_DEPTH} deep here."
            )
        version = found.versions.get(version=found.version)
        nodes = [node for node in graph_of(version.graph_json).nodes if not node.disabled]
        for type in STARTS:
            for node in nodes:
                if node.type == type:
                    return Callee(version.pk, found.pk, node.id)
        raise NodeError(
            "workflow_unavailable",
            f"The workflow “{found.name}” has no trigger at which another can start it.",
            hint="Add the trigger “Called by a workflow”, and publish.",
        )

    def open_children(self, step: UUID) -> int:
        return Run.objects.filter(parent_step=step, status__in=OPEN).count()

    def children(self, step: UUID) -> Iterator[ChildEnd]:
        parent = Run.objects.only("workspace").get(steps=step)
        runs = Run.objects.filter(parent_step=step).order_by("parent_item")
        size = 0
        for run in runs.only("parent_item", "status", "error_code", "error_message"):
            assert run.parent_item is not None
            written = _last_output(run) if run.status == RunStatus.COMPLETED else b"{}"
            size += len(written)
            if size > (most := settings.MAX_STEP_OUTPUT_BYTES):
                raise too_large(most)
            items = _items(written)
            give_files(run.pk, parent, [item.as_json() for item in items])
            error = (run.error_code, run.error_message)
            yield ChildEnd(run.pk, run.parent_item, run.status, *error, items)


def _workflow(run: RunInfo, id: str) -> Workflow | None:
    try:
        pk = UUID(id)
    except ValueError:
        return None
    return Workflow.objects.filter(pk=pk, workspace=run.workspace).first()


def _depth(run: UUID) -> int:
    """How many runs this one is inside of."""
    for depth in range(MAX_DEPTH):
        parent = Run.objects.filter(pk=run).values_list("parent_step__run", flat=True).first()
        if parent is None:
            return depth
        run = parent
    return MAX_DEPTH


def _last_output(run: Run) -> bytes:
    """What the last step that completed gave, as it is stored."""
    done = StepRun.objects.filter(run=run, status=StepStatus.COMPLETED)
    last = done.order_by("-seq_finished").only("output_json", "output_payload").first()
    if last is None:
        return b"{}"
    if last.output_payload_id is not None:
        return read_payload(last.output_payload_id)
    return encode(last.output_json or {})


def _items(written: bytes) -> Items:
    """The items of all outputs, without their lineage: that was the other run's."""
    outputs = read_outputs(decode(written))
    return [Item(item.json, item.binary) for items in outputs.values() for item in items]
