"""The plans of versions, kept: a version never changes, so neither does its plan."""

from functools import lru_cache
from uuid import UUID

from apps.engine.parse import parse_graph
from apps.engine.plan import Plan, make_plan
from apps.engine.ports import NodeLibrary
from apps.nodes.registry import library
from apps.versions.models import WorkflowVersion


@lru_cache(maxsize=256)
def plan_of(version: UUID, start: str, stop: str) -> tuple[Plan, str, int]:
    """The plan of a version from a start node, the workflow's name and the version's number."""
    row = WorkflowVersion.objects.select_related("workflow").get(pk=version)
    graph, faults = parse_graph(row.graph_json)
    assert graph is not None, faults
    nodes: NodeLibrary = library()
    return make_plan(graph, nodes, start, stop or None), row.workflow.name, row.version
