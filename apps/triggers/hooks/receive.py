"""What a request to `/hooks/…` does: find whose it is, make a run, answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.nodes.webhooks.deduplication import delivery_key
from apps.nodes.webhooks.origins import shared_with
from apps.nodes.webhooks.params import WebhookParams
from apps.runs import sql
from apps.runs.create import RunRequest, insert_runs, prepare_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.hooks.addresses import Endpoint, Endpoints, endpoint_for, endpoints_at
from apps.triggers.hooks.answer import HookAnswer, accepted
from apps.triggers.hooks.body import as_object, read_body
from apps.triggers.hooks.deliveries import Delivery, first_runs
from apps.triggers.hooks.door import check_address, check_sender, preflight
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.hooks.inbox import kept_request
from apps.triggers.hooks.listen import Heard, Listening, keep_heard, note_refusal
from apps.triggers.hooks.rates import Rates
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.room import senders
from apps.triggers.models import WebhookRequest


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


def receive_all(requests: Sequence[HookRequest]) -> list[Outcome]:
    """For each request the run that it starts, or why it starts none; durable when this returns.

    All runs, and the requests as they came, are inserted in one transaction: hooks that come at the
    same time share the cost of its commit.
    """
    endpoints = endpoints_at({request.path for request in requests})
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


def _prepared(request: HookRequest, endpoints: Endpoints, rates: Rates) -> Outcome | Heard:
    live = endpoints.get(request.path, ())
    if allowed := preflight(request, live):
        return allowed
    try:
        endpoint = endpoint_for(request, live)
    except RefusedError as refused:
        return _refused(refused, *live[:1])
    params = endpoint.params
    shared = shared_with(request.origin, params.cors_origins)
    try:
        check_address(request, params)
        if params.respond != "at_once":
            senders.check()
        rates.check(endpoint.id, params.rate_per_minute)
        secrets = check_sender(request, params, endpoint.workspace_id)
        item = item_of(secrets.hide_in(request))
    except RefusedError as refused:
        refused.headers |= shared
        return _refused(refused, endpoint)
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


def _refused(refused: RefusedError, *by: Endpoint | Listening) -> RefusedError:
    """The refusal, of which who listens is told."""
    for each in by:
        if isinstance(each, Listening):
            note_refusal(each, refused)
    return refused


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
