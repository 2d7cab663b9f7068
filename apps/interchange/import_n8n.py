"""Makes workflows of n8n's."""

from dataclasses import dataclass

from django.db import transaction

from apps.engine.items import Json
from apps.interchange.n8n.convert import convert
from apps.interchange.n8n.report import Report
from apps.versions.draft import replace_draft
from apps.versions.models import WorkflowVersion
from apps.versions.save import save_version
from apps.workflows.edit import create_workflow
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal


@dataclass(frozen=True, slots=True)
class Imported:
    workflow: Workflow
    version: WorkflowVersion | None
    """None where the graph has faults, such as a credential that is still to be chosen."""
    report: Report


def import_n8n(
    workspace: Workspace, document: Json, name: str | None = None, *, by: Principal | None
) -> Imported:
    """Make a workflow whose draft is one of n8n's. Raises FaultsError for what is none."""
    converted = convert(document)
    with transaction.atomic():
        workflow = create_workflow(workspace, name or converted.name, by=by)
        _, validation = replace_draft(workflow, converted.graph, workflow.draft_revision)
        version = None
        if not validation.errors:
            version, _ = save_version(workflow, converted.graph, "Imported from n8n.", by=by)
        told = {
            "nodes": converted.report.nodes,
            "unsupported": len(converted.report.unsupported),
            "warnings": len(converted.report.warnings),
        }
        record("workflow.import", workflow, by=by, source="n8n", **told)
    return Imported(workflow, version, converted.report)
