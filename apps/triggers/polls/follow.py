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

    One whose source stays goes on where it was. What is new, or was changed, looks at once, and
    from there on.
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
    is_same_source = poll.type == node["type"] and _source(poll.params) == _source(node["params"])
    if not (poll.is_live and is_same_source):
        # A look that is under way is at the old one: what it finds is of no use.
        poll.cursor, poll.due_at, poll.held_by = None, sql.database_now(), None
        poll.error = ""
    poll.workspace_id, poll.version, poll.is_live = version.workspace_id, version, True
    poll.type, poll.params = node["type"], node["params"]
    poll.save()


def _source(params: Mapping[str, Json] | None) -> dict[str, Json]:
    return {name: value for name, value in (params or {}).items() if name != "every_minutes"}


def stop_polls(workflow: Workflow) -> None:
    """Let none of the workflow's triggers look."""
    workflow.polls.filter(is_live=True).update(is_live=False)
