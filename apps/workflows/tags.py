"""Tags: the words by which people sort their workflows. Written in any case, kept in lower case."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from apps.workflows.models import Workflow, WorkflowTag
from apps.workspaces.audit import record
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal

MOST_TAGS = 20
"""Of one workflow."""
MOST_TOLD = 500


def as_tag(written: str) -> str:
    """How a tag is kept: two that differ by case or spaces are one."""
    return " ".join(written.split()).lower()


def tag_workflow(workflow: Workflow, names: Iterable[str], *, by: Principal | None) -> None:
    """Let the workflow have exactly these tags."""
    wanted = {as_tag(name) for name in names}
    with transaction.atomic():
        locked = Workflow.objects.select_for_update(no_key=True).without_draft().get(pk=workflow.pk)
        before = {tag.name for tag in locked.tags.all()}
        if before == wanted:
            return
        locked.tags.exclude(name__in=wanted).delete()
        WorkflowTag.objects.bulk_create(
            WorkflowTag(workspace_id=locked.workspace_id, workflow=locked, name=name)
            for name in sorted(wanted - before)
        )
        now = timezone.now()
        Workflow.objects.filter(pk=workflow.pk).update(updated_at=now)
        record("workflow.tag", locked, {"tags": (sorted(before), sorted(wanted))}, by=by)
    workflow.updated_at = now


def tags_of(workspace: Workspace) -> list[str]:
    """The tags that its workflows have, in order; the first 500."""
    rows = WorkflowTag.objects.filter(workspace=workspace).order_by("name")
    return list(rows.values_list("name", flat=True).distinct()[:MOST_TOLD])
