"""Polls follow the published version of their workflow."""

from collections.abc import Mapping

from apps.engine.items import Json
from apps.runs import sql
from apps.triggers.models import Poll
from apps.triggers.polls.sources import SOURCES
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow


def set_polls(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the triggers of this version look at their sources.

    One that looked before goes on where it was, if its source is the same: a cursor says of which
    it is. What is new, or was changed, looks at once.
    """
    rows = {poll.node_id: poll for poll in workflow.polls.select_for_update()}
    for node in version.graph_json["nodes"]:
        if node["type"] not in SOURCES or node.get("disabled"):
            continue
        poll = rows.pop(node["id"], None) or Poll(workflow=workflow, node_id=node["id"])
        _set(poll, version, node)
    for left in rows.values():
        left.is_live = False
        left.save(update_fields=["is_live"])


def _set(poll: Poll, version: WorkflowVersion, node: Mapping[str, Json]) -> None:
    if not (poll.is_live and poll.type == node["type"]):
        poll.cursor, poll.params = None, None
    if poll.params != node["params"]:
        # A look that is under way goes by the old ones: what it finds is of no use.
        poll.due_at, poll.held_by = sql.database_now(), None
        poll.error, poll.failures = "", 0
    poll.workspace_id, poll.version, poll.is_live = version.workspace_id, version, True
    poll.type, poll.params = node["type"], node["params"]
    poll.save()


def stop_polls(workflow: Workflow) -> None:
    """Let none of the workflow's triggers look."""
    workflow.polls.filter(is_live=True).update(is_live=False)
