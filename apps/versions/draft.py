"""The one mutable draft of a workflow."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone

from apps.engine.items import Json
from apps.engine.validate import Validation
from apps.versions.validate import require_graph, validate
from apps.workflows.models import Workflow, empty_graph
from apps.workflows.signals import workflow_created
from apps.workspaces.errors import ConflictError


@receiver(workflow_created)
def begin_draft(workflow: Workflow, graph: Json, **_: Any) -> None:
    revision, _validation = replace_draft(workflow, graph, workflow.draft_revision)
    workflow.draft_graph, workflow.draft_revision = graph, revision


def replace_draft(workflow: Workflow, graph: Json, revision: int) -> tuple[int, Validation]:
    """Put a graph in the place of the draft's, unless somebody else did since that revision.

    Gives the new revision and what is to be said of the graph. Autosave comes here every few
    seconds, so there is no audit entry: the versions made of drafts have theirs.
    """
    validation = validate(graph, workflow.workspace_id)
    require_graph(validation)
    with transaction.atomic():
        replaced = (
            Workflow.objects.filter(pk=workflow.pk, draft_revision=revision)
            .exclude(status=Workflow.Status.ARCHIVED)
            .update(
                draft_graph=graph,
                draft_revision=F("draft_revision") + 1,
                updated_at=timezone.now(),
            )
        )
        if not replaced:
            raise _conflict(Workflow.objects.without_draft().get(pk=workflow.pk))
    return revision + 1, validation


def fill_draft(workflow: Workflow, graph: Json) -> None:
    """Put a graph where still the empty draft is that the workflow began with.

    The caller holds the workflow's row.
    """
    if workflow.draft_revision == 0 and workflow.draft_graph == empty_graph():
        put_into_draft(workflow, graph)


def put_into_draft(workflow: Workflow, graph: Json) -> None:
    """Put a graph in the place of the draft's, as one change: whoever edits it is told.

    The caller holds the workflow's row.
    """
    workflow.draft_graph, workflow.draft_revision = graph, workflow.draft_revision + 1
    workflow.updated_at = timezone.now()
    workflow.save(update_fields=["draft_graph", "draft_revision", "updated_at"])


def require_unarchived(workflow: Workflow) -> None:
    """Refuse to change what was put aside."""
    if workflow.is_archived:
        raise ConflictError(
            "workflow_archived", "This workflow is archived.", "Deactivate it to edit it again."
        )


def _conflict(workflow: Workflow) -> ConflictError:
    require_unarchived(workflow)
    return ConflictError(
        "stale_revision",
        f"The draft was changed meanwhile: it is at revision {workflow.draft_revision}.",
        current={"revision": workflow.draft_revision},
    )
