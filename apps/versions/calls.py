"""Which workflows start which: by a node that runs another, or by being told of its failures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import F, TextField
from django.db.models.functions import Cast

from apps.engine.items import Json
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

How = Literal["runs it", "tells it of failures"]
MOST = 50


@dataclass(frozen=True, slots=True)
class Call:
    """A workflow, how it is called or calls, and in which of its graphs that stands."""

    workflow: UUID
    name: str
    how: How
    where: str


def calls_in(graph: Json) -> Iterator[tuple[UUID, How]]:
    """The workflows that a graph document names; what an expression names is known to no one."""
    for node in graph.get("nodes", ()):
        params = node.get("params") or {}
        if node.get("type") == "run_workflow" and (id := _id(params.get("workflow"))):
            yield id, "runs it"
    if id := _id((graph.get("settings") or {}).get("error_workflow")):
        yield id, "tells it of failures"


def called_by(workflow: Workflow, published: Json | None) -> list[Call]:
    """The workflows of its workspace that it starts, by its published graph; by name."""
    named = dict(calls_in(published)) if published else {}
    rows = Workflow.objects.filter(workspace=workflow.workspace_id, pk__in=named)
    found = rows.order_by("name").values_list("pk", "name")[:MOST]
    return [Call(id, name, named[id], "published") for id, name in found]


def callers_of(workflow: Workflow) -> list[Call]:
    """The workflows of its workspace that start it, or would once they are published; some of
    them, where they are very many."""
    found: dict[tuple[UUID, How], Call] = {}
    for id, name, graph, where in (*_published(workflow), *_drafts(workflow)):
        for called, how in calls_in(graph):
            if called == workflow.pk:
                before = found.get((id, how))
                both = f"{before.where}, {where}" if before and before.where != where else where
                found[id, how] = Call(id, name, how, both)
    return sorted(found.values(), key=lambda call: (call.name, call.how))


def _published(workflow: Workflow) -> list[Any]:
    rows = WorkflowVersion.objects.filter(
        workspace=workflow.workspace_id, workflow__version=F("version")
    )
    naming = rows.annotate(written=Cast("graph_json", TextField()))
    found = naming.filter(written__contains=str(workflow.pk)).order_by("-pk")
    columns = found.values_list("workflow", "workflow__name", "graph_json")[:MOST]
    return [(*row, "published") for row in columns]


def _drafts(workflow: Workflow) -> list[Any]:
    rows = Workflow.objects.filter(workspace=workflow.workspace_id)
    naming = rows.annotate(written=Cast("draft_graph", TextField()))
    found = naming.filter(written__contains=str(workflow.pk)).order_by("-pk")
    return [(*row, "draft") for row in found.values_list("pk", "name", "draft_graph")[:MOST]]


def _id(written: Json) -> UUID | None:
    try:
        return UUID(written)
    except (ValueError, TypeError, AttributeError):
        return None
