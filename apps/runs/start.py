"""To start a run by hand or by a program: which version, from which node, with what."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.nodes.registry import library
from apps.runs.create import RunRequest, create_run, items_of
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.versions.models import WorkflowVersion
from apps.versions.save import save_draft
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal, require

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What may be said of a run that is started by hand; all optional."""

    input: Json = None
    version: int | str | None = None
    """A number, `draft`, or None: the published version."""
    stop_node: str = ""
    priority: int = 0
    deadline_s: float | None = None


def start_run(workflow: Workflow, asked: StartRequest, *, by: Principal) -> Run:
    """Start a run of a workflow. Versions that were never published take the right to edit.

    Raises ConflictError where nothing is published, FaultsError where the request does not fit.
    """
    items = items_of(asked.input)
    with transaction.atomic():
        version = _version(workflow, asked.version, by)
        trigger_node = _start_of(version.graph_json)
        _check_stop(version.graph_json, asked.stop_node)
        run = create_run(
            version,
            RunRequest(
                trigger=Trigger.MANUAL if by.as_user else Trigger.API,
                trigger_node=trigger_node,
                items=items,
                triggered_by=by.as_user.pk if by.as_user else None,
                stop_node=asked.stop_node,
                priority=asked.priority,
                deadline_s=asked.deadline_s,
            ),
        )
        record("run.start", run, by=by, version=version.version)
    return run


def _version(workflow: Workflow, asked: int | str | None, by: Principal) -> WorkflowVersion:
    if workflow.is_archived:
        raise ConflictError("archived", "The workflow is archived.")
    if asked is None:
        if workflow.version is None:
            raise ConflictError(
                "not_published",
                "The workflow has no published version.",
                'Publish one, or run the draft with "version": "draft".',
            )
        asked = workflow.version
    if asked == DRAFT:
        require(by, "version.save", workflow.workspace_id)
        return save_draft(workflow, by=by)[0]
    version = workflow.versions.filter(version=asked).first()
    if version is None:
        raise FaultsError(
            [Fault("version", "unknown", f"The workflow has no version {asked}.")],
            "The run cannot be started.",
        )
    if version.published_at is None:
        require(by, "version.save", workflow.workspace_id)
    return version


def _start_of(graph: dict[str, Any]) -> str:
    """The node that a run by hand starts at: the manual trigger, else the first trigger."""
    triggers = [
        node["id"]
        for node in graph["nodes"]
        if not node.get("disabled") and _kind(node) == "trigger"
    ]
    if not triggers:
        sentence = "The graph has no trigger that is not disabled."
        raise FaultsError([Fault("nodes", "no_trigger", sentence)], sentence)
    manual = [
        node["id"] for node in graph["nodes"] if node["type"] == "manual" and node["id"] in triggers
    ]
    return str((manual or triggers)[0])


def _kind(node: dict[str, Any]) -> str | None:
    spec = library().find(node["type"], node.get("type_version", 1))
    return spec.kind.value if spec else None


def _check_stop(graph: dict[str, Any], stop: str) -> None:
    if stop and stop not in {node["id"] for node in graph["nodes"]}:
        fault = Fault("stop_node", "unknown_node", f"The version has no node “{stop}”.")
        raise FaultsError([fault], fault.message)
