"""Says which workflows name a credential: in the draft, or in the published version."""

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Any, Literal
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
MEMBER = '"credential":"'
"""How a graph, which is stored without blanks, begins to name one."""


@receiver(credential_uses_asked)
def uses_in_graphs(credentials: Collection[Credential], **_: Any) -> list[Use]:
    """Two queries, whatever is asked for; graphs that name none of these stay in the database."""
    ids = {credential.pk for credential in credentials}
    workspaces = {credential.workspace_id for credential in credentials}
    drafts = Workflow.objects.filter(workspace__in=workspaces)
    published = WorkflowVersion.objects.filter(
        workspace__in=workspaces, workflow__version=F("version")
    )
    return [
        *_uses(ids, "draft", _naming(ids, drafts, "pk", "name", "draft_graph")),
        *_uses(
            ids,
            "published",
            _naming(ids, published, "workflow", "workflow__name", "graph_json"),
        ),
    ]


def _naming(ids: set[UUID], rows: QuerySet[Any], *columns: str) -> Iterable[tuple[UUID, str, Any]]:
    """These columns of the rows whose graph, the last of them, names one of the ids."""
    # One by one they are found fast; many are sought all at once, where any is named.
    if len(ids) <= FEW:
        named = reduce(or_, (Q(written__contains=f'{MEMBER}{id}"') for id in ids))
    else:
        any_of = "|".join(str(id) for id in ids)
        named = Q(written__contains=MEMBER) & Q(written__regex=f'{MEMBER}({any_of})"')
    asked = rows.alias(written=Cast(columns[-1], TextField())).filter(named)
    found: Iterable[tuple[UUID, str, Any]] = asked.order_by("pk").values_list(*columns)
    return found


def _uses(
    ids: set[UUID],
    where: Literal["draft", "published"],
    found: Iterable[tuple[UUID, str, Any]],
) -> Iterable[Use]:
    for workflow, name, graph in found:
        for id in sorted(named_credentials(graph) & ids):
            yield Use(id, workflow, name, where)
