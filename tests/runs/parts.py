"""A workflow in a line, and runs of parts of it."""

from typing import Any

from apps.runs.models import Run
from apps.runs.start import StartRequest, start_run
from apps.versions.models import WorkflowVersion
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_user, make_version
from tests.graphs import Document, graph, node
from tests.runs.work import execute


def counting(id: str, **members: Any) -> Document:
    """A node that gives `from: id` and, where the node before it gave one, its `seen`."""
    fields = [
        {"name": "from", "type": "string", "value": id},
        {"name": "seen", "type": "string", "value": "={{ $('start').first().json.text }}"},
    ]
    return node(id, "set_fields", params={"mode": "assign", "assignments": fields}, **members)


LINE = graph(
    [node("start", "manual"), counting("a"), counting("b"), counting("c"), counting("beside")],
    ["start -> a", "a -> b", "b -> c", "a -> beside"],
)


def line() -> WorkflowVersion:
    return make_version(graph=LINE, is_published=True)


def started(version: WorkflowVersion, role: str = Role.EDITOR, **asked: Any) -> Run:
    by = make_user(version.workspace, role)
    return start_run(version.workflow, StartRequest(version=version.version, **asked), by=by)


def ran(version: WorkflowVersion, **asked: Any) -> Run:
    return execute(started(version, **asked))


def post(version: WorkflowVersion, body: Any, role: str = Role.EDITOR) -> Any:
    client = ApiClient(make_user(version.workspace, role))
    return client.post(f"workflows/{version.workflow_id}/runs", body)
