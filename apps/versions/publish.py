"""Moves the pointer to the version that triggers start: forwards, or back to an older one."""

from django.db import transaction
from django.utils import timezone

from apps.versions.draft import require_unarchived
from apps.versions.models import WorkflowVersion
from apps.versions.validate import require_valid, validate
from apps.workflows.models import Workflow
from apps.workflows.signals import version_published
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal


def publish_version(version: WorkflowVersion, *, by: Principal | None) -> Workflow:
    """Make it the workflow's published version.

    It was valid when it was saved; it is asked again, for the node types may be others by now.
    """
    require_valid(validate(version.graph_json, version.workspace_id))
    with transaction.atomic():
        # No key: who makes a run of it at the same moment may hold its schedule, for which we wait.
        workflow = Workflow.objects.select_for_update(no_key=True).get(pk=version.workflow_id)
        require_unarchived(workflow)
        if workflow.version == version.version:
            return workflow
        before = workflow.version
        now = timezone.now()
        workflow.version, workflow.updated_at = version.version, now
        workflow.save(update_fields=["version", "updated_at"])
        WorkflowVersion.objects.filter(pk=version.pk).update(published_at=now)
        version.published_at = now
        version_published.send(Workflow, workflow=workflow, version=version, by=by)
        record("version.publish", version, {"version": (before, version.version)}, by=by)
    return workflow
