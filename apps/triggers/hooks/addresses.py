"""Whose address it is: what listens at a path, and by which methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import connection

from apps.engine.items import Json
from apps.nodes.webhooks.params import WebhookParams
from apps.runs import sql
from apps.runs.create import VersionRef
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.hooks.listen import Listening, listening_at, not_listening
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models.hooks import TEST_PREFIX, WebhookEndpoint
from apps.versions.models import WorkflowVersion

Kind = WebhookEndpoint.Kind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A live address, and the published version that it starts."""

    id: UUID
    method: str
    node_id: str
    version: VersionRef

    @property
    def workspace_id(self) -> UUID:
        return self.version.workspace_id

    @property
    def params(self) -> WebhookParams:
        return params_of(self.version.pk, self.node_id)


@lru_cache(maxsize=1024)
def params_of(version: UUID, node: str) -> WebhookParams:
    """The parameters of a webhook node, read once: a version never changes."""
    return WebhookParams.model_validate(written_params(version, node))


def written_params(version: UUID, node: str) -> Mapping[str, Json]:
    """The parameters of a node, as its version has them."""
    graph = WorkflowVersion.objects.values_list("graph_json", flat=True).get(pk=version)
    [params] = [each["params"] for each in graph["nodes"] if each["id"] == node]
    return params


Endpoints = dict[str, Sequence[Endpoint | Listening]]
"""By their paths."""


def endpoints_at(paths: set[str]) -> Endpoints:
    """All that listens at these paths."""
    # No address has other characters, and not every database takes them.
    paths = {path for path in paths if path.isascii() and path.isprintable()}
    endpoints: Endpoints = dict(live_endpoints(Kind.HOOK, paths)) if paths else {}
    if tests := {path for path in paths - endpoints.keys() if path.startswith(TEST_PREFIX)}:
        endpoints |= listening_at(tests)
    return endpoints


def endpoint_for(
    request: HookRequest, live: Sequence[Endpoint | Listening]
) -> Endpoint | Listening:
    """Which of those at its path takes the request, by its method. Raises RefusedError."""
    for endpoint in live:
        if endpoint.method == request.method:
            return endpoint
    if live:
        allowed = ", ".join(sorted(endpoint.method for endpoint in live))
        sentence = f"This address takes {allowed}, not {request.method}."
        raise RefusedError(405, "method_not_allowed", sentence, Allow=allowed)
    raise not_listening(request.path)


def live_endpoints(kind: str, paths: set[str]) -> dict[str, list[Endpoint]]:
    """Those of a kind at these paths, which are ASCII."""
    found: dict[str, list[Endpoint]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT endpoint.path, endpoint.id, endpoint.method, endpoint.node_id,
                   version.id, version.workflow_id, version.workspace_id
              FROM webhook_endpoints AS endpoint
              JOIN workflows AS workflow ON workflow.id = endpoint.workflow_id
              JOIN workflow_versions AS version
                ON version.workflow_id = workflow.id AND version.version = workflow.version
             WHERE endpoint.is_live AND endpoint.kind = %s
               AND endpoint.path IN ({", ".join(["%s"] * len(paths))})
            """,  # noqa: S608 - placeholders only
            [kind, *paths],
        )
        for path, id, method, node, *ids in cursor.fetchall():
            version = VersionRef(*map(sql.read_uuid, ids))
            endpoint = Endpoint(sql.read_uuid(id), method, node, version)
            found.setdefault(path, []).append(endpoint)
    return found
