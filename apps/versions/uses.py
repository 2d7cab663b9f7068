"""Says which workflows name a credential: in the draft, or in the published version."""

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.dispatch import receiver

from apps.credentials.models import Credential
from apps.credentials.uses import Use, credential_uses_asked
from apps.credentials.vault import named_credentials
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

FEW = 5


@receiver(credential_uses_asked)
def uses_in_graphs(credentials: Collection[Credential], **_: Any) -> list[Use]:
    ids = {credential.pk for credential in credentials}
    workspaces = {credential.workspace_id for credential in credentials}
    drafts = _naming(ids, Workflow.objects.filter(workspace__in=workspaces), "draft_graph")
    published = _naming(
        ids,
        WorkflowVersion.objects.filter(
            workspace__in=workspaces, workflow__version=F("version")
        ).select_related("workflow"),
        "graph_json",
    )
    return [
        *(use for each in drafts for use in _uses(ids, each, each.draft_graph, "draft")),
        *(
            use
            for each in published
            for use in _uses(ids, each.workflow, each.graph_json, "published")
        ),
    ]


def _naming(ids: set[UUID], rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    """The rows in whose graph one of the ids may stand."""
    # One by one they are found fast; many are quicker found among all graphs that name any.
    sought = [str(id) for id in ids] if len(ids) <= FEW else ['"credential":"']
    named = reduce(or_, (Q(written__contains=text) for text in sought))
    return rows.annotate(written=Cast(column, TextField())).filter(named)


def _uses(ids: set[UUID], workflow: Workflow, graph: Any, where: Any) -> Iterable[Use]:
    return (
        Use(id, workflow.pk, workflow.name, where) for id in sorted(named_credentials(graph) & ids)
    )
