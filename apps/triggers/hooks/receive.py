"""What a request to `/hooks/…` does: find whose it is, make a run, answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.nodes.webhooks.deduplication import delivery_key
from apps.nodes.webhooks.origins import shared_with
from apps.nodes.webhooks.params import WebhookParams
from apps.runs import sql
from apps.runs.create import RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.hooks.answer import HookAnswer, accepted
from apps.triggers.hooks.body import as_object, read_body
from apps.triggers.hooks.deliveries import Delivery, first_runs
from apps.triggers.hooks.door import check_address, check_sender
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.hooks.inbox import kept_request
from apps.triggers.hooks.listen import Heard, Listening, keep_heard, listening_at, not_listening
from apps.triggers.hooks.rates import Rates
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models import WebhookRequest
from apps.triggers.models.hooks import TEST_PREFIX
from apps.versions.models import WorkflowVersion


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that makes a run, and what its sender is to be answered."""

    run: Run
    request: WebhookRequest
    params: WebhookParams
    headers: dict[str, str] = field(default_factory=dict)
    """Of the answer, beside its own."""
    delivery: Delivery | None = None


Outcome = Accepted | HookAnswer | RefusedError
PREFLIGHT_S = 600
"""How long a browser may keep what it was told of whom it may ask."""
_NAMES = re.compile(r"[A-Za-z0-9_, -]{0,1000}")


def receive_all(requests: Sequence[HookRequest]) -> list[Outcome]:
    """For each request the run that it starts, or why it starts none; durable when this returns.

    All runs, and the requests as they came, are inserted in one transaction: hooks that come at the
    same time share the cost of its commit.
    """
    # No address has other characters, and not every database takes them.
    paths = {path for path in (request.path for request in requests) if _is_plain(path)}
    endpoints: Endpoints = dict(_live_endpoints(paths)) if paths else {}
    if tests := {path for path in paths - endpoints.keys() if path.startswith(TEST_PREFIX)}:
        endpoints |= listening_at(tests)
    rates = Rates()
    prepared = [_prepared(request, endpoints, rates) for request in requests]
    taken = [each for each in prepared if isinstance(each, Accepted)]
    heard = [each for each in prepared if isinstance(each, Heard)]
    answers, doubles = {}, {}
    if taken or heard:
        with transaction.atomic():
            doubles = first_runs([each.delivery for each in taken if each.delivery])
            new = [each for each in taken if each.run.pk not in doubles]
            insert_runs([each.run for each in new])
            sql.insert_rows([each.request for each in new])
            answers = {id(each): keep_heard(each) for each in heard}
    return [
        answers[id(each)] if isinstance(each, Heard) else _unless_double(each, doubles)
        for each in prepared
    ]


def _unless_double(outcome: Outcome, doubles: Mapping[UUID, UUID]) -> Outcome:
    """The outcome; of a request that came again the run that it started when it came first."""
    if not isinstance(outcome, Accepted) or outcome.run.pk not in doubles:
        return outcome
    answer = accepted(doubles[outcome.run.pk], duplicate=True)
    return replace(answer, headers=answer.headers | outcome.headers)


def _is_plain(path: str) -> bool:
    return path.isascii() and path.isprintable()


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
    graph = WorkflowVersion.objects.values_list("graph_json", flat=True).get(pk=version)
    [params] = [each["params"] for each in graph["nodes"] if each["id"] == node]
    return WebhookParams.model_validate(params)


Endpoints = dict[str, Sequence[Endpoint | Listening]]


def _live_endpoints(paths: set[str]) -> dict[str, list[Endpoint]]:
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
             WHERE endpoint.is_live AND endpoint.path IN ({", ".join(["%s"] * len(paths))})
            """,  # noqa: S608 - placeholders only
            list(paths),
        )
        for path, id, method, node, *ids in cursor.fetchall():
            version = VersionRef(*map(sql.read_uuid, ids))
            endpoint = Endpoint(sql.read_uuid(id), method, node, version)
            found.setdefault(path, []).append(endpoint)
    return found


def _prepared(request: HookRequest, endpoints: Endpoints, rates: Rates) -> Outcome | Heard:
    live = endpoints.get(request.path, ())
    if allowed := _preflight(request, live):
        return allowed
    try:
        endpoint = _endpoint(request, live)
    except RefusedError as refused:
        return refused
    params = endpoint.params
    shared = shared_with(request.origin, params.cors_origins)
    try:
        check_address(request, params)
        rates.check(endpoint.id, params.rate_per_minute)
        secrets = check_sender(request, params, endpoint.workspace_id)
        item = item_of(secrets.hide_in(request))
    except RefusedError as refused:
        refused.headers |= shared
        return refused
    rates.count(endpoint.id)
    # What tells it from others may be the very header that lets it in.
    key = delivery_key(params.dedup_key, {"json": item["json"] | {"headers": request.headers}})
    item = secrets.hide_in_item(item)
    if isinstance(endpoint, Listening):
        return Heard(endpoint, request, secrets, item, shared)
    run = prepare_run(endpoint.version, RunRequest(Trigger.WEBHOOK, endpoint.node_id, [item]))
    delivery = None
    if key is not None:
        window_s = params.dedup_window_s
        delivery = Delivery(endpoint.id, key, run.pk, run.workspace_id, window_s)
    kept = kept_request(request, secrets, endpoint.id, run.workspace_id, run)
    return Accepted(run, kept, params, shared, delivery)


def _preflight(request: HookRequest, live: Sequence[Endpoint | Listening]) -> HookAnswer | None:
    """What a browser is told that asks whether its page may send; None where it asks nothing, or
    the page may not."""
    if request.method != "OPTIONS":
        return None
    method = request.headers.get("access-control-request-method", "")
    for endpoint in live:
        if endpoint.method == method:
            shared = shared_with(request.origin, endpoint.params.cors_origins)
            names = request.headers.get("access-control-request-headers", "")
            if "access-control-allow-origin" in shared and _NAMES.fullmatch(names):
                more = {
                    "access-control-allow-methods": method,
                    "access-control-allow-headers": names,
                    "access-control-max-age": str(PREFLIGHT_S),
                }
                return HookAnswer(204, headers=shared | more)
    return None


def _endpoint(request: HookRequest, live: Sequence[Endpoint | Listening]) -> Endpoint | Listening:
    for endpoint in live:
        if endpoint.method == request.method:
            return endpoint
    if live:
        allowed = ", ".join(sorted(endpoint.method for endpoint in live))
        sentence = f"This address takes {allowed}, not {request.method}."
        raise RefusedError(405, "method_not_allowed", sentence, Allow=allowed)
    raise not_listening()


def item_of(request: HookRequest) -> dict[str, Any]:
    """What a webhook gives, in stored form. Raises RefusedError where the body cannot be read."""
    body = read_body(
        request.body,
        request.headers.get("content-type", ""),
        request.headers.get("content-encoding", "").strip().lower(),
    )
    given = {
        "headers": request.headers,
        "params": {},
        "query": as_object(request.query),
        "body": body,
        "method": request.method,
        "path": request.path,
    }
    return {"json": given}
