"""The runs that steps of a run make: which workflow they are of, and how they ended."""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from uuid_utils.compat import uuid7

from apps.engine.errors import NodeError
from apps.engine.ports import RunInfo
from apps.engine.stored import too_large
from apps.nodes.inner import Callee, ChildEnd
from apps.runs.files import give_files
from apps.runs.models import Run
from apps.runs.parts import trigger_of_type
from apps.runs.plans import graph_of
from apps.runs.results import items_of, last_output
from apps.runs.room import require_room
from apps.runs.states import OPEN, RunStatus
from apps.runs.typed_input import schema_of_input
from apps.workflows.models import Workflow
from apps.workspaces.errors import NoRoomError

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
        try:
            require_room(found.pk)
        except NoRoomError as full:
            raise NodeError(full.code, full.message, full.hint) from None
        version = found.versions.get(version=found.version)
        graph = graph_of(version.graph_json)
        start = trigger_of_type(graph, *STARTS)
        if start is None:
            raise NodeError(
                "workflow_unavailable",
                f"The workflow “{found.name}” has no trigger at which another can start it.",
                hint="Add the trigger “Called by a workflow”, and publish.",
            )
        return Callee(version.pk, found.pk, start, schema_of_input(graph, start))

    def open_children(self, step: UUID) -> int:
        return Run.objects.filter(parent_step=step, status__in=OPEN).count()

    def children(self, step: UUID) -> Iterator[ChildEnd]:
        parent = Run.objects.only("workspace").get(steps=step)
        runs = Run.objects.filter(parent_step=step).order_by("parent_item")
        size = 0
        for run in runs.only("parent_item", "status", "error_code", "error_message"):
            assert run.parent_item is not None
            written = last_output(run.pk) if run.status == RunStatus.COMPLETED else b"{}"
            size += len(written)
            if size > (most := settings.MAX_STEP_OUTPUT_BYTES):
                raise too_large(most)
            items = items_of(written)
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
