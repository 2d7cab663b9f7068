"""Make, rename and delete workflows."""

from django.db import transaction
from django.utils import timezone

from apps.engine.items import Json
from apps.workflows.models import Workflow
from apps.workflows.signals import workflow_created
from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal


def create_workflow(
    workspace: Workspace, name: str, graph: Json = None, *, by: Principal | None
) -> Workflow:
    """Make a workflow whose draft is that graph; without one it is empty.

    Raises FaultsError for what is no graph, and nothing is made.
    """
    with transaction.atomic():
        workflow = Workflow.objects.create(
            workspace=workspace, name=name, created_by=by.as_user if by else None
        )
        record("workflow.create", workflow, made(name=name), by=by)
        if graph is not None:
            workflow_created.send(Workflow, workflow=workflow, graph=graph, by=by)
    return workflow


def rename_workflow(workflow: Workflow, name: str, *, by: Principal | None) -> None:
    with transaction.atomic():
        locked = Workflow.objects.select_for_update().without_draft().get(pk=workflow.pk)
        before, locked.name = locked.name, name
        locked.updated_at = timezone.now()
        locked.save(update_fields=["name", "name_folded", "updated_at"])
        record("workflow.rename", locked, {"name": (before, name)}, by=by)
    workflow.name, workflow.updated_at = locked.name, locked.updated_at


def delete_workflow(workflow: Workflow, *, by: Principal | None) -> None:
    """Delete a workflow and its versions, as long as nothing ever ran it and nothing starts it."""
    with transaction.atomic():
        locked = Workflow.objects.select_for_update().get(pk=workflow.pk)
        if locked.is_active:
            raise ConflictError(
                "workflow_active", "An active workflow cannot be deleted.", "Deactivate it first."
            )
        if locked.runs.exists():
            raise ConflictError(
                "workflow_has_runs",
                "This workflow has runs, which are kept.",
                "Archive it instead.",
            )
        record("workflow.delete", locked, lost(name=locked.name, status=locked.status), by=by)
        locked.delete()
