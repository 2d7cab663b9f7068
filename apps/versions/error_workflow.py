"""The workflow that a graph names to be told of failures: whether it could be started."""

from uuid import UUID

from django.db.models import F

from apps.engine.errors import Fault
from apps.engine.faults import quoted
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

PATH = "settings.error_workflow"


def error_workflow_fault(named: str | None, workspace: UUID) -> Fault | None:
    """Why no failure could start it as it is now; None where one could, or none is named."""
    if named is None:
        return None
    try:
        row = Workflow.objects.filter(workspace=workspace, pk=UUID(named)).first()
    except ValueError:
        row = None
    if not row or row.is_archived:
        told = f"There is no workflow {quoted(named)} in this workspace."
        return Fault(PATH, "workflow_unknown", told)
    if row.version is None:
        told = f"The workflow {quoted(row.name)} is not published yet."
        return Fault(PATH, "workflow_not_published", told)
    if not _has_error_trigger(row):
        told = f"The published version of {quoted(row.name)} has no “Error” trigger."
        return Fault(PATH, "no_error_trigger", told)
    return None


def _has_error_trigger(workflow: Workflow) -> bool:
    published = WorkflowVersion.objects.filter(workflow=workflow, version=F("workflow__version"))
    nodes = published.values_list("graph_json", flat=True).get()["nodes"]
    return any(node["type"] == "error" and not node.get("disabled") for node in nodes)
