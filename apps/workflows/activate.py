"""The states of a workflow: draft, active, archived. Its published version is what is activated."""

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from apps.workflows.models import Workflow
from apps.workflows.signals import workflow_activating, workflow_deactivating
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

Status = Workflow.Status


def activate_workflow(workflow: Workflow, *, by: Principal | None) -> None:
    """Make the triggers of the published version live."""
    _become(workflow, Status.ACTIVE, "workflow.activate", by)


def deactivate_workflow(workflow: Workflow, *, by: Principal | None) -> None:
    """Stop the triggers; takes an archived workflow back to the others, too."""
    _become(workflow, Status.DRAFT, "workflow.deactivate", by)


def archive_workflow(workflow: Workflow, *, by: Principal | None) -> None:
    """Put a workflow aside: its triggers stop, and it is not edited or published any more."""
    _become(workflow, Status.ARCHIVED, "workflow.archive", by)


def _become(workflow: Workflow, status: Status, action: str, by: Principal | None) -> None:
    with transaction.atomic():
        # No key: who makes a run of it at the same moment may hold its schedule, for which we wait.
        locked = Workflow.objects.select_for_update(no_key=True).get(pk=workflow.pk)
        if locked.status == status:
            return
        if status == Status.ACTIVE and locked.version is None:
            raise ConflictError(
                "not_published", "This workflow has no published version.", "Publish one first."
            )
        before, was_active, locked.status = locked.status, locked.is_active, status
        locked.updated_at = timezone.now()
        locked.save(update_fields=["status", "updated_at"])
        if signal := _signal(was_active, locked.is_active):
            signal.send(Workflow, workflow=locked, by=by)
        record(action, locked, {"status": (before, status)}, by=by)
    workflow.status, workflow.updated_at = locked.status, locked.updated_at


def _signal(was_active: bool, is_active: bool) -> Signal | None:
    if was_active == is_active:
        return None
    return workflow_activating if is_active else workflow_deactivating
