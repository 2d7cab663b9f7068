"""The runs that steps of a run make: which workflow they are of, and how they ended."""

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, read_outputs
from apps.engine.ports import RunInfo
from apps.nodes.inner import Callee, ChildEnd
from apps.runs.files import give_files
from apps.runs.models import Run, StepRun
from apps.runs.payloads import read_json_payload
from apps.runs.plans import graph_of
from apps.runs.states import OPEN, StepStatus
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

    def children(self, step: UUID) -> Sequence[ChildEnd]:
        runs = Run.objects.filter(parent_step=step).select_related("parent_step__run")
        return [_end(run) for run in runs.order_by("parent_item")]


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


def _end(run: Run) -> ChildEnd:
    assert run.parent_item is not None
    items = _last_items(run)
    if run.parent_step is not None:
        give_files(run.pk, run.parent_step.run, [item.as_json() for item in items])
    return ChildEnd(run.pk, run.parent_item, run.status, run.error_message, items)


def _last_items(run: Run) -> Items:
    """What the last step that completed gave, by all its outputs."""
    done = StepRun.objects.filter(run=run, status=StepStatus.COMPLETED)
    last = done.order_by("-seq_finished").first()
    if last is None:
        return []
    given = last.output_json
    if last.output_payload_id is not None:
        given = read_json_payload(last.output_payload_id)
    outputs = read_outputs(given or {})
    return [Item(item.json, item.binary) for items in outputs.values() for item in items]
