"""Whose address it is: what listens at a path, and by which methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal
from uuid import UUID

from django.db import connection

from apps.engine.items import Json
from apps.nodes.webhooks.params import WebhookParams
from apps.nodes.webhooks.paths import has_names, patterns_for
from apps.runs import sql
from apps.runs.create import VersionRef
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.listen import Listening, listening_at, not_listening
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models.hooks import TEST_PREFIX, WebhookEndpoint
from apps.versions.models import WorkflowVersion

Kind = WebhookEndpoint.Kind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A live address, and the published version that it starts."""

    id: UUID
    path: str
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


Parts = tuple[str, ...]
Endpoints = dict[Parts, Sequence[Endpoint | Listening]]
"""By the parts of the paths that were asked for."""


def endpoints_at(asked: set[Parts]) -> Endpoints:
    """All that listens at these paths: at exactly this one, else for a test, else at the pattern
    that it fits best."""
    endpoints = _exactly_at(asked)
    for find in (_testing_at, _fitting):
        if left := asked - endpoints.keys():
            endpoints |= find(left)
    return endpoints


def _exactly_at(asked: set[Parts]) -> Endpoints:
    paths = {parts: "/".join(parts) for parts in asked}
    # No exact address has other characters, and not every database takes them.
    known = {
        path
        for path in paths.values()
        if path.isascii() and path.isprintable() and not has_names(path)
    }
    live = live_endpoints(Kind.HOOK, known)
    return {parts: live[path] for parts, path in paths.items() if path in live}


def _testing_at(asked: set[Parts]) -> Endpoints:
    paths = {parts[0] for parts in asked if parts and parts[0].startswith(TEST_PREFIX)}
    tests = listening_at({path for path in paths if path.isascii() and path.isprintable()})
    found = {parts: tests[parts[0]] for parts in asked if parts and parts[0] in tests}
    return {parts: live for parts, live in found.items() if live[0].is_meant(parts)}


def _fitting(asked: set[Parts]) -> Endpoints:
    patterns = {parts: list(patterns_for(parts)) for parts in asked}
    live = live_endpoints(Kind.HOOK, set(chain(*patterns.values())), "pattern")
    found: Endpoints = {}
    for parts, fitting in patterns.items():
        if best := next((each for each in fitting if each in live), None):
            found[parts] = live[best]
    return found


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


def live_endpoints(
    kind: str, paths: set[str], column: Literal["path", "pattern"] = "path"
) -> dict[str, list[Endpoint]]:
    """Those of a kind at these paths or patterns, which are ASCII."""
    found: dict[str, list[Endpoint]] = {}
    if not paths:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT endpoint.{column}, endpoint.id, endpoint.path, endpoint.method,
                   endpoint.node_id,
                   version.id, version.workflow_id, version.workspace_id
              FROM webhook_endpoints AS endpoint
              JOIN workflows AS workflow ON workflow.id = endpoint.workflow_id
              JOIN workflow_versions AS version
                ON version.workflow_id = workflow.id AND version.version = workflow.version
             WHERE endpoint.is_live AND endpoint.kind = %s
               AND endpoint.{column} IN ({", ".join(["%s"] * len(paths))})
            """,  # noqa: S608 - one of two columns, and placeholders
            [kind, *paths],
        )
        for asked, id, path, method, node, *ids in cursor.fetchall():
            version = VersionRef(*map(sql.read_uuid, ids))
            endpoint = Endpoint(sql.read_uuid(id), path, method, node, version)
            found.setdefault(asked, []).append(endpoint)
    return found
