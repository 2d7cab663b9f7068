"""Who comes in: a request at its address, let in or refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apps.nodes.webhooks.origins import shared_with
from apps.nodes.webhooks.signatures import Pieces
from apps.triggers.bodies.uploads import Content
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.addresses import Endpoint, Endpoints, endpoint_for
from apps.triggers.hooks.door import check_address, check_sender
from apps.triggers.hooks.listen import Listening, note_refusal
from apps.triggers.hooks.rates import Rates
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.secrets import Secrets
from apps.triggers.hooks.senders import senders


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that is let in: where, what of it nobody may see, and headers of its answer."""

    endpoint: Endpoint | Listening
    secrets: Secrets
    shared: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest(HookRequest):
    """A request whose body was read ahead, once it was let in; the body itself is kept where it is
    small."""

    entry: Entry
    content: Content
    body_size: int

    @property
    def size(self) -> int:
        return self.body_size


@contextmanager
def entered(
    request: HookRequest, endpoints: Endpoints, rates: Rates, body: bytes | Pieces | None
) -> Iterator[Entry]:
    """Let a request in. A `body` of None is still to come: what is signed by it is not yet known.

    Raises RefusedError; so may what is done within, which who listens is told as well.
    """
    live = endpoints.get(request.parts, ())
    try:
        endpoint = endpoint_for(request, live)
    except RefusedError as refused:
        _told_by(refused, *live[:1])
        raise
    params = endpoint.params
    shared = shared_with(request.origin, params.cors_origins)
    try:
        check_address(request, params)
        if params.respond != "at_once":
            senders.check()
        rates.check(endpoint.id, params.rate_per_minute)
        if isinstance(request, ReadRequest):
            secrets = _known(request, endpoint)
        else:
            secrets = check_sender(request, params, endpoint.workspace_id, body)
        yield Entry(endpoint, secrets, shared)
    except RefusedError as refused:
        refused.headers |= shared
        _told_by(refused, endpoint)
        raise


def _known(request: ReadRequest, endpoint: Endpoint | Listening) -> Secrets:
    """The secrets of a request that was let in before, if nothing has changed since: its files were
    stored for the workspace whose address it was."""
    before = request.entry.endpoint
    if (before.id, before.params) != (endpoint.id, endpoint.params):
        sentence = "The hook was changed while the body was read; send it again."
        raise RefusedError(503, "hook_changed", sentence, **{"Retry-After": "1"})
    return request.entry.secrets


def _told_by(refused: RefusedError, *by: Endpoint | Listening) -> None:
    for each in by:
        if isinstance(each, Endpoint):
            refused.endpoint = each.id
    tell_listeners(refused, *by)


def tell_listeners(refused: RefusedError, *by: Endpoint | Listening) -> None:
    """Tell those of them who listen for a test why a request was not let in."""
    for each in by:
        if isinstance(each, Listening):
            note_refusal(each, refused)
