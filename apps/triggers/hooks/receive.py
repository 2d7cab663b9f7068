"""What a request to `/hooks/…` does: find whose it is, make a run, answer."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from apps.engine.items import Json
from apps.nodes.webhooks.deduplication import delivery_key
from apps.nodes.webhooks.params import WebhookParams
from apps.nodes.webhooks.paths import values_in
from apps.runs import sql
from apps.runs.create import NewRun, RunRequest, insert_runs, prepare_run
from apps.runs.files import own_files
from apps.runs.room import require_room
from apps.runs.states import Trigger
from apps.triggers.bodies.read import as_object, read_body
from apps.triggers.bodies.uploads import Content
from apps.triggers.errors import RefusedError, no_room
from apps.triggers.hooks import known
from apps.triggers.hooks.addresses import Endpoints, endpoints_at
from apps.triggers.hooks.answer import HookAnswer, accepted
from apps.triggers.hooks.deliveries import Delivery, first_runs
from apps.triggers.hooks.door import preflight
from apps.triggers.hooks.entry import ReadRequest, entered
from apps.triggers.hooks.inbox import row_of
from apps.triggers.hooks.listen import Heard, Listening, keep_heard
from apps.triggers.hooks.rates import Rates
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models import WebhookRequest
from apps.workspaces.errors import NoRoomError

REPLAYED = {"idempotent-replayed": "true"}
"""Tells a sender that it is given the answer to a request that came before."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that is taken, the run that it makes, and what its sender is to be answered."""

    run: NewRun
    request: dict[str, Any]
    """Its row in the inbox."""
    params: WebhookParams
    headers: dict[str, str] = field(default_factory=dict)
    """Of the answer, beside its own."""
    delivery: Delivery | None = None
    files: Sequence[Json] = ()
    """Its items, where they bear files."""
    answered_by: UUID | None = None
    """The run whose answer it is given; not its own where the request came before."""


Outcome = Accepted | HookAnswer | RefusedError


class _ChangedError(Exception):
    """What was known of addresses is not so any more, or perhaps not."""


def receive_all(requests: Sequence[HookRequest]) -> list[Outcome]:
    """For each request the run that it starts, or why it starts none; durable when this returns.

    All runs, and the requests as they came, are inserted in one transaction: hooks that come at the
    same time share the cost of its commit. What is known of their addresses from the last time is
    believed only if it proves true as they are inserted.
    """
    asked = {request.parts for request in requests}
    if recalled := known.recall(asked):
        try:
            return _received(requests, {**recalled}, known.still_so(recalled))
        except (_ChangedError, ObjectDoesNotExist, IntegrityError):
            # The workflow itself may be gone.
            known.forget(recalled)
    endpoints = endpoints_at(asked)
    outcomes = _received(requests, endpoints, sql.ALWAYS)
    known.remember(endpoints)
    return outcomes


def _received(
    requests: Sequence[HookRequest], endpoints: Endpoints, provided: sql.Condition
) -> list[Outcome]:
    """Raises _ChangedError, with nothing stored, where the condition does not hold, or where a
    request is refused under a condition: it might not be by what is so now."""
    rates = Rates()
    prepared = [_prepared(request, endpoints, rates) for request in requests]
    taken = [each for each in prepared if isinstance(each, Accepted)]
    if provided.expression and len(taken) < len(prepared):
        raise _ChangedError
    heard = [each for each in prepared if isinstance(each, Heard)]
    deliveries = [each.delivery for each in taken if each.delivery]
    # Most hooks are no more than a run and its request, which are one statement.
    is_more = heard or deliveries or any(each.files for each in taken)
    with transaction.atomic() if is_more else nullcontext():
        doubles = first_runs(deliveries)
        new = [each for each in taken if each.run.id not in doubles]
        if provided.expression and not new:
            raise _ChangedError  # nothing is inserted that would prove it
        requests_of_new = sql.Insert(WebhookRequest, [each.request for each in new])
        if not insert_runs([each.run for each in new], requests_of_new, provided=provided):
            raise _ChangedError
        for each in new:
            if each.files:
                own_files(each.run, each.files)
        answers = {id(each): keep_heard(each) for each in heard}
    return [
        answers[id(each)] if isinstance(each, Heard) else _unless_double(each, doubles)
        for each in prepared
    ]


def _unless_double(outcome: Outcome, doubles: Mapping[UUID, UUID]) -> Outcome:
    """The outcome; of a request that came again what the run says that it started at first."""
    if not isinstance(outcome, Accepted) or outcome.run.id not in doubles:
        return outcome
    first = doubles[outcome.run.id]
    if outcome.params.respond == "at_once":
        answer = accepted(first, duplicate=True)
        return replace(answer, headers=answer.headers | outcome.headers)
    return replace(outcome, answered_by=first, headers=outcome.headers | REPLAYED)


def _prepared(request: HookRequest, endpoints: Endpoints, rates: Rates) -> Outcome | Heard:
    live = endpoints.get(request.parts, ())
    if allowed := preflight(request, live):
        return allowed
    try:
        with entered(request, endpoints, rates, request.body) as entry:
            shown = entry.secrets.hide_in(request)
            values = values_in(entry.endpoint.path, shown.parts)
            item = item_of(shown, values, _content(request))
    except RefusedError as refused:
        return refused
    endpoint, secrets, shared = entry.endpoint, entry.secrets, entry.shared
    params = endpoint.params
    rates.count(endpoint.id)
    # What tells it from others may be the very header that lets it in.
    key = delivery_key(params.dedup_key, {"json": item["json"] | {"headers": request.headers}})
    item = secrets.hide_in_item(item)
    try:
        if isinstance(endpoint, Listening):
            if endpoint.version is not None:
                require_room(endpoint.workflow_id)
            return Heard(endpoint, request, secrets, item, shared)
        run = prepare_run(endpoint.version, RunRequest(Trigger.WEBHOOK, endpoint.node_id, [item]))
    except NoRoomError:
        return no_room()
    delivery = None
    if key is not None:
        window_s = params.dedup_window_s
        waits = params.respond != "at_once"
        delivery = Delivery(endpoint.id, key, run.id, run.workspace_id, window_s, waits)
    kept = row_of(request, secrets, endpoint.id, endpoint.path, run.workspace_id, run.id)
    return Accepted(run, kept, params, shared, delivery, [item] if "binary" in item else ())


def _content(request: HookRequest) -> Content:
    """What the body holds, in memory or read ahead. Raises RefusedError where it cannot be read."""
    if isinstance(request, ReadRequest):
        return request.content
    try:
        body = read_body(request.body, request.headers.get("content-type", ""))
    except UnicodeDecodeError as error:
        sentence = f"The body is not in its encoding: byte {error.start} cannot be read."
        raise RefusedError(400, "not_in_encoding", sentence) from None
    return Content(body, {})


def item_of(request: HookRequest, values: Mapping[str, str], content: Content) -> dict[str, Json]:
    """What a webhook gives, in stored form; `values` are those of the names of its path."""
    item: dict[str, Json] = {
        "json": {
            "headers": request.headers,
            "params": dict(values),
            "query": as_object(request.query),
            "body": content.body,
            "method": request.method,
            "path": request.path,
        }
    }
    return item | {"binary": content.files} if content.files else item
